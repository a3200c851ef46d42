"""Facts written back to where the product reads them from: registers, rows and settings of a database, one fact at a time.

What a test changed about lawful facts is so brought to the real path: `FactsReader` reads it, T1 decides it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from dialer.compliance.agents import AgentRegister, Conduct
from dialer.compliance.facts import (
    CalleeFacts,
    CallerIdFacts,
    CampaignFacts,
    ConsentFacts,
    Facts,
    NoConsent,
    OrganisationFacts,
    PlatformFacts,
    ScriptFacts,
    SourceFacts,
    VaultFacts,
)
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.ids import LeadId
from dialer.storage.facts_caller import script_text
from dialer.storage.registers import to_register
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_calls import Attempt
from dialer.storage.tables_people import DncEntry
from dialer.storage.tables_rights import SubjectCaseRow
from dialer.storage.times import micros

SECOND_US: Final = 1_000_000
GROUPS: Final[Mapping[str, tuple[type[Any], str]]] = {
    "organisation": (OrganisationFacts, "organisation"),
    "campaign": (CampaignFacts, "campaign"),
    "script": (ScriptFacts, "script"),
    "consent": (ConsentFacts, "consent"),
    "source": (SourceFacts, "consent_source"),
    "callee": (CalleeFacts, "lead"),
    "caller_id": (CallerIdFacts, "caller_id"),
    "vault": (VaultFacts, "campaign"),
}
"""Groups that have a register, and the table that it stands in."""
COLUMNS: Final[Mapping[str, str]] = {
    "organisation.credit_code": "uscc",
    "organisation.industry": "industry",
    "campaign.purpose": "purpose",
    "campaign.industry": "industry",
    "campaign.mode": "mode",
    "consent.organisation_id": "org_id",
    "consent.purpose": "purpose",
    "consent.origin": "origin",
    "consent.ownership": "ownership",
    "source.kind": "kind",
    "source.state": "state",
    "caller_id.organisation_id": "org_id",
    "caller_id.state": "state",
}
"""Facts that are a column of their group's row, as they are written there."""


def differences(before: Facts, after: Facts) -> dict[str, Any]:
    """What differs, by `group.field`; a whole group by its name where it is another kind of group."""
    found: dict[str, Any] = {}
    for group in fields(before):
        old, new = getattr(before, group.name), getattr(after, group.name)
        if type(old) is not type(new):
            found[group.name] = new
            continue
        for field in fields(old):
            value = getattr(new, field.name)
            if getattr(old, field.name) != value:
                found[f"{group.name}.{field.name}"] = value
    return found


