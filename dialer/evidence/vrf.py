"""Making VRF proofs: the secret side of `ecvrf.py`, on libsodium's constant-time point and scalar functions."""

from dataclasses import dataclass, field
from hashlib import sha512

from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import RuntimeError as SodiumError

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.ecvrf import SUITE, challenge_of, curve_candidates


@dataclass(frozen=True, slots=True)
class VrfKey:
    """A VRF key from its 32-byte seed (an Ed25519 secret key of RFC 8032). Prints without secrets.

    Use a seed of its own: never one that also signs.
    """

    public: bytes
    _scalar: bytes = field(repr=False)
    _nonce_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class VrfProof:
    """The output (64 bytes) and the proof of it (80 bytes)."""

    output: bytes
    proof: bytes


def vrf_key(seed: bytes) -> VrfKey:
    """The key of a seed.

    Raises:
        EvidenceFormatError: the seed is not 32 bytes.
    """
    if len(seed) != 32:
        raise EvidenceFormatError("a VRF seed is 32 bytes")
    digest = sha512(seed).digest()
    scalar = bytearray(digest[:32])
    scalar[0] &= 248
    scalar[31] &= 127
    scalar[31] |= 64
    public, _ = crypto_sign_seed_keypair(seed)
    return VrfKey(public, bytes(scalar), digest[32:])


def prove(key: VrfKey, alpha: bytes) -> VrfProof:
    """The output of `alpha` under `key` and its proof (RFC 9381 section 5.1). The same input gives the same bytes."""
    hashed = _point_of(key.public, alpha)
    gamma = crypto_scalarmult_ed25519_noclamp(key._scalar, hashed)
    nonce = crypto_core_ed25519_scalar_reduce(sha512(key._nonce_key + hashed).digest())
    u = crypto_scalarmult_ed25519_base_noclamp(nonce)
    v = crypto_scalarmult_ed25519_noclamp(nonce, hashed)
    challenge = challenge_of(key.public, hashed, gamma, u, v)
    product = crypto_core_ed25519_scalar_mul(challenge + bytes(16), key._scalar)
    scalar = crypto_core_ed25519_scalar_add(nonce, product)
    output = sha512(SUITE + b"\x03" + _times_eight(gamma) + b"\x00").digest()
    return VrfProof(output, gamma + challenge + scalar)


def _point_of(public: bytes, alpha: bytes) -> bytes:
    neutral = b"\x01" + bytes(31)
    for candidate in curve_candidates(public, alpha):
        try:
            cleared = _times_eight(candidate)
        except SodiumError:
            continue
        if cleared != neutral:
            return cleared
    raise EvidenceFormatError("alpha hashes to no point")


def _times_eight(point: bytes) -> bytes:
    # Three doublings: the scalar multiplication refuses points outside the prime subgroup, and this is what leads in.
    for _ in range(3):
        point = crypto_core_ed25519_add(point, point)
    return point
