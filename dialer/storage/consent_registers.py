"""The registers that the gate reads, set field by field: typed, on the log, and looked at again by whoever waits.

A source isn't verified by the person who registered it (decision 21); what lifts a stop waits for a second person
(`register_changes`). What stops a source voids its issued permits in
the same transaction (decision 4).
"""

import json
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter, ValidationError

from dialer.compliance.agents import AgentRegister
from dialer.compliance.facts import (
    CallerIdFacts,
    CampaignFacts,
    OrganisationFacts,
    PlatformFacts,
    ScriptFacts,
    SourceFacts,
    Unknown,
)
from dialer.domain.campaign import ReviewState
from dialer.domain.consent import SourceKind, SourceState
from dialer.domain.ids import AttemptId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.views.words import Declined, Sentence
from dialer.storage.consent_forms import FormRegister
from dialer.storage.log import Draft, LogWriter
from dialer.storage.moves import void_unused
from dialer.storage.register_changes import STRICTER, Proposed, needs_second, propose, settle
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_organisation import ConsentSource

PLATFORM: Final = "platform_register"
_ROWS: Final[dict[str, tuple[str, type[Any]]]] = {
    "organisation": ("organisation", OrganisationFacts),
    "caller-number": ("caller_id", CallerIdFacts),
    "source": ("consent_source", SourceFacts),
    "script": ("script", ScriptFacts),
    "campaign": ("campaign", CampaignFacts),
    "agent": ("user_account", AgentRegister),
}
_OWN_COLUMNS: Final[dict[str, frozenset[str]]] = {
    "organisation": frozenset({"organisation_id", "packs", "legal_name", "credit_code", "industry"}),
    "caller-number": frozenset(
        {
            "caller_id_id", "organisation_id", "campaigns", "state",
            "calls_hour", "calls_day", "answered_day", "short_calls_day",
        }
    ),
    "source": frozenset({"source_id", "organisation_id", "kind", "state", "checked_on", "scope_checked_on"}),
    "script": frozenset({"script_id", "organisation_id", "text", "text_sha256"}),
    "campaign": frozenset(
        {
            "campaign_id", "organisation_id", "state", "purpose", "industry", "mode", "sources", "hours",
            "live_answers_day", "abandoned_day", "live_answers_30_days", "abandoned_30_days",
        }
    ),
    "agent": frozenset(),
    "platform": frozenset({"stops"}),
}  # fmt: skip
"""What isn't filed but counted, or has its own act: never set here."""

NOT_THERE: Final = Declined(
    "register.not_there", Sentence("登记册中没有此项。", "There is no such entry in the register.")
)
NO_FIELD: Final = Declined(
    "register.no_such_field",
    Sentence("该登记项没有此字段，或不能在此设置。", "The entry has no such field, or it isn't set here."),
)
BAD_VALUE: Final = Declined(
    "register.bad_value", Sentence("取值不符合该字段的类型。", "The value is not one of the field's type.")
)
OWN_ACT: Final = Declined(
    "register.own_act",
    Sentence("登记人不能核验自己登记的来源。", "Who registered a source can't be the one who verifies it."),
)
TAKEN: Final = Declined("register.taken", Sentence("该编号已存在。", "That id exists already."))


@dataclass(frozen=True, slots=True)
class Editor:
    """In whose name a register changes."""

    user_id: str
    org_id: str


def field_names(kind: str) -> tuple[str, ...]:
    """The fields of a register that may be set; empty: no such register."""
    group = PlatformFacts if kind == "platform" else _ROWS.get(kind, (None, None))[1]
    return () if group is None else tuple(f.name for f in fields(group) if f.name not in _OWN_COLUMNS[kind])


def field_type(kind: str, name: str) -> object:
    """The type of a field, `Unknown` among it.

    Raises:
        KeyError: the register has no such field.
    """
    return get_type_hints(PlatformFacts if kind == "platform" else _ROWS[kind][1])[name]


def entries(tx: Tx, org: str, kind: str) -> tuple[str, ...]:
    """Ids in a register of one organisation."""
    if kind == "platform":
        return ("platform",)
    table = _ROWS[kind][0]
    column = "id" if table == "organisation" else "org_id"
    agents = " AND role = 'agent'" if kind == "agent" else ""
    rows = tx.all(f"SELECT id FROM {table} WHERE {column} = :org{agents} ORDER BY id", org=org)
    return tuple(r.id for r in rows)


def shown(tx: Tx, org: str, kind: str, entry: str) -> dict[str, object] | Declined:
    """Each field of an entry as it is filed; `null` with a key `"unknown"`: it isn't, and the gate refuses."""
    register = read_register(tx, org, kind, entry)
    if register is None:
        return NOT_THERE
    return {name: register.get(name, {"unknown": "not in the register"}) for name in field_names(kind)}


def filed(tx: Tx, org: str, kind: str, entry: str) -> dict[str, object]:
    """What is filed of an entry, by field; fields that aren't are left out."""
    register = read_register(tx, org, kind, entry) or {}
    return {name: register[name] for name in field_names(kind) if name in register}