@dataclass(frozen=True)
class Rows:
    """The rows behind one lead's facts, inside one transaction."""

    tx: Tx
    lead: LeadId
    now_us: int

    def write(self, changed: Mapping[str, Any]) -> None:
        """Bring each changed fact to its place; the filed hash follows the script's words where both were changed."""
        for path, value in changed.items():
            self._write(path, value)
        if "script.text" in changed:
            row = self._row("script")
            words = sha256(script_text(row.parts_json).encode()).hexdigest()
            self._register("script", "filed_sha256", words)

    def _write(self, path: str, value: Any) -> None:
        group, _, name = path.partition(".")
        special = SPECIAL.get(path)
        if special is not None:
            special(self, value)
        elif path in COLUMNS:
            row = self._row(group)
            table = GROUPS[group][1]
            self.tx.run(
                f"UPDATE {table} SET {COLUMNS[path]} = :value WHERE id = :id", value=str(value), id=row.id
            )
        elif group == "platform":
            self._setting("platform_register", _merged(self._platform(), PlatformFacts, name, value))
        else:
            self._register(group, name, value)

    def _register(self, group: str, name: str, value: Any) -> None:
        kind, table = GROUPS[group]
        row = self._row(group)
        text = _merged(row.register_json, kind, name, value)
        self.tx.run(f"UPDATE {table} SET register_json = :text WHERE id = :id", text=text, id=row.id)

    def _row(self, group: str) -> Row:
        lead = self.tx.sole("SELECT * FROM lead WHERE id = :id", id=self.lead)
        table = GROUPS[group][1]
        match group:
            case "organisation":
                wanted = lead.org_id
            case "campaign" | "vault":
                wanted = lead.campaign_id
            case "script":
                wanted = self.tx.sole(
                    "SELECT script_id FROM campaign WHERE id = :id", id=lead.campaign_id
                ).script_id
            case "consent":
                wanted = lead.consent_id
            case "source":
                wanted = self.tx.sole("SELECT source_id FROM consent WHERE id = :id", id=lead.consent_id)[0]
            case "callee":
                return lead
            case _:
                wanted = self.tx.sole(
                    "SELECT caller_id FROM campaign_caller_id WHERE campaign_id = :id", id=lead.campaign_id
                )[0]
        return self.tx.sole(f"SELECT * FROM {table} WHERE id = :id", id=wanted)

    def _platform(self) -> str:
        row = self.tx.one("SELECT value FROM setting WHERE name = 'platform_register'")
        return "{}" if row is None else str(row.value)

    def _setting(self, name: str, value: str) -> None:
        self.tx.run("DELETE FROM setting WHERE name = :name", name=name)
        self.tx.run("INSERT INTO setting (name, value) VALUES (:name, :value)", name=name, value=value)

    def attempt(self, at_us: int, **values: object) -> None:
        """An earlier attempt of the campaign, at somebody else unless `values` say otherwise."""
        lead = self.tx.sole("SELECT * FROM lead WHERE id = :id", id=self.lead)
        self.tx.put(
            Attempt,
            **{
                "id": secrets.token_hex(16),
                "org_id": lead.org_id,
                "campaign_id": lead.campaign_id,
                "lead_id": lead.id,
                "sid": lead.sid,
                "consent_id": None,
                "caller_id": None,
                "platform_hmac": secrets.token_bytes(32),
                "number_hmac": secrets.token_bytes(32),
                "state": "failed",
                "node": "node-1",
                "authorised_us": at_us,
                "ended_us": at_us,
                **values,
            },
        )

    def person(self) -> dict[str, object]:
        """The hashes of the lead's own number."""
        row = self.tx.sole(
            "SELECT s.number_hmac, s.platform_hmac FROM subject s JOIN lead l ON l.sid = s.sid WHERE l.id = :id",
            id=self.lead,
        )
        return {"number_hmac": bytes(row.number_hmac), "platform_hmac": bytes(row.platform_hmac)}

    def refusal(self, org: str | None, purpose: str | None, since: datetime) -> None:
        """An entry of a do-not-call list."""
        person = self.person()
        self.tx.put(
            DncEntry,
            id=secrets.token_hex(8),
            org_id=org,
            number_hmac=person["platform_hmac"] if org is None else person["number_hmac"],
            key_version=1,
            purpose=purpose,
            reason="said",
            actor="somebody",
            at_us=micros(since),
            leaf_seq=0,
        )

    def agents(self, name: str, value: object) -> None:
        """A field of every agent's register."""
        for row in self.tx.all("SELECT id, register_json FROM user_account"):
            text = _merged(row.register_json, AgentRegister, name, value)
            self.tx.run("UPDATE user_account SET register_json = :text WHERE id = :id", text=text, id=row.id)


def _merged(register_json: str, kind: type[Any], name: str, value: Any) -> str:
    return json.dumps(json.loads(register_json) | json.loads(to_register(kind, **{name: value})))


def _no_consent(rows: Rows, value: Any) -> None:
    assert isinstance(value, NoConsent)
    rows.tx.run("UPDATE lead SET consent_id = NULL WHERE id = :id", id=rows.lead)


def _nothing(rows: Rows, value: Any) -> None:
    del rows, value


def _words(rows: Rows, value: str) -> None:
    parts = json.dumps([{"key": "opening", "zh": value, "en": value, "required": True}], ensure_ascii=False)
    rows.tx.run("UPDATE script SET parts_json = :parts", parts=parts)


def _given(rows: Rows, value: datetime) -> None:
    rows.tx.run("UPDATE consent SET given_us = :at", at=micros(value))


def _withdrawn(rows: Rows, value: object) -> None:
    rows.tx.run("UPDATE consent SET withdrawn_us = given_us + 1")


def _due(rows: Rows, value: datetime) -> None:
    rows.tx.run(
        "UPDATE lead SET due_us = :at, requested_us = :at WHERE id = :id", at=micros(value), id=rows.lead
    )


def _held(rows: Rows, value: object) -> None:
    rows.tx.run("UPDATE lead SET hold = :hold WHERE id = :id", hold=str(value), id=rows.lead)


def _promise(rows: Rows, value: Any) -> None:
    rows.tx.run(
        "UPDATE lead SET promised_from_us = :opens, promised_until_us = :closes WHERE id = :id",
        opens=micros(value.opens),
        closes=micros(value.closes),
        id=rows.lead,
    )


def _talks(rows: Rows, value: int) -> None:
    consent = rows.tx.sole("SELECT consent_id FROM lead WHERE id = :id", id=rows.lead).consent_id
    for _ in range(value):
        rows.attempt(
            rows.now_us, consent_id=consent, outcome="talked", state="sealed", connected_us=rows.now_us
        )


def _called(rows: Rows, value: tuple[datetime, ...]) -> None:
    for at in value:
        rows.attempt(micros(at), **rows.person())


def _last_ended(rows: Rows, value: datetime) -> None:
    last = rows.tx.sole("SELECT MAX(authorised_us) AS at FROM attempt")
    rows.tx.run(
        "UPDATE attempt SET ended_us = :ended WHERE authorised_us = :at", ended=micros(value), at=last.at
    )


