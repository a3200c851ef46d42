"""The registers that the gate reads: look, set a field, and the second person's approval of what lifts a stop."""

from typing import Annotated

from pydantic import StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Problem
from dialer.api.models import Id, Nothing, Sent
from dialer.api.route import Call
from dialer.domain.consent import SourceKind
from dialer.services.views.registers import ChangesView, FieldSet, RegisterView

FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
JsonText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
OF_AN_ORGANISATION = ("organisation", "caller-number", "source", "script", "campaign", "agent")
"""The platform's own register is set on its command line, by its operator."""


class SetField(Sent):
    """One field of an entry. `value`: JSON of the field's type, such as `"signed"`, `3` or `["callback"]`."""

    field: FieldName
    value: JsonText


class NewSource(Sent):
    """A source of consents, unverified at first."""

    id: Id
    kind: SourceKind
    name: Name


async def show(call: Call[Nothing, Nothing]) -> RegisterView | Problem:
    """Every entry of a register."""
    kind = call.path["kind"]
    view = await call.deps.registers.register(call.org, kind) if kind in OF_AN_ORGANISATION else None
    return answered(view)


async def set_field(call: Call[SetField, Nothing]) -> FieldSet | Problem:
    """Set it, or propose it where it lifts a stop."""
    kind, entry = call.path["kind"], call.path["entry"]
    if kind not in OF_AN_ORGANISATION:
        return answered(None)
    return answered(
        await call.deps.registers.set_field(
            call.org, call.user, kind, entry, call.body.field, call.body.value
        )
    )


async def changes(call: Call[Nothing, Nothing]) -> ChangesView:
    """What waits for a second person."""
    return await call.deps.registers.waiting(call.org)


async def approve(call: Call[Nothing, Nothing]) -> ChangesView | Problem:
    """Put a change in force; never one's own."""
    return answered(await call.deps.registers.approve(call.org, call.user, call.path["change"]))


async def reject(call: Call[Nothing, Nothing]) -> ChangesView | Problem:
    """Drop a change."""
    return answered(await call.deps.registers.reject(call.org, call.user, call.path["change"]))


async def add_source(call: Call[NewSource, Nothing]) -> RegisterView | Problem:
    """Register a source."""
    said = call.body
    return answered(await call.deps.registers.add_source(call.org, call.user, said.id, said.kind, said.name))
