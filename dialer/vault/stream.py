"""The STREAM construction with AES-256-GCM: files of any length in authenticated chunks of 64 KiB.

    nonce of chunk i = 7 bytes prefix ‖ 4 bytes i (big-endian) ‖ 1 byte: 1 for the last chunk, else 0

Prefix zero: a key encrypts one file only. Reordering, dropping, doubling or cutting chunks doesn't open.
(Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015.)
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dialer.domain.errors import SealBroken

CHUNK_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16
_PREFIX: Final = bytes(7)


def _nonce(index: int, is_last: bool) -> bytes:
    return _PREFIX + index.to_bytes(4, "big") + (b"\x01" if is_last else b"\x00")


def close_stream(key: bytes, plaintext: bytes) -> bytes:
    """Ciphertext of `plaintext` under `key`, which must be fresh."""
    cipher = AESGCM(key)
    chunks = max(1, -(-len(plaintext) // CHUNK_BYTES))
    return b"".join(
        cipher.encrypt(_nonce(i, i == chunks - 1), plaintext[i * CHUNK_BYTES : (i + 1) * CHUNK_BYTES], None)
        for i in range(chunks)
    )


def open_stream(key: bytes, ciphertext: bytes) -> bytes:
    """The plaintext.

    Raises:
        SealBroken: a byte differs, or a chunk is missing, moved or added.
    """
    cipher = AESGCM(key)
    step = CHUNK_BYTES + TAG_BYTES
    chunks = max(1, -(-len(ciphertext) // step))
    try:
        return b"".join(
            cipher.decrypt(_nonce(i, i == chunks - 1), ciphertext[i * step : (i + 1) * step], None)
            for i in range(chunks)
        )
    except InvalidTag as broken:
        raise SealBroken("a recording's ciphertext does not open") from broken
