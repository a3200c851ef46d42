"""The registers behind the API: the same acts as on the command line, each in its own transaction."""

import json
from dataclasses import dataclass

from dialer.domain.consent import SourceKind
from dialer.domain.ids import OrganisationId, UserId
from dialer.services.changes import Changes, FloorChanged
from dialer.services.views.registers import (
    ChangesView,
    ChangeView,
    EntryView,
    FieldSet,
    FieldView,
    RegisterView,
)
from dialer.services.views.words import Declined
from dialer.storage import consent_registers as registers
from dialer.storage.consent_registers import Editor
from dialer.storage.log import LogWriter
from dialer.storage.register_changes import Proposed, waiting
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import moment


@dataclass(frozen=True, slots=True)
class StoredRegisters:
    """`RegisterService`."""

    store: Store
    log: LogWriter
    changes: Changes

    async def register(self, org: OrganisationId, kind: str) -> RegisterView | None:
        """Every entry, field by field. None: there is no such register."""
        return await self.store.read(lambda tx: _register(tx, org, kind))

    async def set_field(
        self, org: OrganisationId, user: UserId, kind: str, entry: str, name: str, value: str
    ) -> FieldSet | Declined | None:
        """Set one field, or propose it where it lifts a stop. None: there is no such register."""
        if not registers.field_names(kind):
            return None
        by = Editor(user, org)
        done = await self.store.write(
            lambda tx: registers.set_field(tx, self.log, by, kind, entry, name, value)
        )
        if isinstance(done, Declined):
            return done
        self.changes.touch(FloorChanged(org))
        return FieldSet(done.change_id if isinstance(done, Proposed) else None)

    async def waiting(self, org: OrganisationId) -> ChangesView:
        """What waits for a second person."""
        return await self.store.read(lambda tx: _changes(tx, org))

    async def approve(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined:
        """Put a change in force; what waits now."""
        by = Editor(user, org)

        def work(tx: Tx) -> ChangesView | Declined:
            return registers.approve(tx, self.log, by, change) or _changes(tx, org)

        done = await self.store.write(work)
        self.changes.touch(FloorChanged(org))
        return done

    async def reject(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined:
        """Drop a change; what waits now."""
        by = Editor(user, org)

        def work(tx: Tx) -> ChangesView | Declined:
            return registers.reject(tx, self.log, by, change) or _changes(tx, org)

        return await self.store.write(work)

    async def add_source(
        self, org: OrganisationId, user: UserId, source: str, kind: SourceKind, name: str
    ) -> RegisterView | Declined | None:
        """Register a source, unverified."""
        by = Editor(user, org)

        def work(tx: Tx) -> RegisterView | Declined | None:
            return registers.add_source(tx, self.log, by, source, kind, name) or _register(tx, org, "source")

        return await self.store.write(work)


def _register(tx: Tx, org: str, kind: str) -> RegisterView | None:
    names = registers.field_names(kind)
    if not names:
        return None
    found = []
    for entry in registers.entries(tx, org, kind):
        filed = registers.filed(tx, org, kind, entry)
        fields = tuple(
            FieldView(name, json.dumps(filed[name], ensure_ascii=False) if name in filed else None)
            for name in names
        )
        found.append(EntryView(entry, fields))
    return RegisterView(kind, tuple(found))


def _changes(tx: Tx, org: str) -> ChangesView:
    return ChangesView(
        tuple(
            ChangeView(
                id=r.id,
                kind=r.kind,
                entry=r.entry,
                field=r.field,
                value=r.value_json,
                proposed_by=r.proposer or r.proposed_by,
                proposed_at=moment(r.proposed_us),
            )
            for r in waiting(tx, org)
        )
    )
