"""Signing keys in a PKCS#11 token (an HSM, or SoftHSM): made there, never leaving it.

Labels are `dialer-log`, `dialer-bundle`, `dialer-witness`, and `….next` during a rotation. While a token has no key of a use, the one in
the file is in use: so an installation moves into a token by setting the place and rotating each key, signed by both as ever.
The library is python-pkcs11: kept up, typed objects, EdDSA; PyKCS11 is a thin layer over raw calls.
"""

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import NoSuchKey, PKCS11Error, UserAlreadyLoggedIn

from dialer.domain.errors import InstallationError, SignerUnavailable
from dialer.evidence.trust import KeyUse
from dialer.signing.keys import KeyFiles, read_secret_text
from dialer.signing.places import FileKeyPlace, Holder, PlaceSettings, slot_of

ED25519_OID: Final = bytes.fromhex("06032b6570")
POINT_BYTES: Final = 32
_HALVES: Final = (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)


class TokenHolder:
    """`Holder` of a key in the token."""

    def __init__(self, private: Any, public: bytes, lock: threading.Lock) -> None:
        self._private = private
        self._public = public
        self._lock = lock

    @property
    def public(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        # one operation at a time in a session (PKCS#11 v2.40, 5.2)
        with self._lock:
            try:
                return bytes(self._private.sign(message, mechanism=Mechanism.EDDSA))
            except PKCS11Error as away:
                raise SignerUnavailable("the token does not sign") from away


class TokenKeyPlace:
    """`KeyPlace` in one token."""

    def __init__(self, session: Any, files: KeyFiles) -> None:
        self._session = session
        self._files = FileKeyPlace(files)
        self._lock = threading.Lock()

    def current(self, use: KeyUse) -> Holder:
        return self._find(_label(use)) or self._files.current(use)

    def next(self, use: KeyUse) -> Holder | None:
        return self._find(f"{_label(use)}.next")

    def make_next(self, use: KeyUse) -> Holder:
        label = f"{_label(use)}.next"
        if (left := self._find(label)) is not None:
            return left
        try:
            curve = self._session.create_domain_parameters(
                KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: ED25519_OID}, local=True
            )
            curve.generate_keypair(
                mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
                store=True,
                label=label,
                private_template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )
        except PKCS11Error as failure:
            raise InstallationError("the token made no key") from failure
        made = self._find(label)
        if made is None:
            raise InstallationError("the token made a key that can't be found")
        return made

    def promote(self, use: KeyUse) -> None:
        old, new = _label(use), f"{_label(use)}.next"
        if self._find(new) is None:
            return
        try:
            for kind in _HALVES:
                for key in list(self._session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: old})):
                    key.destroy()
            for kind in _HALVES:
                for key in list(self._session.get_objects({Attribute.CLASS: kind, Attribute.LABEL: new})):
                    key[Attribute.LABEL] = old
        except PKCS11Error as failure:
            raise InstallationError("the token did not take the new key into use") from failure
        # from the first rotation on the key lives in the token alone
        with suppress(FileNotFoundError):
            slot_of(self._files.files, use).private.unlink()

    def _find(self, label: str) -> TokenHolder | None:
        try:
            private = self._session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)
            public = self._session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
            point = bytes(public[Attribute.EC_POINT])[-POINT_BYTES:]
        except NoSuchKey:
            return None
        except PKCS11Error as failure:
            raise InstallationError(f"the token's key {label} can't be used") from failure
        return TokenHolder(private, point, self._lock)


def open_token(settings: PlaceSettings, files: KeyFiles) -> TokenKeyPlace:
    """The token that the settings name: `module` (the library's path), `token` (its label), `pin_file` (mode 600).

    Raises:
        InstallationError: one of them is missing, or the token can't be opened.
    """
    try:
        module, token, pin_file = (settings.options[name] for name in ("module", "token", "pin_file"))
    except KeyError as missing:
        raise InstallationError(f"the key place pkcs11 needs {missing.args[0]}") from missing
    pin = read_secret_text(Path(pin_file))
    try:
        found = pkcs11.lib(module).get_token(token_label=token)
        try:
            session = found.open(rw=True, user_pin=pin)
        except UserAlreadyLoggedIn:  # a log-in is the process's, not the session's
            session = found.open(rw=True)
    except (PKCS11Error, RuntimeError, OSError) as failure:
        raise InstallationError("the PKCS#11 token can't be opened") from failure
    return TokenKeyPlace(session, files)


def _label(use: KeyUse) -> str:
    if use is KeyUse.VRF:
        raise InstallationError("the key of the DNC tree lives in its file: no token makes its proofs")
    return f"dialer-{use}"
