"""Registers as people read them: each field as it is filed, and the changes that wait for a second person."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field. `value`: JSON, empty where nothing is filed: then the gate takes it as unknown and refuses."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of a register."""

    id: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A register of one organisation."""

    kind: str
    entries: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change that lifts a stop and waits for a second person. `value`: JSON."""

    id: str
    kind: str
    entry: str
    field: str
    value: str
    proposed_by: str
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What waits, oldest first."""

    items: tuple[ChangeView, ...]


@dataclass(frozen=True, slots=True)
class FieldSet:
    """What became of a change. `change`: it waits under this id for a second person; empty: it is in force."""

    change: str | None
