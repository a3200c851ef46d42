"""Re-reads a sealed recording chunk by chunk, by its own reading of the format: what fsck compares with the log.

It shares nothing with what wrote the file (`stream.py`), and holds one chunk in memory at a time.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dialer.services.store_audit import MeasuredAudio

_PIECE_BYTES: Final = 65_536 + 16


def measure_file(root: Path, path: str, key: bytes | None) -> MeasuredAudio | None:
    """Hashes of a stored file and, with its key, of the FLAC inside; None: it can't be read or lies outside the vault."""
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()):
        return None
    try:
        with file.open("rb") as opened:
            return measure_pieces(iter(lambda: opened.read(_PIECE_BYTES), b""), key)
    except OSError:
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
