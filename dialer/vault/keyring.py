"""The dialer's keys in use: hashes of numbers, one key a subject, sealing to the gate.

A bare hash of a number is never stored (all mobiles of a country fall in under an hour): every hash is an HMAC under the
pepper, which never lies in one backup with the database. Erasing a subject is destroying its wrapped key.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.public import PublicKey, SealedBox

from dialer.domain.errors import SealBroken
from dialer.evidence.dnc_tree import place_of
from dialer.evidence.vrf import VrfKey, vrf_key
from dialer.ports.keys import PlacedUnder

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


def _open(key: bytes, ciphertext: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], bound)
    except (InvalidTag, ValueError) as broken:
        raise SealBroken("ciphertext does not open") from broken


def _close(key: bytes, plaintext: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, bound)


@dataclass(frozen=True, slots=True)
class PastDncKey:
    """A VRF key that placed entries from a tree size on, until the next one did. `seed`: None where it is lost."""

    from_size: int
    public: bytes
    seed: bytes | None


@dataclass(frozen=True, slots=True)
class _DncKey:
    from_size: int
    public: bytes
    vrf: VrfKey | None


class FileKeyring:
    """Implements `ports.Keyring` on keys read from files. `dnc_since`: the tree size from which `vrf_seed` places entries."""

    def __init__(
        self,
        *,
        master_key: bytes,
        pepper: bytes,
        gate_public_key: bytes,
        vrf_seed: bytes,
        dnc_since: int = 0,
        dnc_past: tuple[PastDncKey, ...] = (),
        key_version: int = 1,
    ) -> None:
        if len(master_key) != KEY_BYTES or len(pepper) != KEY_BYTES:
            raise ValueError(f"keys are {KEY_BYTES} bytes")
        self.key_version = key_version
        self._master_key = master_key
        self._pepper = pepper
        current = vrf_key(vrf_seed)
        past = tuple(
            _DncKey(key.from_size, key.public, None if key.seed is None else vrf_key(key.seed))
            for key in dnc_past
        )
        self._dnc_keys = (*past, _DncKey(dnc_since, current.public, current))
        ends = [key.from_size for key in self._dnc_keys[1:]]
        lost = [end for key, end in zip(past, ends, strict=True) if key.vrf is None]
        self.dnc_lost_until = max(lost, default=0)
        self._gate = SealedBox(PublicKey(gate_public_key))

    def number_hmac(self, organisation_id: str, number: str) -> bytes:
        return self._hash("org", organisation_id, number)

    def platform_hmac(self, number: str) -> bytes:
        return self._hash("platform", "", number)

    def new_subject_key(self, sid: str) -> bytes:
        return _close(self._master_key, secrets.token_bytes(KEY_BYTES), f"subject:{sid}".encode())

    def encrypt(self, wrapped_key: bytes, sid: str, purpose: str, plaintext: bytes) -> bytes:
        return _close(self._unwrap(wrapped_key, sid), plaintext, f"{purpose}:{sid}".encode())

    def decrypt(self, wrapped_key: bytes, sid: str, purpose: str, ciphertext: bytes) -> bytes:
        return _open(self._unwrap(wrapped_key, sid), ciphertext, f"{purpose}:{sid}".encode())

    def seal_to_gate(self, plaintext: bytes) -> bytes:
        return self._gate.encrypt(plaintext)

    def random_bytes(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def dnc_place(self, scope: str, number: str, seq: int) -> bytes:
        key = max(
            (key for key in self._dnc_keys if key.from_size <= seq),
            key=lambda key: key.from_size,
            default=None,
        )
        if key is None or key.vrf is None:
            raise SealBroken("the VRF key of that time is lost")
        return place_of(key.vrf, scope, number)[0]

    def dnc_places(self, scope: str, number: str) -> tuple[PlacedUnder, ...]:
        found = []
        for key in self._dnc_keys:
            if key.vrf is not None:
                place, made = place_of(key.vrf, scope, number)
                found.append(PlacedUnder(key.public, place, made.proof))
        return tuple(found)

    def _unwrap(self, wrapped_key: bytes, sid: str) -> bytes:
        return _open(self._master_key, wrapped_key, f"subject:{sid}".encode())

    def _hash(self, scope: str, owner: str, number: str) -> bytes:
        return hmac.new(self._pepper, f"{scope}\x00{owner}\x00{number}".encode(), hashlib.sha256).digest()


class NoSubjectKeys:
    """`ports.PayloadKeys` of a process that has no subject keys: its leaves say nothing personal."""

    def random_bytes(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def encrypt(self, wrapped_key: bytes, sid: str, purpose: str, plaintext: bytes) -> bytes:
        raise SealBroken("this process has no subject keys")
