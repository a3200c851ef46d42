"""Registers for the console: the acts of the command line, one organisation at a time, each with its leaf."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

from dialer.compliance.facts import Unknown
from dialer.compliance.hours import today_of
from dialer.domain.caller_id import CallerIdState
from dialer.domain.consent import SourceKind, SourceState
from dialer.domain.ids import OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged
from dialer.services.views.register_words import choice_words, choices_of, field_words
from dialer.services.views.registers import (
    ChangesView,
    ChangeView,
    InnerField,
    NewScript,
    RegisterEntries,
    RegisterEntry,
    RegisterField,
    RegisterKind,
    RegisterView,
    ScriptList,
    Shape,
)
from dialer.services.views.words import Choice, Declined, Sentence
from dialer.storage.consent_registers import (
    NOT_THERE,
    Editor,
    add_source,
    approve,
    entries,
    field_names,
    field_type,
    reject,
    set_field,
    shown,
    stop_source,
    verify_source,
)
from dialer.storage.log import LogWriter
from dialer.storage.register_changes import waiting
from dialer.storage.register_entries import (
    activate_number,
    add_number,
    add_script,
    script_list,
    suspend_number,
)
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

_TITLES: Final = {
    RegisterKind.ORGANISATION: ("organisation", ("name_zh", "name_en"), None),
    RegisterKind.CALLER_NUMBER: ("caller_id", ("number", "number"), CallerIdState),
    RegisterKind.SOURCE: ("consent_source", ("name", "name"), SourceState),
    RegisterKind.SCRIPT: ("script", ("id", "id"), None),
    RegisterKind.CAMPAIGN: ("campaign", ("name_zh", "name_en"), None),
    RegisterKind.AGENT: ("user_account", ("name", "name"), None),
}
CHANGED: Final = Declined(
    "register.changed",
    Sentence(
        "他人刚刚更改了此项，请查看新值后再改。",
        "Somebody has just changed this: look at the new value first.",
    ),
)
NOT_YET: Final = Declined(
    "source.check_to_come",
    Sentence("核验日期不能晚于今天。", "A check that is still to come verifies nothing."),
)
_PLAIN: Final[dict[object, Shape]] = {
    str: Shape.TEXT,
    int: Shape.WHOLE,
    bool: Shape.TRUTH,
    Decimal: Shape.DECIMAL,
    date: Shape.DAY,
    datetime: Shape.MOMENT,
}


def shape_of(kind: object) -> tuple[Shape, tuple[Choice, ...], type[Any] | None]:
    """What a field of that type takes: shape, choices, and the dataclass of a group."""
    plain = [a for a in get_args(kind) if a not in (Unknown, NoneType)]
    inner = kind if get_origin(kind) in (frozenset, tuple) or not plain else plain[0]
    if get_origin(inner) in (frozenset, tuple):
        of = get_args(inner)[0]
        if isinstance(of, type) and issubclass(of, StrEnum):
            return Shape.CHOICES, choices_of(of), None
        return (Shape.WORDS if of is str else Shape.JSON), (), None
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return Shape.CHOICE, choices_of(inner), None
    if is_dataclass(inner) and isinstance(inner, type):
        return Shape.GROUP, (), inner
    return _PLAIN.get(inner, Shape.JSON), (), None


def _inner(group: type[Any]) -> tuple[InnerField, ...]:
    hints = get_type_hints(group)
    found = []
    for part in fields(group):
        shape, choices, _ = shape_of(hints[part.name])
        found.append(InnerField(part.name, field_words(part.name), shape, choices))
    return tuple(found)


def described(kind: RegisterKind, name: str, value: str | None) -> RegisterField:
    """A field with what it takes and what it has."""
    shape, choices, group = shape_of(field_type(kind, name))
    inner = _inner(group) if group is not None else ()
    return RegisterField(name, field_words(name), shape, choices, inner, value)


@dataclass(frozen=True, slots=True)
class RegisterDesk:
    """`RegisterService`."""

    store: Store
    log: LogWriter
    changes: Changes

    async def entries(self, org: OrganisationId, kind: RegisterKind) -> RegisterEntries:
        """All entries of a register."""

        def work(tx: Tx) -> RegisterEntries:
            ids = entries(tx, org, kind)
            kinds = choices_of(SourceKind) if kind is RegisterKind.SOURCE else ()
            return RegisterEntries(kind, kinds, tuple(_entry(tx, org, kind, entry) for entry in ids))

        return await self.store.read(work)

    async def view(self, org: OrganisationId, kind: RegisterKind, entry: str) -> RegisterView | None:
        """One entry whole."""
        return await self.store.read(lambda tx: _view(tx, org, kind, entry))

    async def set_field(
        self,
        org: OrganisationId,
        user: UserId,
        kind: RegisterKind,
        entry: str,
        name: str,
        value: str,
        was: str | None,
    ) -> RegisterView | Declined | None:
        """Set one field, unless somebody changed it since it was `was`."""

        def work(tx: Tx) -> Declined | None:
            found = shown(tx, org, kind, entry)
            if isinstance(found, Declined):
                return found
            if name in found and _text(found[name]) != was:
                return CHANGED
            done = set_field(tx, self.log, Editor(user, org), kind, entry, name, value)
            return done if isinstance(done, Declined) else None

        return await self._done(org, kind, entry, work)

    async def waiting(self, org: OrganisationId, user: UserId) -> ChangesView:
        """Changes that wait for a second person, as that person sees them."""
        return await self.store.read(lambda tx: _changes(tx, org, user))

    async def approve(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined:
        """Put a change in force; what waits now."""

        def work(tx: Tx) -> ChangesView | Declined:
            return approve(tx, self.log, Editor(user, org), change) or _changes(tx, org, user)

        done = await self.store.write(work)
        self.changes.touch(FloorChanged(org))
        return done

    async def reject(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined:
        """Drop a change; what waits now."""

        def work(tx: Tx) -> ChangesView | Declined:
            return reject(tx, self.log, Editor(user, org), change) or _changes(tx, org, user)

        return await self.store.write(work)

    async def add_source(
        self, org: OrganisationId, user: UserId, source: str, kind: SourceKind, name: str
    ) -> RegisterView | Declined | None:
        """Register a source, unverified."""

        def work(tx: Tx) -> Declined | None:
            return add_source(tx, self.log, Editor(user, org), source, kind, name)

        return await self._done(org, RegisterKind.SOURCE, source, work)

    async def verify_source(
        self,
        org: OrganisationId,
        user: UserId,
        source: str,
        filing: str,
        checked_on: date,
        expires_on: date | None,
    ) -> RegisterView | Declined | None:
        """Say that the source was checked; not by who registered it."""

        def work(tx: Tx) -> Declined | None:
            if checked_on > today_of(moment(tx.now_us())):
                return NOT_YET
            return verify_source(tx, self.log, Editor(user, org), source, filing, checked_on, expires_on)

        return await self._done(org, RegisterKind.SOURCE, source, work)

    async def hold_source(
        self, org: OrganisationId, user: UserId, source: str, why: str
    ) -> RegisterView | Declined | None:
        """Hold a source with its leads; its issued permits are void."""

        def work(tx: Tx) -> Declined | None:
            done = stop_source(tx, self.log, Editor(user, org), source, why)
            return done if isinstance(done, Declined) else None

        return await self._done(org, RegisterKind.SOURCE, source, work)

    async def add_number(
        self, org: OrganisationId, user: UserId, entry: str, number: str
    ) -> RegisterView | Declined | None:
        """Register a caller number, which isn't shown yet."""

        def work(tx: Tx) -> Declined | None:
            return add_number(tx, self.log, Editor(user, org), entry, number)

        return await self._done(org, RegisterKind.CALLER_NUMBER, entry, work)

    async def activate_number(
        self, org: OrganisationId, user: UserId, entry: str
    ) -> RegisterView | Declined | None:
        """Let a number be shown; another person than who registered or suspended it."""

        def work(tx: Tx) -> Declined | None:
            return activate_number(tx, self.log, Editor(user, org), entry)

        return await self._done(org, RegisterKind.CALLER_NUMBER, entry, work)

    async def suspend_number(
        self, org: OrganisationId, user: UserId, entry: str, why: str
    ) -> RegisterView | Declined | None:
        """Show a number no more; its issued permits are void."""

        def work(tx: Tx) -> Declined | None:
            return suspend_number(tx, self.log, Editor(user, org), entry, why)

        return await self._done(org, RegisterKind.CALLER_NUMBER, entry, work)

    async def scripts(self, org: OrganisationId) -> ScriptList:
        """Every version of every script."""
        return await self.store.read(lambda tx: script_list(tx, org))

    async def add_script(self, org: OrganisationId, user: UserId, new: NewScript) -> ScriptList | Declined:
        """A new version, not filed yet."""

        def work(tx: Tx) -> ScriptList | Declined:
            made = add_script(tx, self.log, Editor(user, org), new)
            return made if isinstance(made, Declined) else script_list(tx, org)

        return await self.store.write(work)

    async def _done(
        self, org: OrganisationId, kind: RegisterKind, entry: str, work: Callable[[Tx], Declined | None]
    ) -> RegisterView | Declined | None:
        refused = await self.store.write(work)
        if refused is not None:
            return None if refused == NOT_THERE else refused
        self.changes.touch(FloorChanged(org))
        return await self.view(org, kind, entry)


