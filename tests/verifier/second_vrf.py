"""VRF proofs (section 6), on libsodium's points."""

from collections.abc import Iterator
from hashlib import sha512

import nacl.bindings as sodium
from nacl.exceptions import CryptoError
from second_basics import Bad


def vrf(public: bytes, alpha: bytes, proof: bytes) -> bytes:
    """RFC 9381's verification for ECVRF-EDWARDS25519-SHA512-TAI, on libsodium's points."""
    gamma, c, scalar = proof[:32], proof[32:48] + bytes(16), proof[48:]
    if sodium.crypto_core_ed25519_scalar_reduce(scalar + bytes(32)) != scalar:
        raise Bad("scalar")
    try:
        _eight(public)
        h = next(_points(public, alpha))
        u = _minus(_times_base(scalar), _times(c, public))
        v = _minus(_times(scalar, h), _times(c, gamma))
        challenge = sha512(b"\3\2" + public + h + gamma + u + v + b"\0").digest()[:16]
        if challenge != proof[32:48]:
            raise Bad("challenge")
        return sha512(b"\3\3" + _eight(gamma) + b"\0").digest()
    except (CryptoError, ValueError):
        raise Bad("points") from None


def _points(public: bytes, alpha: bytes) -> Iterator[bytes]:
    for counter in range(256):
        candidate = sha512(b"\3\1" + public + alpha + bytes([counter, 0])).digest()[:32]
        try:
            yield _eight(candidate)
        except CryptoError:
            continue


def _eight(point: bytes) -> bytes:
    for _ in range(3):
        point = sodium.crypto_core_ed25519_add(point, point)
    if point == b"\1" + bytes(31):
        raise ValueError("small order")
    return point


def _times(scalar: bytes, point: bytes) -> bytes:
    return sodium.crypto_scalarmult_ed25519_noclamp(scalar, point)


def _times_base(scalar: bytes) -> bytes:
    return sodium.crypto_scalarmult_ed25519_base_noclamp(scalar)


def _minus(left: bytes, right: bytes) -> bytes:
    return sodium.crypto_core_ed25519_sub(left, right)
