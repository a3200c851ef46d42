"""`dialer import vicidial`: the do-not-call list first, then callbacks, then leads, none of them dialable without proof."""

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dialer.domain.dnc import DncReason
from dialer.domain.errors import InstallationError
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import RefusalHeard
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.processes.core import open_core
from dialer.services.lead_rows import FileRefused, LeadRow, decode_file
from dialer.services.lead_vicidial import Exports, Lead, read_callbacks, read_dnc, read_leads
from dialer.services.refusals import ToldRefusal
from dialer.settings import Settings
from dialer.signing.doors import Door, SignerDoor
from dialer.storage.intake import StoredIntake
from dialer.storage.log import LogWriter
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.sql import Tx
from dialer.storage.store import Store

CALLBACK_MINUTES: Final = 30
"""A callback's promise there is a moment; here it is a window that begins with it."""
VIA: Final = "vicidial"


@dataclass(frozen=True, slots=True)
class VicidialFiles:
    """Exports by kind; what is None isn't there."""

    dnc: Path | None
    leads: Path | None
    callbacks: Path | None
    zone: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What came in: refusals, and leads without proof, those with a promised time apart."""

    entered: int
    known: int
    callbacks: int
    leads: int


async def import_vicidial(
    settings: Settings, files: VicidialFiles, campaign: CampaignId, login: str, say: Callable[[str], None]
) -> int:
    """Take the exports over; say what became of every row. Safe to repeat: numbers already there are left alone."""
    async with AsyncExitStack() as stack:
        door = Door(settings.socket("signer"))
        stack.push_async_callback(door.close)
        core = open_core(settings, SignerDoor(door))
        stack.callback(core.store.close)
        org, user, country = await core.store.read(lambda tx: _who(tx, campaign, login))
        exports = _read(files, country)
        taken = await take_over(core.store, core.log, core.keyring, core.clock, org, user, campaign, exports)
    say(f"do-not-call: {taken.entered} entered, {taken.known} on the list already")
    say(f"callbacks: {taken.callbacks} taken without proof of consent: seen, not dialable")
    say(f"leads: {taken.leads} taken without proof of consent: seen, not dialable")
    for cause, count in sorted(exports.left_out.items()):
        say(f"left out: {count:>8}  {cause}")
    return 0


async def take_over(
    store: Store,
    log: LogWriter,
    keyring: Keyring,
    clock: Clock,
    org: OrganisationId,
    user: UserId,
    campaign: CampaignId,
    exports: Exports,
) -> Taken:
    """Refusals first, each committed; then the leads, those with a callback before the others."""
    entered, known = await _refuse_all(StoredDoNotCall(store, log, keyring), org, user, exports)
    new = await store.read(lambda tx: _new_leads(tx, keyring, org, campaign, exports))
    rows = [_with_promise(lead) for lead in sorted(new, key=lambda lead: lead.callback_at is None)]
    if rows:
        await StoredIntake(store, log, keyring, clock).take(org, user, campaign, rows, [], len(rows))
    promised = sum(1 for lead in new if lead.callback_at is not None)
    return Taken(entered, known, promised, len(rows) - promised)


def _read(files: VicidialFiles, country: str) -> Exports:
    try:
        zone = ZoneInfo(files.zone)
    except (ZoneInfoNotFoundError, ValueError) as wrong:
        raise InstallationError("--zone is a name such as Asia/Shanghai") from wrong
    found = Exports()
    try:
        if files.dnc is not None:
            read_dnc(_text(files.dnc), country, found)
        by_id = read_leads(_text(files.leads), country, zone, found) if files.leads is not None else {}
        if files.callbacks is not None:
            read_callbacks(_text(files.callbacks), zone, by_id, found)
    except ValueError as missing:
        raise InstallationError(f"an export has no column {missing}") from missing
    return found


def _text(path: Path) -> str:
    try:
        text = decode_file(path.read_bytes())
    except OSError as wrong:
        raise InstallationError(f"{path.name} can't be read") from wrong
    if isinstance(text, FileRefused):
        raise InstallationError(f"{path.name}: {text.sentence.en}")
    return text


def _who(tx: Tx, campaign: CampaignId, login: str) -> tuple[OrganisationId, UserId, str]:
    row = tx.one(
        "SELECT c.org_id, u.id, c.register_json FROM campaign c JOIN user_account u ON u.org_id = c.org_id"
        " WHERE c.id = :campaign AND u.login = :login AND u.disabled_us IS NULL"
        " AND u.role IN ('supervisor', 'administrator')",
        campaign=campaign,
        login=login,
    )
    if row is None:
        raise InstallationError(
            f"{login} is no supervisor or administrator of the organisation of {campaign}"
        )
    country = str(json.loads(row.register_json).get("country", "CN"))
    return OrganisationId(row.org_id), UserId(row.id), country


async def _refuse_all(
    numbers: StoredDoNotCall, org: OrganisationId, user: UserId, exports: Exports
) -> tuple[int, int]:
    """Before any lead: who refused there is refused here."""
    entered = known = 0
    for number in exports.refused:
        heard = await numbers.refuse_number(
            ToldRefusal(
                org_id=org,
                number=number,
                purpose=None,
                reason=DncReason.IMPORT,
                actor=Actor(ActorKind.USER, user),
                said_at=None,
                via=VIA,
            )
        )
        is_new = isinstance(heard, RefusalHeard) and heard.is_new
        entered, known = entered + is_new, known + (not is_new)
    return entered, known


def _new_leads(
    tx: Tx, keyring: Keyring, org: OrganisationId, campaign: CampaignId, exports: Exports
) -> list[Lead]:
    """Leads that aren't in the campaign yet and whose person did not refuse."""
    found = []
    for number, lead in exports.leads.items():
        here = tx.one(
            "SELECT l.id FROM lead l JOIN subject s ON s.sid = l.sid WHERE s.org_id = :org"
            " AND s.number_hmac = :hmac AND l.campaign_id = :campaign LIMIT 1",
            org=org,
            hmac=keyring.number_hmac(org, number),
            campaign=campaign,
        )
        if number in exports.refused:
            exports.left_out["lead.on_dnc"] += 1
        elif here is not None:
            exports.left_out["lead.here_already"] += 1
        else:
            found.append(lead)
    return found


def _with_promise(lead: Lead) -> LeadRow:
    if lead.callback_at is None:
        return lead.row
    return replace(
        lead.row,
        promised_from=lead.callback_at,
        promised_until=lead.callback_at + timedelta(minutes=CALLBACK_MINUTES),
    )
