"""Where private signing keys live: files by default, a PKCS#11 token, or a place that a plug-in brings.

Nobody outside a place ever holds a private key: a holder signs and says its public half. A plug-in is an entry point of the
group `dialer.key_places`: a function of (`PlaceSettings`, `KeyFiles`) that gives a `KeyPlace`.
"""

import base64
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol

from nacl.signing import SigningKey

from dialer.domain.errors import InstallationError
from dialer.evidence.trust import KeyUse
from dialer.evidence.vrf import prove, vrf_key
from dialer.signing.keys import KeyFiles, read_secret, write_secret

GROUP: Final = "dialer.key_places"
FILES: Final = "file"
TOKEN: Final = "pkcs11"


class Holder(Protocol):
    """One Ed25519 key."""

    @property
    def public(self) -> bytes:
        """Its public half, 32 bytes."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes.

        Raises:
            SignerUnavailable: the place does not answer; nothing was signed.
        """
        ...


class KeyPlace(Protocol):
    """Keys by use: the one in use, and during a rotation the next one."""

    def current(self, use: KeyUse) -> Holder:
        """The key in use.

        Raises:
            InstallationError: there is none, or it can't be used.
        """
        ...

    def next(self, use: KeyUse) -> Holder | None:
        """The key that is about to take over; None: no rotation is under way."""
        ...

    def make_next(self, use: KeyUse) -> Holder:
        """The next key, durably made before anything names it; one that a crash left is taken again."""
        ...

    def promote(self, use: KeyUse) -> None:
        """The next key takes the place of the one in use, whose private half is destroyed. Safe to repeat."""
        ...


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """What a place is opened with. `options`: what the settings file says beside its name."""

    name: str
    options: Mapping[str, str]


class SeedHolder:
    """`Holder` of a key whose seed is in this process's memory."""

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)

    @property
    def public(self) -> bytes:
        return bytes(self._key.verify_key)

    def sign(self, message: bytes) -> bytes:
        return bytes(self._key.sign(message).signature)


class VrfHolder:
    """`Holder` of the key that places refusals: what it says of a message is a VRF proof of 80 bytes, not a signature."""

    def __init__(self, seed: bytes) -> None:
        self._key = vrf_key(seed)

    @property
    def public(self) -> bytes:
        return self._key.public

    def sign(self, message: bytes) -> bytes:
        return prove(self._key, message).proof


@dataclass(frozen=True, slots=True)
class Slot:
    """The files of one use's key."""

    private: Path
    public: Path

    @property
    def next(self) -> Path:
        """The key that is about to take over."""
        return self.private.with_suffix(".next")


def slot_of(files: KeyFiles, use: KeyUse) -> Slot:
    """The files of a key that changes hands."""
    match use:
        case KeyUse.LOG:
            return Slot(files.log_private, files.log_public)
        case KeyUse.WITNESS:
            return Slot(files.witness_private, files.witness_public)
        case KeyUse.BUNDLE:
            return Slot(files.bundle_private, files.bundle_public)
        case KeyUse.VRF:
            return Slot(files.dnc_vrf, files.dnc_public)


@dataclass(frozen=True, slots=True)
class FileKeyPlace:
    """`KeyPlace` in files that one user alone can read."""

    files: KeyFiles

    def current(self, use: KeyUse) -> Holder:
        return _held(use, slot_of(self.files, use).private)

    def next(self, use: KeyUse) -> Holder | None:
        path = slot_of(self.files, use).next
        return _held(use, path) if path.exists() else None

    def make_next(self, use: KeyUse) -> Holder:
        slot = slot_of(self.files, use)
        if not slot.next.exists():
            write_secret(slot.next, base64.b64encode(bytes(SigningKey.generate())))
            if os.geteuid() == 0:
                # run by root, the key is still its process's own: whoever owns the folder
                owner = slot.private.parent.stat()
                os.chown(slot.next, owner.st_uid, owner.st_gid)
        return _held(use, slot.next)

    def promote(self, use: KeyUse) -> None:
        slot = slot_of(self.files, use)
        if not slot.next.exists():
            return
        if use is KeyUse.VRF and slot.private.exists():
            # what it placed stays where it is, so it is kept: under another name first, so that no crash loses it
            with suppress(FileExistsError):
                self.files.dnc_vrf_past(self.current(use).public).hardlink_to(slot.private)
        slot.next.replace(slot.private)


def _held(use: KeyUse, path: Path) -> Holder:
    seed = read_secret(path)
    return VrfHolder(seed) if use is KeyUse.VRF else SeedHolder(seed)


def open_place(settings: PlaceSettings, files: KeyFiles) -> KeyPlace:
    """The place that the settings name.

    Raises:
        InstallationError: no such place is installed, or it can't be opened.
    """
    if settings.name == FILES:
        return FileKeyPlace(files)
    if settings.name == TOKEN:
        try:
            from dialer.signing.token import open_token
        except ImportError as missing:
            raise InstallationError("keys in a token need the extra dialer[pkcs11]") from missing
        return open_token(settings, files)
    found = [point for point in entry_points(group=GROUP) if point.name == settings.name]
    if len(found) != 1:
        raise InstallationError(
            f"{len(found)} plug-ins give the key place {settings.name}, there must be one"
        )
    place: KeyPlace = found[0].load()(settings, files)
    return place
