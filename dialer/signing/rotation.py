"""Handing a key over, in steps that a crash can't tear: next key written, leaf committed, trust written, key moved.

A rotation is signed by the old key and by the new one. A key that was lost or stolen is ended instead: the new trust file
says to which size the old one is believed, and has to reach auditors by another way than a bundle.
"""

import base64
import os
from dataclasses import replace
from pathlib import Path

from dialer.domain.errors import InstallationError
from dialer.evidence.trust import KeyUse, Rotation, Trust, TrustedKey, sign_rotation
from dialer.signing.keys import KeyFiles
from dialer.signing.places import KeyPlace, slot_of


def in_use(trust: Trust, use: KeyUse) -> TrustedKey:
    """The key of a use that signs now.

    Raises:
        InstallationError: there is none, or more than one.
    """
    found = [key for key in trust.of(use) if key.to_size is None]
    if len(found) != 1:
        raise InstallationError(f"{len(found)} keys are in use as {use}, there must be one")
    return found[0]


def hand_over(place: KeyPlace, trust: Trust, use: KeyUse, from_size: int) -> Rotation:
    """The rotation from the key in use to the next one, from a size on; nothing is in force yet."""
    old, new = place.current(use), place.make_next(use)
    return sign_rotation(trust.log, in_use(trust, use), new.public, from_size, old.sign, new.sign)


def ended(trust: Trust, use: KeyUse, new_public: bytes, at_size: int) -> Trust:
    """The trust in which the key in use is believed up to a size only, and a new one from there on, without its word."""
    lost = in_use(trust, use)
    keys = tuple(
        replace(key, to_size=max(at_size, key.from_size)) if key == lost else key for key in trust.keys
    )
    return replace(trust, keys=(*keys, TrustedKey(use, lost.name, new_public, at_size, None)))


def put_in_force(files: KeyFiles, place: KeyPlace, use: KeyUse, trust: Trust) -> None:
    """Write the trust file, then move the next key into its place; safe to repeat after a crash."""
    _replace(files.trust, trust.to_bytes(), 0o644)
    finish(files, place, use, trust)


def finish(files: KeyFiles, place: KeyPlace, use: KeyUse, trust: Trust) -> bool:
    """Move a next key that the trust file already names; False: there is none. The old private key is gone afterwards."""
    fresh = place.next(use)
    if fresh is None or in_use(trust, use).public != fresh.public:
        return False
    _replace(slot_of(files, use).public, base64.b64encode(fresh.public), 0o644)
    place.promote(use)
    return True


def _replace(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
