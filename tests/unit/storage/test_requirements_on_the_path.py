"""Every requirement that refuses at the gate, on the real path: filed in registers and rows, read by T1, decided and kept.

The breaches are those of tests/unit/compliance; there each is decided from facts alone, here from the database.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.compliance.facts import VaultState
from dialer.compliance.gate import decide
from dialer.compliance.lawful import NOW, lawful_facts
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.ids import CampaignId
from dialer.ports.ledger import Claim, Refused
from dialer.rules.change import without_rules
from dialer.rules.resolve import PackSet
from dialer.rules.shipped import shipped_packs
from dialer.storage.ledger import Ledger
from dialer.storage.sql import Tx
from dialer.storage.times import micros
from tests.unit.storage.rows_of_facts import Rows, differences
from tests.unit.storage.storage_world import World, fresh_sqlite

sys.path.append(str(Path(__file__).parents[1] / "compliance"))
from breach import Breach
from breaches import BREACHES_ALL

ELSEWHERE = {"the number is bound to another campaign": frozenset({"UNKNOWN_CALLER_ID"})}
"""Where the database can't hold the breach as facts can: a campaign shows only numbers that are bound to it."""
ROWS = [
    pytest.param(
        row, id=f"{row.requirement}-{row.name}".replace(" ", "_"), marks=pytest.mark.rule(row.requirement)
    )
    for row in BREACHES_ALL
]


@dataclass
class Stage:
    """A world with one claimed lead that may be called."""

    world: World
    claim: Claim
    vault: VaultState = VaultState.WRITABLE

    def codes(self, row: Breach, packs: PackSet) -> frozenset[str]:
        """Break it in the database, let T1 read and decide, take everything back; the codes on record."""
        ledger = Ledger(
            self.world.store,
            self.world.log,
            self.world.keys,
            read_facts=self.world.facts,
            decide=lambda facts, now: decide(facts, packs, now),
        )
        changed = differences(lawful_facts(NOW), row.facts())
        self.vault = changed.get("vault.state", VaultState.WRITABLE)

        def work(tx: Tx) -> frozenset[str]:
            tx.run("SAVEPOINT breach")
            moved_us = int((row.at - datetime.now(UTC)).total_seconds() * 1e6)
            tx.run("UPDATE clock_offset SET offset_us = :us", us=moved_us)
            tx.run("UPDATE log_head SET last_ts_us = :at", at=micros(row.at) - 1_000_000)
            Rows(tx, self.claim.lead_id, tx.now_us()).write(changed)
            tx.run("UPDATE lead SET lease_until_us = NOW_US + 60000000 WHERE id = :id", id=self.claim.lead_id)
            answer = ledger._authorise(tx, self.claim)
            kept = tx.sole(
                "SELECT outcome, codes FROM decision WHERE lead_id = :id ORDER BY at_us DESC LIMIT 1",
                id=self.claim.lead_id,
            )
            tx.run("ROLLBACK TO SAVEPOINT breach")
            tx.run("RELEASE SAVEPOINT breach")
            assert isinstance(answer, Refused) == (kept.outcome == "refused")
            return frozenset(code for code in kept.codes.split(",") if code)

        return self.world.store.write_now(work)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    world = World(fresh_sqlite(tmp_path_factory.mktemp("path")), vault_state=lambda region: opened.vault)
    home = world.one("SELECT * FROM organisation LIMIT 1")._asdict() | {"id": "org-other", "uscc": "another"}
    world.run(
        f"INSERT INTO organisation ({', '.join(home)}) VALUES ({', '.join(f':{n}' for n in home)})", **home
    )

    world.run(
        "INSERT INTO prompt (id, org_id, name, language, text, sha256, state, changed_by, changed_us)"
        " VALUES ('p', :org, 'notice-zh', 'zh', 'x', 'x', 'approved', 'somebody', 0)",
        org=ORG,
    )

    async def claimed() -> Claim:
        await world.lead(5)
        (claim,) = await world.ledger.claim(CampaignId(CAMPAIGN), 1)
        return claim

    opened = Stage(world, asyncio.run(claimed()))
    yield opened
    world.close()


@pytest.mark.parametrize("row", ROWS)
def test_a_breach_in_the_database_is_refused_by_t1_under_its_own_code(stage: Stage, row: Breach) -> None:
    expected = ELSEWHERE.get(row.name, row.codes)
    assert expected <= stage.codes(row, shipped_packs())


@pytest.mark.parametrize("row", ROWS)
def test_the_same_rows_are_not_refused_so_when_the_packs_lack_the_rule(stage: Stage, row: Breach) -> None:
    if row.name in ELSEWHERE:
        return
    packs = shipped_packs()
    kinds = {r.kind for p in packs.packs for r in p.rules if row.requirement in r.requirements}
    left = stage.codes(row, without_rules(packs, lambda _, rule: rule.kind in kinds))
    assert row.codes - left


def test_the_lead_that_all_of_them_break_may_be_called(stage: Stage) -> None:
    lawful = Breach("D16", "nothing", frozenset(), lambda facts: facts)
    assert stage.codes(lawful, shipped_packs()) == frozenset()
    answer = asyncio.run(stage.world.ledger.authorise(stage.claim))
    assert isinstance(answer, Permit)
