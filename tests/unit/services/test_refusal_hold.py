"""A refusal that comes while a permit is made and waits for its commit: the call is not placed, it may be to that number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId, CampaignId
from dialer.ports.ledger import Authorisation, Claim, Ledger, Skipped
from dialer.services.refusals import HeardInCall, Spool
from dialer.testing.callees import Ring, Script
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

SILENT: Script = (Ring(60.0),)
WAITING = HeardInCall(AttemptId("f" * 32), DncReason.KEY, DncScope.ORGANISATION, None)


@dataclass
class RefusedMeanwhile:
    """The product's ledger, while whose commit somebody refuses."""

    ledger: Ledger
    spool: Spool

    async def claim(
        self, campaign_id: CampaignId, count: int, languages: frozenset[str] | None = None
    ) -> list[Claim]:
        return await self.ledger.claim(campaign_id, count, languages)

    async def authorise(self, claim: Claim) -> Authorisation:
        answer = await self.ledger.authorise(claim)
        await self.spool.keep(WAITING)
        return answer

    async def put_back(self, claim: Claim, wait_seconds: int, skipped: Skipped | None) -> None:
        await self.ledger.put_back(claim, wait_seconds, skipped)


def test_a_permit_made_while_a_refusal_came_in_is_void_and_nobody_is_called(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: SILENT
        await floor.world.leads(range(1, 3))
        await floor.man(MACHINES[0])
        spool, seated = floor.refusals._spool, len(floor.sim.originates)
        floor.dialing._ledger = RefusedMeanwhile(floor.world.ledger, spool)
        assert await floor.tick() == 0
        assert len(floor.sim.originates) == seated
        assert floor.world.one("SELECT state FROM permit").state == "void"
        assert floor.world.one("SELECT state FROM attempt").state == "lapsed"
        assert await floor.tick() == 0, "and nothing more while it waits"
        ((place, _),) = spool.waiting()
        await spool.committed(place)
        floor.dialing._ledger = floor.world.ledger
        floor.world.wind(3_600)
        assert await floor.tick() == 1, "the control"
        assert len(floor.sim.originates) == seated + 1

    play(tmp_path, story)
