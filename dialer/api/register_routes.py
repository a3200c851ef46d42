"""The addresses of the registers that the gate reads. Part of the table in `routes`."""

from typing import Final

from dialer.api import registers
from dialer.api.errors import Fault
from dialer.api.models import Nothing
from dialer.api.route import ADMINISTRATOR, SUPERVISOR_OR_AUDITOR, json_get, json_send
from dialer.services.views.registers import ChangesView, FieldSet, RegisterView

EVERY_CHECKER: Final = SUPERVISOR_OR_AUDITOR | ADMINISTRATOR

REGISTERS: Final = (
    json_get(
        "/api/registers/{kind}",
        "getRegister",
        "A register that the gate reads (organisation, caller-number, source, script, campaign, agent), field by field",
        EVERY_CHECKER,
        query=Nothing,
        answer=RegisterView,
        handle=registers.show,
        errors=(Fault.NOT_FOUND,),
    ),
    json_send(
        "/api/registers/{kind}/{entry}",
        "setRegisterField",
        "Set one field; what lifts a stop waits for a second person",
        ADMINISTRATOR,
        body=registers.SetField,
        answer=FieldSet,
        handle=registers.set_field,
        errors=(Fault.NOT_FOUND,),
    ),
    json_get(
        "/api/register-changes",
        "listRegisterChanges",
        "Changes that wait for a second person",
        EVERY_CHECKER,
        query=Nothing,
        answer=ChangesView,
        handle=registers.changes,
    ),
    json_send(
        "/api/register-changes/{change}/approve",
        "approveRegisterChange",
        "Put a change in force; not by who proposed it",
        EVERY_CHECKER,
        body=Nothing,
        answer=ChangesView,
        handle=registers.approve,
        errors=(Fault.NOT_FOUND,),
    ),
    json_send(
        "/api/register-changes/{change}/reject",
        "rejectRegisterChange",
        "Drop a change",
        EVERY_CHECKER,
        body=Nothing,
        answer=ChangesView,
        handle=registers.reject,
        errors=(Fault.NOT_FOUND,),
    ),
    json_send(
        "/api/sources",
        "addSource",
        "Register a source of consents; its leads are not dialable before somebody else has verified it",
        ADMINISTRATOR,
        body=registers.NewSource,
        answer=RegisterView,
        handle=registers.add_source,
        errors=(Fault.NOT_FOUND,),
    ),
)
