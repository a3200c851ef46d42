"""VICIdial's exports taken over: refusals first, nothing dialable without proof, no row uncounted."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.ports.ledger import Refused
from dialer.processes.vicidial_cli import Taken, take_over
from dialer.services.lead_vicidial import Exports, read_callbacks, read_dnc, read_leads
from dialer.storage.clock import InstallationClock
from tests.unit.storage.storage_world import World, fresh_sqlite

ZONE = ZoneInfo("Asia/Shanghai")
DNC = "phone_number\n13000000011\n13000000012\n110\n"
LEADS = """lead_id\tentry_date\tstatus\tphone_code\tphone_number\tfirst_name\tlast_name
1\t2026-11-01 09:00:00\tNEW\t86\t13000000013\t芳\t王
2\t2026-11-02 09:00:00\tCALLBK\t86\t13000000014\t伟\t李
3\t2026-11-02 10:00:00\tDNC\t86\t13000000015\t敏\t张
4\t2026-11-02 11:00:00\tNEW\t86\t13000000011\t洋\t刘
5\t2026-11-02 12:00:00\tSALE\t86\t13000000016\t静\t陈
6\t2026-11-02 13:00:00\tNEW\t86\t12345\t磊\t杨
7\t2026-11-02 13:00:00\tNEW\t86\t13000000013\t芳\t王
8\t\tNEW\t86\t13000000017\t倩\t赵
"""
CALLBACKS = """lead_id,callback_time,status
2,2026-11-18 10:00:00,ACTIVE
1,2026-11-18 10:00:00,INACTIVE
9,2026-11-18 10:00:00,ACTIVE
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def read() -> Exports:
    found = Exports()
    read_dnc(DNC, "CN", found)
    read_callbacks(CALLBACKS, ZONE, read_leads(LEADS, "CN", ZONE, found), found)
    return found


async def take(world: World, exports: Exports) -> Taken:
    return await take_over(
        world.store,
        world.log,
        world.keys,
        InstallationClock(world.store),
        OrganisationId(ORG),
        UserId(SUPERVISOR),
        CampaignId(CAMPAIGN),
        exports,
    )


async def test_refusals_come_first_and_every_row_is_counted(world: World) -> None:
    exports = read()
    assert await take(world, exports) == Taken(entered=3, known=0, callbacks=1, leads=1)
    assert dict(exports.left_out) == {
        "dnc.number.emergency": 1,
        "lead.refused_there": 1,
        "lead.settled_there": 1,
        "lead.number.short_code": 1,
        "lead.twice": 1,
        "lead.no_date": 1,
        "lead.on_dnc": 1,
        "callback.over": 1,
        "callback.no_lead": 1,
    }
    refused_at = world.one("SELECT MAX(leaf_seq) AS seq FROM dnc_entry").seq
    assert world.one("SELECT size FROM log_head").size == refused_at + 1  # leads without consent have no leaf
    lead = world.one("SELECT * FROM lead WHERE promised_from_us IS NOT NULL")
    assert lead.promised_from_us == 1794967200000000  # 10:00 in Shanghai


async def test_nothing_that_came_from_there_is_dialled(world: World) -> None:
    await take(world, read())
    claims = await world.ledger.claim(CampaignId(CAMPAIGN), 100)
    assert len(claims) == 2
    for claim in claims:
        answer = await world.ledger.authorise(claim)
        assert isinstance(answer, Refused)
        assert "CONSENT_MISSING" in answer.refusal.codes
    control = await world.permit(await world.lead(18))
    assert control.attempt_id


async def test_taking_over_twice_adds_nothing(world: World) -> None:
    await take(world, read())
    again = read()
    assert await take(world, again) == Taken(entered=0, known=3, callbacks=0, leads=0)
    assert again.left_out["lead.here_already"] == 2


def test_an_export_without_its_columns_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="status"):
        read_leads("lead_id,phone_number\n1,13000000013\n", "CN", ZONE, Exports())
