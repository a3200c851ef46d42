"""Facts as plain JSON values and back, exactly: a decision is replayed from its evidence and decided again.

Dataclasses become objects by field name, sets sorted lists, moments RFC 3339 with microseconds, dates and
times of day ISO, decimals text. `Unknown` is {"unknown": reason}, a known absence of consent {"consent": "none"}.
"""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, NewType, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from dialer.compliance.facts import Facts, NoConsent, Unknown
from dialer.domain.errors import DialerError

Plain: TypeAlias = "bool | int | str | list[Plain] | dict[str, Plain] | None"
T = TypeVar("T")
_NO_CONSENT: Final[dict[str, Plain]] = {"consent": "none"}


class CodecError(DialerError):
    """A plain value is not one of the declared type; nothing was decoded."""


def facts_to_plain(facts: Facts) -> dict[str, Plain]:
    """All groups as JSON values."""
    return cast(dict[str, Plain], to_plain(facts))


def facts_from_plain(plain: Mapping[str, object]) -> Facts:
    """Facts from what `facts_to_plain` made.

    Raises:
        CodecError: a field is missing, unknown or of another type.
    """
    return from_plain(Facts, plain)


def to_plain(value: object) -> Plain:
    """One value as JSON."""
    match value:
        case Unknown(reason):
            return {"unknown": reason}
        case NoConsent():
            return dict(_NO_CONSENT)
        case None | bool():
            return value
        case StrEnum():
            return str(value)
        case str() | int():
            return value
        case Decimal():
            return str(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat()
        case frozenset():
            return sorted((to_plain(v) for v in value), key=str)
        case tuple():
            return [to_plain(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}
    raise CodecError(f"no plain form for {type(value).__name__}")


def from_plain(declared: type[T], plain: object) -> T:
    """One value of the declared type from JSON.

    Raises:
        CodecError: it is something else.
    """
    return cast(T, _decode(declared, plain, declared.__name__))


def _decode(declared: Any, plain: object, where: str) -> object:
    origin = get_origin(declared)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(declared), plain, where)
    if origin is frozenset:
        return frozenset(_items(get_args(declared)[0], plain, where))
    if origin is tuple:
        return tuple(_items(get_args(declared)[0], plain, where))
    if isinstance(declared, NewType):
        return _decode(declared.__supertype__, plain, where)
    if declared is type(None) and plain is None:
        return None
    if is_dataclass(declared):
        return _decode_object(declared, plain, where)
    return _decode_scalar(declared, plain, where)


def _decode_union(options: tuple[Any, ...], plain: object, where: str) -> object:
    if isinstance(plain, Mapping) and set(plain) == {"unknown"} and Unknown in options:
        return Unknown(str(plain["unknown"]))
    if plain == _NO_CONSENT and NoConsent in options:
        return NoConsent()
    rest = [o for o in options if o not in (Unknown, NoConsent)]
    if plain is None and type(None) in rest:
        return None
    rest = [o for o in rest if o is not type(None)]
    if len(rest) != 1:
        raise CodecError(f"{where}: ambiguous type")
    return _decode(rest[0], plain, where)


def _items(declared: Any, plain: object, where: str) -> list[object]:
    if not isinstance(plain, (list, tuple)):
        raise CodecError(f"{where}: expected a list")
    return [_decode(declared, item, f"{where}[]") for item in plain]


def _decode_object(declared: Any, plain: object, where: str) -> object:
    if not isinstance(plain, Mapping):
        raise CodecError(f"{where}: expected an object")
    hints = get_type_hints(declared)
    names = [f.name for f in fields(declared)]
    wrong = set(map(str, plain)) ^ set(names)
    if wrong:
        raise CodecError(f"{where}: missing or unknown: {', '.join(sorted(wrong))}")
    values = {name: _decode(hints[name], plain[name], f"{where}.{name}") for name in names}
    try:
        return declared(**values)
    except ValueError as impossible:
        raise CodecError(f"{where}: {impossible}") from None


def _decode_scalar(declared: Any, plain: object, where: str) -> object:
    try:
        if declared is bool and isinstance(plain, bool):
            return plain
        if declared is int and type(plain) is int:
            return plain
        if declared is str and isinstance(plain, str):
            return plain
        if declared is Decimal and isinstance(plain, (str, Decimal)):
            return Decimal(plain)
        if declared is datetime:
            moment = plain if isinstance(plain, datetime) else datetime.fromisoformat(str(plain))
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        elif declared is time:
            return plain if isinstance(plain, time) else time.fromisoformat(str(plain))
        elif declared is date and not isinstance(plain, datetime):
            return plain if isinstance(plain, date) else date.fromisoformat(str(plain))
        elif isinstance(declared, type) and issubclass(declared, StrEnum):
            return declared(str(plain))
    except (ValueError, ArithmeticError):
        pass
    raise CodecError(f"{where}: not a {getattr(declared, '__name__', declared)}")