def _open(rows: Rows, value: int) -> None:
    assert value == 1, "the index lets only one be open"
    rows.attempt(rows.now_us - 40 * 86_400 * SECOND_US, state="placed", ended_us=None, **rows.person())


def _abandoned_at(rows: Rows, value: datetime) -> None:
    at_us = micros(value)
    rows.attempt(
        at_us - 40 * 86_400 * SECOND_US,
        state="sealed",
        answered_us=at_us,
        abandon_cause="nobody",
        **rows.person(),
    )


def _live_answers(rows: Rows, value: int) -> None:
    for _ in range(value - 3):
        rows.attempt(
            rows.now_us - SECOND_US,
            state="sealed",
            answered_us=rows.now_us,
            answer_class="human",
            outcome="talked",
        )


def _abandoned(rows: Rows, value: int) -> None:
    for _ in range(value):
        rows.attempt(rows.now_us - SECOND_US, state="sealed", answered_us=rows.now_us, abandon_cause="nobody")


def _calls_of_number(rows: Rows, value: int) -> None:
    number = rows._row("caller_id").id
    for _ in range(value):
        rows.attempt(rows.now_us - SECOND_US, caller_id=number)


def _short_calls(rows: Rows, value: int) -> None:
    number = rows._row("caller_id").id
    at_us = rows.now_us - 2 * 3600 * SECOND_US
    for n in range(80):
        ended = at_us + (SECOND_US if n < value else 60 * SECOND_US)
        rows.attempt(at_us, caller_id=number, state="sealed", answered_us=at_us, ended_us=ended)


def _busiest(rows: Rows, value: int) -> None:
    agent = rows.tx.sole("SELECT user_id FROM campaign_agent WHERE campaign_id = :id LIMIT 1", id=CAMPAIGN)
    for _ in range(value):
        rows.attempt(rows.now_us - SECOND_US, agent_id=agent.user_id)


def _outsiders(rows: Rows, value: int) -> None:
    agents = rows.tx.all("SELECT user_id FROM campaign_agent WHERE campaign_id = :id", id=CAMPAIGN)
    for agent in agents[:value]:
        rows.tx.run("UPDATE user_account SET org_id = 'org-other' WHERE id = :id", id=agent.user_id)


def _deletion(rows: Rows, value: object) -> None:
    lead = rows.tx.sole("SELECT * FROM lead WHERE id = :id", id=rows.lead)
    rows.tx.put(
        SubjectCaseRow,
        id="case-1",
        org_id=lead.org_id,
        sid=lead.sid,
        kind="delete",
        state="open",
        opened_us=rows.now_us,
        opened_by="somebody",
        due_us=rows.now_us,
        leaf_seq=0,
    )


def _purpose_of_campaign(rows: Rows, value: object) -> None:
    rows.tx.run("UPDATE campaign SET purpose = :value WHERE id = :id", value=str(value), id=CAMPAIGN)


SPECIAL: Final[Mapping[str, Callable[[Rows, Any], None]]] = {
    "consent": _no_consent,
    "source": _nothing,
    "consent.given_at": _given,
    "consent.state": _withdrawn,
    "consent.conversations": _talks,
    "consent.promise": _promise,
    "campaign.purpose": _purpose_of_campaign,
    "campaign.live_answers_day": _live_answers,
    "campaign.abandoned_day": _abandoned,
    "script.text": _words,
    "script.text_sha256": _nothing,
    "clock.latest_recorded_at": lambda rows, at: rows.tx.run(
        "UPDATE log_head SET last_ts_us = :at", at=micros(at)
    ),
    "vault.state": _nothing,
    "callee.subject_case": _deletion,
    "caller_id.campaigns": lambda rows, _: rows.tx.run("DELETE FROM campaign_caller_id"),
    "caller_id.calls_hour": _calls_of_number,
    "caller_id.short_calls_day": _short_calls,
    "lead.due_at": _due,
    "lead.hold": _held,
    "contact.attempts_at": _called,
    "contact.last_ended_at": _last_ended,
    "contact.open_attempts": _open,
    "contact.abandoned_at": _abandoned_at,
    "floor.suspended": lambda rows, _: rows.agents("conduct", Conduct.SUSPENDED),
    "floor.oldest_quiz_passed_at": lambda rows, at: rows.agents("quiz_passed_at", at),
    "floor.busiest_calls_day": _busiest,
    "floor.outsiders": _outsiders,
    "dnc.organisation": lambda rows, entry: rows.refusal(ORG, None, entry.since),
    "dnc.platform": lambda rows, entry: rows.refusal(None, None, entry.since),
    "dnc.purpose": lambda rows, entry: rows.refusal(ORG, "callback", entry.since),
    "dnc.own_list_reviewed_at": lambda rows, at: rows._setting(f"dnc_reviewed_us:{ORG}", str(micros(at))),
}
"""Facts that are counted, joined or kept in another form than a register's field."""
