"""Reading canonical JSON into types: small checks that name the field at fault, never its value."""

import re
from collections.abc import Mapping, Set

from dialer.evidence.canonical import INTEGER_MAX, EvidenceFormatError, Json

Fields = Mapping[str, Json]

_HEX32 = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@~+-]{0,127}")


def fields_of(name: str, value: Json) -> Fields:
    """`value` as an object."""
    if not isinstance(value, dict):
        raise EvidenceFormatError(f"{name} is not an object")
    return value


def exact_fields(name: str, value: Json, always: Set[str], maybe: Set[str] = frozenset()) -> Fields:
    """`value` as an object that holds all of `always`, perhaps some of `maybe`, and nothing else."""
    found = fields_of(name, value)
    if missing := sorted(always - set(found)):
        raise EvidenceFormatError(f"{name} lacks {', '.join(missing)}")
    if set(found) - always - maybe:
        raise EvidenceFormatError(f"{name} holds an unknown field")
    return found


def list_in(fields: Fields, name: str, count_max: int) -> list[Json]:
    """The list under `name`."""
    value = fields[name]
    if not isinstance(value, list):
        raise EvidenceFormatError(f"{name} is not a list")
    if len(value) > count_max:
        raise EvidenceFormatError(f"{name} holds more than {count_max}")
    return value


def text_in(fields: Fields, name: str) -> str:
    """The string under `name`."""
    value = fields[name]
    if not isinstance(value, str):
        raise EvidenceFormatError(f"{name} is not a string")
    return value


def text_maybe(fields: Fields, name: str) -> str | None:
    """The string under `name`, or None where the field is left out."""
    return text_in(fields, name) if name in fields else None


def int_in(fields: Fields, name: str) -> int:
    """The integer under `name`."""
    value = fields[name]
    if not isinstance(value, int):
        raise EvidenceFormatError(f"{name} is not an integer")
    return value


def hash_in(fields: Fields, name: str) -> bytes:
    """The 32 bytes whose 64 lower-case hex digits stand under `name`."""
    return hash_from_hex(name, fields[name])


def hash_from_hex(name: str, value: Json) -> bytes:
    """The 32 bytes of 64 lower-case hex digits."""
    if not isinstance(value, str) or _HEX32.fullmatch(value) is None:
        raise EvidenceFormatError(f"{name} is not 64 lower-case hex digits")
    return bytes.fromhex(value)


def one_of(name: str, value: str, known: Set[str]) -> str:
    """`value`, if it is in a closed vocabulary."""
    if value not in known:
        raise EvidenceFormatError(f"{name} is not in the vocabulary")
    return value


def check_id(name: str, value: str) -> None:
    """Refuse what is not an id: ASCII only, so that no two ids look alike (homoglyphs)."""
    if _ID.fullmatch(value) is None:
        raise EvidenceFormatError(f"{name} is not an id: ASCII letters, digits, . _ : / @ ~ + -, 128 at most")


def check_hash(name: str, value: bytes) -> None:
    """Refuse what is not 32 bytes."""
    if len(value) != 32:
        raise EvidenceFormatError(f"{name} is not a hash of 32 bytes")


def check_integer(name: str, value: int, lowest: int) -> None:
    """Refuse what is no plain integer, below `lowest` or beyond the profile's integers."""
    if type(value) is not int or not lowest <= value <= INTEGER_MAX:
        raise EvidenceFormatError(f"{name} is not an integer from {lowest} to 2^53 − 1")