def set_field(
    tx: Tx, log: LogWriter, editor: Editor, kind: str, entry: str, name: str, value_json: str
) -> Proposed | Declined | None:
    """Set one field to a value of its type, with its leaf; what the gate refused meanwhile is looked at again.

    A change that lifts a stop is only proposed: it waits for a second person.
    """
    register = read_register(tx, editor.org_id, kind, entry)
    if register is None:
        return NOT_THERE
    if name not in field_names(kind):
        return NO_FIELD
    adapter = _adapter(kind, name)
    try:
        value = adapter.validate_json(value_json)
    except ValidationError:
        return BAD_VALUE
    if isinstance(value, Unknown):
        return BAD_VALUE
    second = needs_second(kind, name, _filed(adapter, register.get(name)), value)
    if isinstance(second, Declined):
        return second
    plain = adapter.dump_python(value, mode="json")
    if not second:
        _put(tx, log, editor, kind, entry, name, plain)
        return None
    proposed = propose(tx, editor.org_id, editor.user_id, kind, entry, name, plain)
    says: dict[str, Json] = {"register": kind, "entry": entry, "field": name, "proposed": _said(plain)}
    changed(tx, log, editor, says)
    return proposed


def approve(tx: Tx, log: LogWriter, editor: Editor, change_id: str) -> Declined | None:
    """Put a waiting change in force. Another person than who proposed it."""
    row = settle(tx, editor.org_id, editor.user_id, change_id, "approved")
    if isinstance(row, Declined):
        return row
    _put(tx, log, editor, row.kind, row.entry, row.field, json.loads(row.value_json), row.proposed_by)
    return None


def reject(tx: Tx, log: LogWriter, editor: Editor, change_id: str) -> Declined | None:
    """Drop a waiting change; whoever proposed it may take it back so."""
    row = settle(tx, editor.org_id, editor.user_id, change_id, "rejected")
    if isinstance(row, Declined):
        return row
    changed(
        tx, log, editor, {"register": row.kind, "entry": row.entry, "field": row.field, "rejected": change_id}
    )
    return None


def _put(
    tx: Tx,
    log: LogWriter,
    editor: Editor,
    kind: str,
    entry: str,
    name: str,
    plain: object,
    proposed_by: str | None = None,
) -> None:
    register = read_register(tx, editor.org_id, kind, entry)
    assert register is not None
    before = register.get(name)
    register[name] = plain
    write_register(tx, kind, entry, register)
    if (kind, name) == ("campaign", "number_review") and _is_approved(plain):
        tx.run(
            "UPDATE campaign SET state = 'ready' WHERE id = :id AND state = 'pending_number_review'", id=entry
        )
    says: dict[str, Json] = {
        "register": kind,
        "entry": entry,
        "field": name,
        "from": _said(before),
        "to": _said(plain),
    }
    changed(tx, log, editor, says if proposed_by is None else says | {"proposed_by": proposed_by})
    if proposed_by is None and (kind, name) in STRICTER:
        void_permits(tx, log, editor, kind, entry)


def _is_approved(review: object) -> bool:
    return isinstance(review, dict) and review.get("state") in (ReviewState.APPROVED, ReviewState.NOT_NEEDED)


_OF_PERMITS: Final = {
    "organisation": "org_id = :entry",
    "campaign": "campaign_id = :entry",
    "caller-number": "caller_id = :entry",
    "agent": "campaign_id IN (SELECT campaign_id FROM campaign_agent WHERE user_id = :entry)",
}


def void_permits(tx: Tx, log: LogWriter, editor: Editor, kind: str, entry: str) -> None:
    """What holds something back voids the issued permits that it concerns, in its own transaction (decision 4)."""
    rows = tx.all(
        f"SELECT attempt_id FROM permit WHERE state = 'issued' AND {_OF_PERMITS[kind]}", entry=entry
    )
    actor = Actor(ActorKind.USER, editor.user_id)
    for row in rows:
        void_unused(tx, log, AttemptId(row.attempt_id), actor, f"{kind} register")


def _adapter(kind: str, name: str) -> TypeAdapter[Any]:
    group = PlatformFacts if kind == "platform" else _ROWS[kind][1]
    return TypeAdapter(get_type_hints(group)[name])


def _filed(adapter: TypeAdapter[Any], plain: object) -> object:
    """What is filed, typed; None where nothing, or nothing readable, is."""
    if plain is None:
        return None
    try:
        value = adapter.validate_json(json.dumps(plain))
    except ValidationError:
        return None
    return None if isinstance(value, Unknown) else value


def add_source(
    tx: Tx, log: LogWriter, editor: Editor, source: str, kind: SourceKind, name: str
) -> Declined | None:
    """Register a source, unverified: its leads are visible and not dialable (A13)."""
    if tx.one("SELECT id FROM consent_source WHERE id = :id", id=source) is not None:
        return TAKEN
    tx.insert(
        ConsentSource(
            id=source,
            org_id=editor.org_id,
            kind=str(kind),
            name=name,
            state=str(SourceState.UNVERIFIED),
            register_json=json.dumps({"registered_by": editor.user_id}),
        )
    )
    changed(tx, log, editor, {"register": "source", "entry": source, "added": str(kind)})
    return None


