"""What opens personal data."""

from typing import Protocol

from dialer.evidence.vrf import VrfProof


class PayloadKeys(Protocol):
    """What writing a leaf needs: salts, and the subject's key where the payload is personal."""

    def random_bytes(self, size: int) -> bytes:
        """`size` bytes from the system's generator: tokens, salts, ids."""
        ...

    def encrypt(self, wrapped_key: bytes, sid: str, purpose: str, plaintext: bytes) -> bytes:
        """AES-256-GCM under the subject's key; `purpose` and `sid` are bound to the ciphertext."""
        ...


class Keyring(PayloadKeys, Protocol):
    """Keys of the dialer's process: hashes of numbers, subject keys, sealing to the gate. Pure computation, no I/O."""

    key_version: int

    def number_hmac(self, organisation_id: str, number: str) -> bytes:
        """Keyed hash of an E.164 number within one organisation (consent, DNC)."""
        ...

    def platform_hmac(self, number: str) -> bytes:
        """Keyed hash of an E.164 number over all organisations (frequency, concurrency, platform-wide DNC)."""
        ...

    def new_subject_key(self, sid: str) -> bytes:
        """A fresh key for one subject, wrapped under the master key and bound to `sid`."""
        ...

    def decrypt(self, wrapped_key: bytes, sid: str, purpose: str, ciphertext: bytes) -> bytes:
        """The plaintext.

        Raises:
            SealBroken: another key, subject or purpose, or altered bytes.
        """
        ...

    def seal_to_gate(self, plaintext: bytes) -> bytes:
        """Sealed box to the gate's public key: the dialer itself can't open it again."""
        ...

    def dnc_place(self, scope: str, number: str) -> bytes:
        """The place of a number in the DNC tree: the output of a verifiable random function (decision 16)."""
        ...

    def dnc_proof(self, scope: str, number: str) -> VrfProof:
        """The proof that a number has that place and no other under this key."""
        ...
