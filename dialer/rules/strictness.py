"""How two bounds of one kind become one: the strictest of each field wins.

A rule kind is a frozen dataclass whose fields carry, as `Annotated` metadata, how they combine. The same annotations
drive the parser and the table in docs/rule-packs.md.
"""

from dataclasses import dataclass, fields
from datetime import time
from enum import Enum
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints


class Combine(Enum):
    """How a field of two rules of one kind combines."""

    LEAST = "the smaller value wins"
    MOST = "the larger value wins"
    BOTH = "only what both allow"
    EITHER = "what either asks for"
    FIRST = "the strictest word wins, in the order written here"
    OVERLAP = "the hours in both"
    KEY = "rules with different values stand beside each other"


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of a day, [opens, closes), local."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("a window opens before it closes")


@dataclass(frozen=True, slots=True)
class FieldShape:
    """Name, type and combination of one field of a kind."""

    name: str
    type: Any
    combine: Combine


_SHAPES: dict[type[Any], tuple[FieldShape, ...]] = {}


def shape_of(kind: type[Any]) -> tuple[FieldShape, ...]:
    """The fields of a kind in their order.

    Raises:
        TypeError: a field says not how it combines; nothing is loaded.
    """
    if kind not in _SHAPES:
        _SHAPES[kind] = _read_shape(kind)
    return _SHAPES[kind]


def _read_shape(kind: type[Any]) -> tuple[FieldShape, ...]:
    hints = get_type_hints(kind, include_extras=True)
    shapes = []
    for field in fields(kind):
        hint = hints[field.name]
        if get_origin(hint) is not Annotated:
            raise TypeError(f"{kind.__name__}.{field.name} does not say how it combines")
        base, combine = get_args(hint)
        shapes.append(FieldShape(name=field.name, type=base, combine=combine))
    return tuple(shapes)


def key_of(rule: object) -> tuple[str, ...]:
    """Values of the KEY fields: rules of one kind with different keys don't combine."""
    return tuple(str(getattr(rule, s.name)) for s in shape_of(type(rule)) if s.combine is Combine.KEY)


K = TypeVar("K")


def strictest(first: K, second: K) -> K:
    """One bound that is at least as strict as both. Both are of one kind and key."""
    values: dict[str, Any] = {}
    for shape in shape_of(type(first)):
        a, b = getattr(first, shape.name), getattr(second, shape.name)
        values[shape.name] = _combined(shape, a, b)
    return type(first)(**values)


def _combined(shape: FieldShape, a: Any, b: Any) -> Any:
    match shape.combine:
        case Combine.LEAST:
            return min(a, b)
        case Combine.MOST:
            return max(a, b)
        case Combine.BOTH:
            return a & b
        case Combine.EITHER:
            return a | b
        case Combine.FIRST:
            order = list(shape.type)
            return a if order.index(a) <= order.index(b) else b
        case Combine.OVERLAP:
            return overlap(a, b)
        case Combine.KEY:
            return a


def overlap(a: Span | None, b: Span | None) -> Span | None:
    """The hours in both; None = closed."""
    if a is None or b is None:
        return None
    opens, closes = max(a.opens, b.opens), min(a.closes, b.closes)
    return Span(opens, closes) if opens < closes else None


def binds(rule: object, combined: object) -> bool:
    """Whether `rule` gives the combined bound at least one of its values or edges; lists always count."""
    shapes = [s for s in shape_of(type(rule)) if s.combine is not Combine.KEY]
    return not shapes or any(
        _gives(shape, getattr(rule, shape.name), getattr(combined, shape.name)) for shape in shapes
    )


def _gives(shape: FieldShape, own: Any, combined: Any) -> bool:
    match shape.combine:
        case Combine.BOTH | Combine.EITHER:
            return True
        case Combine.OVERLAP if own is not None and combined is not None:
            return bool(own.opens == combined.opens or own.closes == combined.closes)
        case _:
            return bool(own == combined)
