"""Re-reads a sealed recording chunk by chunk, by its own reading of the format: what fsck compares with the log.

It shares nothing with what wrote the file (`stream.py`), and holds one chunk in memory at a time.
"""

import hashlib
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dialer.domain.errors import VaultUnavailable
from dialer.services.store_audit import MeasuredAudio
from dialer.vault.objects import Objects


def measure(objects: Objects, path: str, key: bytes | None) -> MeasuredAudio | None:
    """Hashes of a stored object and, with its key, of the FLAC inside; None: it can't be read or lies outside the vault."""
    try:
        return measure_pieces(objects.pieces(path), key)
    except VaultUnavailable:
        return None


def measure_pieces(pieces: Iterator[bytes], key: bytes | None) -> MeasuredAudio:
    """The same of a file that comes in pieces of 64 KiB and a tag each; the last one may be shorter."""
    ciphertext, flac = hashlib.sha256(), hashlib.sha256()
    size, place = 0, 0
    opens = key is not None
    piece = next(pieces, b"")
    while piece:
        following = next(pieces, b"")
        ciphertext.update(piece)
        size += len(piece)
        if opens and key is not None:
            nonce = bytes(7) + place.to_bytes(4, "big") + (b"\x00" if following else b"\x01")
            try:
                flac.update(AESGCM(key).decrypt(nonce, piece, None))
            except (InvalidTag, ValueError):
                opens = False
        place += 1
        piece = following
    return MeasuredAudio(
        ct_sha256=ciphertext.hexdigest(),
        ct_bytes=size,
        flac_sha256=flac.hexdigest() if opens and size else None,
    )


class SweptVault:
    """`services.vault_sweep.Stored` on the vault's objects."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def fault_of(self, path: str, size_bytes: int) -> str | None:
        """What is wrong as far as can be seen without reading it."""
        fault = self._objects.fault(path, size_bytes)
        return None if fault is None else str(fault)

    def sha256_of(self, path: str) -> str | None:
        """The hash of what lies there, a piece in memory at a time."""
        found = measure(self._objects, path, None)
        return None if found is None else found.ct_sha256
