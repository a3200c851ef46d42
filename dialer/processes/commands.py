"""What the command line does on an installation, beside running it: explain and import."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from pydantic import TypeAdapter

from dialer.domain.errors import InstallationError
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.processes.core import Core, open_core
from dialer.rules.shipped import shipped_packs
from dialer.services.changes import Changes
from dialer.services.lead_archive import ARCHIVE_BYTES_MAX
from dialer.services.lead_intake import LeadIntake
from dialer.services.views.decision import DecisionView, ExplainView
from dialer.services.views.floor import ImportView
from dialer.services.views.words import Declined
from dialer.settings import Settings
from dialer.signing.doors import Door, SignerDoor
from dialer.storage.explain import Explain
from dialer.storage.explain_list import AS_IT_IS, Change
from dialer.storage.intake import StoredIntake
from dialer.storage.sql import Tx

Say = Callable[[str], None]
IMPORT_BYTES_MAX: Final = ARCHIVE_BYTES_MAX
MAY_IMPORT: Final = ("supervisor", "administrator")
"""Roles in whose name a list may be taken."""


class Form(Enum):
    """How an answer is written: for people, or as JSON for programs."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class ExplainQuestion:
    """One number in one campaign. `at`: the moment to judge for, now when it is None; `change`: what else to judge under."""

    number: str
    campaign: CampaignId
    at: datetime | None
    change: Change = AS_IT_IS


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Core]:
    door = Door(settings.socket("signer"))
    core = open_core(settings, SignerDoor(door))
    try:
        await core.clock.probe()
        await core.vault_probe.measure()
        yield core
    finally:
        core.store.close()
        await door.close()


async def _organisation_of(core: Core, campaign: CampaignId) -> OrganisationId:
    def find(tx: Tx) -> str | None:
        row = tx.one("SELECT org_id FROM campaign WHERE id = :id", id=campaign)
        return None if row is None else str(row.org_id)

    org = await core.store.read(find)
    if org is None:
        raise InstallationError(f"there is no campaign {campaign}")
    return OrganisationId(org)


def read_moment(text: str | None) -> datetime | None:
    """A moment as people type it: ISO 8601 with its offset.

    Raises:
        InstallationError: it is none, or has no offset.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise InstallationError("--at must be a moment such as 2026-11-18T10:30:00+08:00") from wrong
    if at.tzinfo is None:
        raise InstallationError("--at needs its offset, such as +08:00")
    return at


async def explain(settings: Settings, question: ExplainQuestion, form: Form, say: Say) -> int:
    """Say why a number is or is not called; claims, writes and permits nothing. 0: answered, 1: there is no answer."""
    async with _opened(settings) as core:
        org = await _organisation_of(core, question.campaign)
        desk = Explain(core.store, core.keyring, core.facts, shipped_packs())
        asked = question.number, question.campaign, question.at
        answer = await desk.what_if(org, *asked, question.change)
    if answer is None:
        raise InstallationError(f"there is no campaign {question.campaign}")
    match answer, form:
        case Declined(), Form.JSON:
            say(_json(Declined, answer))
        case Declined(), Form.TEXT:
            say(f"{answer.code}: {answer.sentence.en} {answer.sentence.zh}")
        case ExplainView(), Form.JSON:
            say(_json(ExplainView, answer))
        case ExplainView(), Form.TEXT:
            _tell(answer, say)
    return 1 if isinstance(answer, Declined) else 0


def _tell(view: ExplainView, say: Say) -> None:
    say(f"{view.number}  {view.campaign.name.en}  at {view.decision.at.isoformat()}")
    _tell_decision(view.decision, say)
    if view.changed is not None:
        say("under what was changed:")
        _tell_decision(view.changed, say)


def _tell_decision(decision: DecisionView, say: Say) -> None:
    say(f"{decision.outcome}")
    for objection in decision.objections:
        say(f"  {objection.code}  {' '.join(objection.requirements)}")
        say(f"    {objection.sentence.en} {objection.sentence.zh}")
        say(f"    cure: {objection.cure.en} {objection.cure.zh}")
        for law in objection.laws:
            say(f"    {law.title} {law.article} ({law.dated}): {law.quote}")
        if objection.lawful_from is not None:
            say(f"    lawful from {objection.lawful_from.isoformat()}")
    if decision.lawful_from is not None:
        say(f"next lawful moment: {decision.lawful_from.isoformat()}")
    say(f"{len(decision.rules)} rules were read under {', '.join(p.id for p in decision.packs)}")


async def take_list(settings: Settings, content: bytes, campaign: CampaignId, login: str, say: Say) -> int:
    """Take a CSV of leads and consents, or a ZIP of one with artefacts, in the name of `login`. 0: all rows taken, 1: some or all were not."""
    if len(content) > IMPORT_BYTES_MAX:
        raise InstallationError(f"the file is larger than {IMPORT_BYTES_MAX} bytes; split it")
    async with _opened(settings) as core:
        org = await _organisation_of(core, campaign)
        user = await _importer(core, org, login)
        intake = LeadIntake(StoredIntake(core.store, core.log, core.keyring, core.clock), Changes())
        view = await intake.take(org, user, campaign, content)
    match view:
        case None:
            raise InstallationError(f"there is no campaign {campaign}")
        case Declined():
            say(f"nothing was taken: {view.code}: {view.sentence.en} {view.sentence.zh}")
            return 1
        case ImportView():
            for row in view.rejected:
                where = f"line {row.line}" + (f", {row.column}" if row.column else "")
                say(f"{where}: {row.code}: {row.sentence.en} {row.sentence.zh}")
            say(f"{view.accepted} of {view.rows} rows taken, import {view.id}")
            return 1 if view.rejected else 0


async def _importer(core: Core, org: OrganisationId, login: str) -> UserId:
    def find(tx: Tx) -> tuple[str, str] | None:
        row = tx.one(
            "SELECT id, role FROM user_account WHERE login = :login AND org_id = :org AND disabled_us IS NULL",
            login=login,
            org=org,
        )
        return None if row is None else (str(row.id), str(row.role))

    found = await core.store.read(find)
    if found is None or found[1] not in MAY_IMPORT:
        raise InstallationError(f"{login} is no {' or '.join(MAY_IMPORT)} of the campaign's organisation")
    return UserId(found[0])


def _json(kind: type[Any], value: object) -> str:
    return TypeAdapter(kind).dump_json(value, indent=1).decode()
