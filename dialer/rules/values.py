"""Typed values from TOML: exactly the type that a kind's field declares, or an error that says what was expected."""

import types
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Union, get_args, get_origin

from dialer.rules.strictness import Span


def value_of(declared: Any, raw: Any) -> Any:
    """`raw` as TOML gave it → the declared type.

    Raises:
        ValueError: it is something else; the message says what was expected.
    """
    origin = get_origin(declared)
    if origin is frozenset:
        (item,) = get_args(declared)
        return _set_of(item, raw)
    if origin in (Union, types.UnionType) and set(get_args(declared)) == {Span, type(None)}:
        return _span_of(raw)
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        return _word_of(declared, raw)
    if declared is Decimal:
        return _decimal_of(raw)
    if declared is int:
        if type(raw) is not int or raw < 0:
            raise ValueError("expected a whole number, 0 or more")
        return raw
    if declared is str:
        if not isinstance(raw, str) or not raw:
            raise ValueError("expected a text that isn't empty")
        return raw
    if declared is date:
        if type(raw) is not date:
            raise ValueError("expected a date, as 2026-11-18")
        return raw
    raise TypeError(f"no reader for {declared!r}")


def _set_of(item: Any, raw: Any) -> frozenset[Any]:
    if not isinstance(raw, list):
        raise ValueError("expected a list")
    values = [value_of(item, entry) for entry in raw]
    if len(set(values)) != len(values):
        raise ValueError("the list names something twice")
    return frozenset(values)


def _span_of(raw: Any) -> Span | None:
    if raw == []:
        return None
    if not isinstance(raw, list) or len(raw) != 2 or any(type(edge) is not time for edge in raw):
        raise ValueError("expected [opens, closes] as local times, or [] for a closed day")
    return Span(opens=raw[0], closes=raw[1])


def _word_of(enum: type[StrEnum], raw: Any) -> StrEnum:
    try:
        return enum(raw)
    except ValueError:
        raise ValueError(f"expected one of {', '.join(enum)}") from None


def _decimal_of(raw: Any) -> Decimal:
    if isinstance(raw, Decimal):
        return raw
    raise ValueError("expected a decimal, as 0.75")
