"""What opens personal data."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PlacedUnder:
    """Where one VRF key puts a number: the key's public half, the place (32 bytes), the proof that it is no other (80)."""

    public: bytes
    place: bytes
    proof: bytes


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
    dnc_lost_until: int
    """What was entered by leaves below it may stand under a VRF key that is lost, so nobody can find it; 0: none is."""

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

    def dnc_place(self, scope: str, number: str, seq: int) -> bytes:
        """Where leaf `seq` enters a number in the DNC tree: by the VRF key of that time (decision 16).

        Raises:
            SealBroken: that key is lost.
        """
        ...

    def dnc_places(self, scope: str, number: str) -> tuple[PlacedUnder, ...]:
        """Every place where a number may stand, oldest key first; keys that are lost are left out."""
        ...
