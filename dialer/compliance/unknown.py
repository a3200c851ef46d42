"""A fact is a value or `Unknown`: there is no third way to say nothing."""

from dataclasses import dataclass
from typing import TypeAlias, TypeVar


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that could not be established. `reason` is fixed text, without personal data."""

    reason: str


T = TypeVar("T")
Known: TypeAlias = T | Unknown
