"""The dialer's keys in use: hashes of numbers, one key a subject, sealing to the gate.

A bare hash of a number is never stored (all mobiles of a country fall in under an hour): every hash is an HMAC under the
pepper, which never lies in one backup with the database. Erasing a subject is destroying its wrapped key.
"""

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.public import PublicKey, SealedBox

from dialer.domain.errors import SealBroken
from dialer.evidence.dnc_tree import place_of
from dialer.evidence.vrf import VrfProof, vrf_key

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


class FileKeyring:
    """Implements `ports.Keyring` on keys read from files."""

    def __init__(
        self,
        *,
        master_key: bytes,
        pepper: bytes,
        gate_public_key: bytes,
        vrf_seed: bytes,
        key_version: int = 1,
    ) -> None:
        if len(master_key) != KEY_BYTES or len(pepper) != KEY_BYTES:
            raise ValueError(f"keys are {KEY_BYTES} bytes")
        self.key_version = key_version
        self._master_key = master_key
        self._pepper = pepper
        self._vrf = vrf_key(vrf_seed)
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

    def dnc_place(self, scope: str, number: str) -> bytes:
        return place_of(self._vrf, scope, number)[0]

    def dnc_proof(self, scope: str, number: str) -> VrfProof:
        """The proof that a number has that place and no other under this key."""
        return place_of(self._vrf, scope, number)[1]

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
