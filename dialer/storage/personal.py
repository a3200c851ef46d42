"""Opens what is encrypted under a subject's key, for a person who may see it: numbers masked, words as they are."""

import json
from dataclasses import dataclass
from typing import Final

from dialer.domain.errors import SealBroken
from dialer.domain.phone import BadNumber, parse_phone
from dialer.ports.keys import Keyring

NUMBER: Final = "number"
LEAD: Final = "lead"
CONSENT: Final = "consent"
HIDDEN_NUMBER: Final = "****"
"""Stands where a number can't be shown at all: the person was erased."""


@dataclass(frozen=True, slots=True)
class Key:
    """A subject's key as it is stored: `wrapped` is empty once the person was erased."""

    sid: str
    wrapped: bytes | None


@dataclass(frozen=True, slots=True)
class PersonalReader:
    """Opens ciphertexts with the keyring."""

    keyring: Keyring

    def number(self, key: Key, number_ct: bytes | None) -> str | None:
        """The number in E.164, None once it is erased. For `reveal` and for dialling, never for a list.

        Raises:
            SealBroken: the ciphertext was altered.
        """
        if key.wrapped is None or number_ct is None:
            return None
        return self.keyring.decrypt(bytes(key.wrapped), key.sid, NUMBER, bytes(number_ct)).decode()

    def masked(self, key: Key, number_ct: bytes | None) -> str:
        """The number as lists show it."""
        try:
            number = self.number(key, number_ct)
        except SealBroken:
            return HIDDEN_NUMBER
        if number is None:
            return HIDDEN_NUMBER
        parsed = parse_phone(number, "ZZ")
        return HIDDEN_NUMBER if isinstance(parsed, BadNumber) else parsed.masked

    def zone(self, key: Key, number_ct: bytes | None) -> str | None:
        """The IANA zone the number is in, where there is just one."""
        try:
            number = self.number(key, number_ct)
        except SealBroken:
            return None
        parsed = None if number is None else parse_phone(number, "ZZ")
        if parsed is None or isinstance(parsed, BadNumber) or len(parsed.zones) != 1:
            return None
        return next(iter(parsed.zones))

    def words(self, key: Key, purpose: str, payload_ct: bytes | None) -> dict[str, str]:
        """The texts of a payload by name; empty when it is erased or altered."""
        if key.wrapped is None or payload_ct is None:
            return {}
        try:
            opened = json.loads(self.keyring.decrypt(bytes(key.wrapped), key.sid, purpose, bytes(payload_ct)))
        except (SealBroken, ValueError):
            return {}
        if not isinstance(opened, dict):
            return {}
        return {name: value for name, value in opened.items() if isinstance(value, str) and value}