def _text(value: object) -> str | None:
    """A field's value as the console knows it: JSON, or nothing where it isn't filed."""
    if isinstance(value, dict) and "unknown" in value:
        return None
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _view(tx: Tx, org: OrganisationId, kind: RegisterKind, entry: str) -> RegisterView | None:
    found = shown(tx, org, kind, entry)
    if isinstance(found, Declined):
        return None
    listed = tuple(described(kind, name, _text(value)) for name, value in found.items())
    waits = tuple(r.field for r in waiting(tx, org) if r.kind == kind and r.entry == entry)
    return RegisterView(kind, _entry(tx, org, kind, entry), listed, waits)


def _changes(tx: Tx, org: OrganisationId, user: UserId) -> ChangesView:
    found = []
    for row in waiting(tx, org):
        kind = RegisterKind(row.kind)
        view = _view(tx, org, kind, row.entry)
        if view is None:
            continue
        found.append(
            ChangeView(
                id=row.id,
                kind=kind,
                entry=view.entry,
                field=next(f for f in view.fields if f.name == row.field),
                value=row.value_json,
                proposed_by=row.proposer or row.proposed_by,
                proposed_at=moment(row.proposed_us),
                own=row.proposed_by == user,
            )
        )
    return ChangesView(tuple(found))


def _entry(tx: Tx, org: OrganisationId, kind: RegisterKind, entry: str) -> RegisterEntry:
    table, (zh, en), states = _TITLES[kind]
    row: Row = tx.sole(f"SELECT * FROM {table} WHERE id = :id", id=entry)
    found = shown(tx, org, kind, entry)
    values = () if isinstance(found, Declined) else tuple(found.values())
    state = None if states is None else Choice(row.state, choice_words(states, row.state))
    return RegisterEntry(
        id=entry,
        title=Sentence(str(getattr(row, zh)), str(getattr(row, en))),
        state=state,
        unknown=sum(1 for v in values if _text(v) is None),
        fields=len(field_names(kind)),
    )