def verify_source(
    tx: Tx,
    log: LogWriter,
    editor: Editor,
    source: str,
    filing: str,
    checked_on: date,
    expires_on: date | None,
) -> Declined | None:
    """Say that filing, business scene and scope were checked on that day. Another person than who registered it."""
    register = read_register(tx, editor.org_id, "source", source)
    if register is None:
        return NOT_THERE
    if register.get("registered_by") == editor.user_id:
        return OWN_ACT
    register |= {
        "filing_number": filing,
        "checked_on": checked_on.isoformat(),
        "scope_checked_on": checked_on.isoformat(),
        "expires_on": expires_on.isoformat() if expires_on is not None else None,
    }
    write_register(tx, "source", source, register)
    tx.run(
        "UPDATE consent_source SET state = :state WHERE id = :id", state=str(SourceState.VERIFIED), id=source
    )
    changed(
        tx,
        log,
        editor,
        {"register": "source", "entry": source, "verified": checked_on.isoformat(), "filing": filing},
    )
    return None


def stop_source(tx: Tx, log: LogWriter, editor: Editor, source: str, why: str) -> int | Declined:
    """Hold a source and all its leads; its issued permits are void at once. How many there were."""
    if read_register(tx, editor.org_id, "source", source) is None:
        return NOT_THERE
    tx.run("UPDATE consent_source SET state = :state WHERE id = :id", state=str(SourceState.HELD), id=source)
    changed(tx, log, editor, {"register": "source", "entry": source, "held": why})
    issued = tx.all(
        "SELECT p.attempt_id FROM permit p JOIN consent c ON c.id = p.consent_id"
        " WHERE c.source_id = :id AND p.state = 'issued'",
        id=source,
    )
    actor = Actor(ActorKind.USER, editor.user_id)
    return sum(void_unused(tx, log, AttemptId(r.attempt_id), actor, "source held") for r in issued)


def set_form(tx: Tx, log: LogWriter, editor: Editor, source: str, form: FormRegister) -> Declined | None:
    """Give a source its form: which page may frame it, which texts it shows, whether phones are proven by a code."""
    register = read_register(tx, editor.org_id, "source", source)
    if register is None:
        return NOT_THERE
    plain = form.model_dump(mode="json", exclude_none=True)
    register["form"] = plain
    write_register(tx, "source", source, register)
    changed(tx, log, editor, {"register": "source", "entry": source, "form": plain})
    return None


def _row(tx: Tx, org: str, kind: str, entry: str) -> Row | None:
    table = _ROWS[kind][0]
    column = "id" if table == "organisation" else "org_id"
    agents = " AND role = 'agent'" if kind == "agent" else ""
    return tx.one(f"SELECT * FROM {table} WHERE id = :id AND {column} = :org{agents}", id=entry, org=org)


def read_register(tx: Tx, org: str, kind: str, entry: str) -> dict[str, object] | None:
    """What is filed of an entry; None: that organisation has no such entry."""
    if kind == "platform":
        row = tx.one("SELECT value FROM setting WHERE name = :name", name=PLATFORM)
        found: dict[str, object] = json.loads(row.value) if row is not None else {}
        return found
    if kind not in _ROWS or (row := _row(tx, org, kind, entry)) is None:
        return None
    register: dict[str, object] = json.loads(row.register_json)
    return register


def write_register(tx: Tx, kind: str, entry: str, register: dict[str, object]) -> None:
    """Put what is filed of an entry in the place of what was."""
    text = json.dumps(register, ensure_ascii=False)
    if kind == "platform":
        tx.run(
            "INSERT INTO setting (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = :value",
            name=PLATFORM,
            value=text,
        )
        return
    tx.run(f"UPDATE {_ROWS[kind][0]} SET register_json = :text WHERE id = :id", text=text, id=entry)


def changed(tx: Tx, log: LogWriter, editor: Editor, says: dict[str, Json]) -> None:
    """Put a change of a register on the log, and look again at what only a cure could free."""
    actor = Actor(ActorKind.USER, editor.user_id)
    log.append(
        tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=editor.org_id), tx.now_us()
    )
    look_again(tx, editor.org_id)


def look_again(tx: Tx, org: str) -> None:
    """What only a cure could free is looked at again at once; the gate decides anew."""
    tx.run(
        "UPDATE lead SET due_us = NOW_US WHERE org_id = :org AND state = 'queued' AND due_us > NOW_US"
        " AND last_decision_id IN (SELECT id FROM decision WHERE outcome = 'refused' AND lawful_from_us IS NULL)",
        org=org,
    )


def _said(value: object) -> str:
    # decimals and nested values stand in the leaf as the text of their JSON
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
