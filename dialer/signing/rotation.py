"""Handing a key over, in steps that a crash can't tear: next key written, leaf committed, trust written, key moved.

A rotation is signed by the old key and by the new one. A key that was lost or stolen is ended instead: the new trust file
says to which size the old one is believed, and has to reach auditors by another way than a bundle.
"""

import base64
import os
from dataclasses import dataclass, replace
from pathlib import Path

from nacl.signing import SigningKey

from dialer.domain.errors import InstallationError
from dialer.evidence.trust import KeyUse, Rotation, Trust, TrustedKey, sign_rotation
from dialer.signing.keys import KeyFiles, read_secret, trust_of, write_secret


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the key of one use lies."""

    use: KeyUse
    private: Path
    public: Path

    @property
    def next(self) -> Path:
        """The key that is about to take over."""
        return self.private.with_suffix(".next")


def slot_of(files: KeyFiles, use: KeyUse) -> Slot:
    """The files of a signing key.

    Raises:
        InstallationError: a VRF key, which places refusals: it is neither signed over nor exchanged.
    """
    match use:
        case KeyUse.LOG:
            return Slot(use, files.log_private, files.log_public)
        case KeyUse.WITNESS:
            return Slot(use, files.witness_private, files.witness_public)
        case KeyUse.BUNDLE:
            return Slot(use, files.bundle_private, files.bundle_public)
        case KeyUse.VRF:
            raise InstallationError("the key of the DNC tree does not sign and is not rotated")


def in_use(trust: Trust, use: KeyUse) -> TrustedKey:
    """The key of a use that signs now.

    Raises:
        InstallationError: there is none, or more than one.
    """
    found = [key for key in trust.of(use) if key.to_size is None]
    if len(found) != 1:
        raise InstallationError(f"{len(found)} keys are in use as {use}, there must be one")
    return found[0]


def make_next(slot: Slot) -> SigningKey:
    """The next key, durably on disk before anything names it; one that was left by a crash is taken again."""
    if not slot.next.exists():
        write_secret(slot.next, base64.b64encode(bytes(SigningKey.generate())))
        if os.geteuid() == 0:
            # run by root, the key is still its process's own: whoever owns the folder
            owner = slot.private.parent.stat()
            os.chown(slot.next, owner.st_uid, owner.st_gid)
    return SigningKey(read_secret(slot.next))


def hand_over(files: KeyFiles, origin: str, use: KeyUse, from_size: int) -> Rotation:
    """The rotation from the key in use to the next one, from a size on; nothing is in force yet."""
    slot = slot_of(files, use)
    old, new = SigningKey(read_secret(slot.private)), make_next(slot)
    return sign_rotation(
        origin,
        in_use(trust_of(files, origin), use),
        bytes(new.verify_key),
        from_size,
        lambda message: old.sign(message).signature,
        lambda message: new.sign(message).signature,
    )


def ended(trust: Trust, use: KeyUse, new_public: bytes, at_size: int) -> Trust:
    """The trust in which the key in use is believed up to a size only, and a new one from there on, without its word."""
    lost = in_use(trust, use)
    keys = tuple(
        replace(key, to_size=max(at_size, key.from_size)) if key == lost else key for key in trust.keys
    )
    return replace(trust, keys=(*keys, TrustedKey(use, lost.name, new_public, at_size, None)))


def put_in_force(files: KeyFiles, use: KeyUse, trust: Trust) -> None:
    """Write the trust file, then move the next key into its place; safe to repeat after a crash."""
    slot = slot_of(files, use)
    _replace(files.trust, trust.to_bytes(), 0o644)
    finish(slot, trust)


def finish(slot: Slot, trust: Trust) -> bool:
    """Move a next key that the trust file already names; False: there is none. The old private key is gone afterwards."""
    if not slot.next.exists():
        return False
    fresh = SigningKey(read_secret(slot.next))
    if in_use(trust, slot.use).public != bytes(fresh.verify_key):
        return False
    _replace(slot.public, base64.b64encode(bytes(fresh.verify_key)), 0o644)
    slot.next.replace(slot.private)
    return True


def _replace(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
