"""`dialer explain-list`: a whole list explained, beside the dialer and not inside it; also under changed packs."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from dialer.compliance.facts import Facts, Unknown, VaultState
from dialer.compliance.gate import decide
from dialer.compliance.outcome import Allowed, Refusal
from dialer.domain.errors import InstallationError
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId
from dialer.ports.pacing import Said
from dialer.processes.commands import Form
from dialer.processes.core import Core, open_core, open_keyring
from dialer.processes.opening import open_store
from dialer.processes.packs_cli import changed_packs
from dialer.rules.shipped import shipped_packs
from dialer.services.views.listed import CountsView, ListView
from dialer.services.views.words import Declined
from dialer.settings import Settings
from dialer.signing.doors import Door, SignerDoor
from dialer.storage.explain_list import Change, Crew, ExplainList
from dialer.storage.explain_replay import replay
from dialer.storage.facts import FactsReader, Probes
from dialer.storage.pacing_memory import StoredPacingMemory
from dialer.storage.sql import Tx

PROCESSES_MAX: Final = 8
NICENESS: Final = 10
"""How far processes that count give way: a dialer may be calling on the same machine."""


@dataclass(frozen=True, slots=True)
class ListAsked:
    """Which list, for which moment, and under what else: other packs, another campaign."""

    campaign: CampaignId
    at: datetime | None
    packs: tuple[Path, ...]
    under: CampaignId | None


@dataclass(frozen=True, slots=True)
class _Measured:
    """What is known of clock and vaults when the count begins: the same for every lead and every process, however long
    it takes."""

    settings: Settings
    clock_error_ms: int | Unknown
    vaults: Mapping[str, VaultState]

    @classmethod
    async def of(cls, core: Core) -> "_Measured":
        """Measure now."""
        await core.clock.probe()
        await core.vault_probe.measure()
        return cls(core.settings, core.clock.error_ms(), core.vault_probe.found())

    def probes(self) -> Probes:
        """As facts are read with."""
        return Probes(lambda: self.clock_error_ms, self._vault)

    def _vault(self, region: str) -> VaultState | Unknown:
        return self.vaults.get(region, Unknown("the vault was not probed"))

    def open(self) -> ExplainList:
        """In a process of its own: its own keys and connection."""
        os.nice(NICENESS)
        keyring = open_keyring(self.settings)
        facts = FactsReader(keyring, self.probes())
        return ExplainList(open_store(self.settings), keyring, facts, shipped_packs(), sys.maxsize)


async def explain_list(
    settings: Settings, asked: ListAsked, write_json: bool, say: Callable[[str], None]
) -> int:
    """Count and say why not, on every core of this machine. Claims, writes and permits nothing."""
    changed = changed_packs(asked.packs)
    async with AsyncExitStack() as stack:
        door = Door(settings.socket("signer"))
        stack.push_async_callback(door.close)
        core = open_core(settings, SignerDoor(door))
        stack.callback(core.store.close)
        measured = await _Measured.of(core)

        def org_of(tx: Tx) -> str | None:
            row = tx.one("SELECT org_id FROM campaign WHERE id = :id", id=asked.campaign)
            return None if row is None else str(row.org_id)

        org = await core.store.read(org_of)
        facts = FactsReader(core.keyring, measured.probes())
        processes = min(len(os.sched_getaffinity(0)), PROCESSES_MAX)
        crew = Crew(measured.open, processes) if processes > 1 else None
        lists = ExplainList(core.store, core.keyring, facts, shipped_packs(), sys.maxsize, crew)
        view = None
        if org is not None:
            change = Change(changed, asked.under)
            view = await lists.what_if(OrganisationId(org), asked.campaign, asked.at, change)
    if not isinstance(view, ListView):
        raise InstallationError(f"there is no campaign {asked.under or asked.campaign} there")
    if write_json:
        say(TypeAdapter(ListView).dump_json(view, indent=1).decode())
    else:
        _tell(view, say)
    return 0


async def replay_decision(
    settings: Settings,
    attempt: AttemptId,
    packs: tuple[Path, ...],
    write_json: bool,
    say: Callable[[str], None],
) -> int:
    """Make a past decision again from its evidence. 0: the same answer, 1: another one, or it can't be made."""
    changed = changed_packs(packs) or shipped_packs()

    def judge(facts: Facts, now: datetime) -> Allowed | Refusal:
        return decide(facts, changed, now)

    store = open_store(settings)
    try:
        keyring = open_keyring(settings)
        answer = await store.read(lambda tx: replay(tx, keyring, judge, attempt))
    finally:
        store.close()
    if answer is None:
        raise InstallationError(f"there is no decision of an attempt {attempt}")
    if isinstance(answer, Declined):
        say(f"{answer.code}: {answer.sentence.en} {answer.sentence.zh}")
        return 1
    if write_json:
        plain = {
            "at": answer.at.isoformat(),
            "codes_then": answer.codes_then,
            "codes_now": answer.codes_now,
            "packs_changed": answer.packs_changed,
        }
        say(json.dumps(plain, ensure_ascii=False, indent=1))
    else:
        say(f"decided at {answer.at.isoformat()}: {', '.join(answer.codes_then) or 'allowed'}")
        say(f"decided again: {', '.join(answer.codes_now) or 'allowed'}")
        say(f"packs that differ: {', '.join(answer.packs_changed) or 'none'}")
    return 0 if answer.is_same else 1


async def explain_pacing(
    settings: Settings, campaign: CampaignId, form: Form, say: Callable[[str], None]
) -> int:
    """What the pacer of a campaign last did and why, as the running dialer wrote it down some seconds ago at most."""
    store = open_store(settings)
    try:
        name = await store.read(
            lambda tx: tx.one("SELECT name_zh, name_en FROM campaign WHERE id = :id", id=campaign)
        )
        said = await StoredPacingMemory(store).said(campaign)
    finally:
        store.close()
    if name is None:
        raise InstallationError(f"there is no campaign {campaign}")
    if said is None:
        raise InstallationError(
            "pacing has not looked at this campaign yet: it runs in no dialer, or in preview"
        )
    if form is Form.JSON:
        say(TypeAdapter(Said).dump_json(said, indent=1).decode())
    else:
        say(f"{name.name_en}  {name.name_zh}  at {said.at.isoformat()}")
        say(said.sentence.en)
        say(said.sentence.zh)
    return 0


def _tell(view: ListView, say: Callable[[str], None]) -> None:
    say(f"{view.campaign.name.en}  {view.leads} open leads  at {view.at.isoformat()}")
    _counts(view.counts, say)
    if view.changed is not None:
        say("under what was changed:")
        _counts(view.changed, say)


def _counts(counts: CountsView, say: Callable[[str], None]) -> None:
    say(f"  now {counts.now}  today {counts.today}  later {counts.later}  only after a cure {counts.never}")
    for reason in counts.reasons:
        say(f"  {reason.leads:>8}  {reason.code}  {reason.sentence.en}")
        say(f"            cure: {reason.cure.en}")
        for law in reason.laws:
            say(f"            {law.title} {law.article}")
