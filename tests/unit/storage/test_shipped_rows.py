"""What no leaf leads to is shipped too: after a restore every table is as it was, but for those that say why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.backup import backup, restore
from dialer.storage.clock import InstallationClock
from dialer.storage.intake import StoredIntake
from dialer.storage.kept import KEPT, NOT_SHIPPED
from dialer.storage.shipping import FOLLOWED, GROWN
from dialer.storage.sql import written_table
from dialer.storage.stops import StoredStops
from tests.contract.test_storage_heard import hear
from tests.unit.storage.proof_world import ProofWorld
from tests.unit.storage.storage_world import World, keyring, lead_row, number_of
from tests.unit.storage.test_backup_drill import folders, opened, refusal_of, say, settings_of, witnessed
from tests.unit.storage.test_consent_artefacts import archive, line, taken

OF_ITS_OWN = {
    "dialling_stop": "the restore's own stop",
    "permit": "issued ones are void",
    "webhook": "next_seq",
}
"""Tables in which a restored installation differs on purpose."""
CLAIMED = ("owner", "fence", "lease_until_us", "due_us")


def test_every_table_is_followed_compared_grown_again_or_left_out_with_a_reason(
    tmp_path: Path,
) -> None:
    groups = [{table for table, _, _ in FOLLOWED}, set(KEPT), set(GROWN), set(NOT_SHIPPED)]
    with opened(tmp_path) as world:
        assert set().union(*groups) == tables_of(world.core)
    assert groups[0] & groups[1] <= {"inbound_call"}, "by a leaf once the caller is known, and before"


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("\n  UPDATE permit SET state = 'void'", "permit"),
        ("INSERT INTO setting (name) VALUES (:n)", "setting"),
        ("DELETE FROM prompt WHERE id = :id", "prompt"),
        ("SELECT 'UPDATE lead' FROM lead", None),
    ],
)
def test_a_statement_tells_the_table_that_it_writes_to(sql: str, table: str | None) -> None:
    assert written_table(sql) == table


def tables_of(world: World) -> set[str]:
    """Every table of the product."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'alembic_version'"
    return {row.name for row in world.all(sql)}


def content(world: World) -> dict[str, list[str]]:
    """Every row of every table that a restore owes."""
    tables = sorted(tables_of(world) - set(NOT_SHIPPED) - set(OF_ITS_OWN))
    return {
        table: sorted(repr(_plain(row._asdict())) for row in world.all(f"SELECT * FROM {table}"))
        for table in tables
    }


def _plain(row: dict[str, object]) -> dict[str, object]:
    # who had claimed a lead for some seconds was nobody's business
    return {k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items() if k not in CLAIMED}


async def an_eventful_day(world: ProofWorld, talked: AttemptId) -> None:
    """Things that people were told are done, and for which their tables alone stand."""
    core = world.core
    await taken(core, archive(line(11, "scan.pdf"), scan_pdf=b"%PDF-1.7 the signed form"))
    rows = [replace(lead_row(number_of(n)), line=2 + n, consent=None) for n in (12, 13)]
    intake = StoredIntake(core.store, core.log, core.keys, InstallationClock(core.store))
    await intake.take(OrganisationId(ORG), UserId(SUPERVISOR), CampaignId(CAMPAIGN), rows, [], len(rows))
    await hear(core, talked, "dnc", "refusal")
    assert await StoredStops(core.store, core.log).unaccounted("call without a permit", "test")
    stop = core.one("SELECT id FROM dialling_stop").id
    actor = Actor(ActorKind.USER, SUPERVISOR)
    assert await StoredStops(core.store, core.log).lift(stop, OrganisationId(ORG), actor, "looked at")
    assert await StoredStops(core.store, core.log).unaccounted("call without a permit", "again")
    core.run("UPDATE campaign SET state = 'paused', version = version + 1 WHERE id = :id", id=CAMPAIGN)
    core.run("UPDATE user_account SET failed_logins = 3 WHERE id = :id", id=SUPERVISOR)
    assert core.run("DELETE FROM campaign_agent WHERE user_id = 'user-headless-1'") == 1
    core.run("INSERT INTO setting (name, value) VALUES ('drained:node-7', 'yes')")
    core.run("DELETE FROM setting WHERE name = 'drained:node-7'")


@pytest.mark.rule("D20")
async def test_after_a_restore_elsewhere_every_table_is_as_it_was_acknowledged(tmp_path: Path) -> None:
    here, there, kept, shipped = folders(tmp_path)
    with opened(here, shipped) as world:
        talked = await world.talked(1)
        assert backup(settings_of(here), kept, say) == 0
        await an_eventful_day(world, talked)
        await world.sign()
        wanted, seen = content(world.core), witnessed(here)
        stops = world.core.all("SELECT id, lifted_us FROM dialling_stop ORDER BY id")
    done = restore(settings_of(there), kept, shipped, seen, keyring())
    assert done.complete
    assert done.replayed.rows > 0
    with opened(there) as world:
        assert content(world.core) == wanted
        back = world.core.all("SELECT id, lifted_us FROM dialling_stop WHERE code <> 'restored' ORDER BY id")
        assert [tuple(row) for row in back] == [tuple(row) for row in stops]
        assert world.audit().found == ()
        assert "DIALLING_STOPPED" in await refusal_of(world, await world.core.lead(5)), (
            "the second stop stands"
        )


async def test_what_was_not_shipped_is_missed(tmp_path: Path) -> None:
    """The control: without the lines of rows the same comparison fails, table by table."""
    here, there, kept, shipped = folders(tmp_path)
    with opened(here, shipped) as world:
        talked = await world.talked(1)
        assert backup(settings_of(here), kept, say) == 0
        await an_eventful_day(world, talked)
        wanted = content(world.core)
    for file in shipped.glob("*.ship"):
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(one for one in lines if b'"kept":[]' in one))
    restore(settings_of(there), kept, shipped, None, keyring())
    with opened(there) as world:
        back = content(world.core)
    differing = {table for table in wanted if wanted[table] != back[table]}
    assert {"campaign", "campaign_agent", "import_run", "lead", "user_account"} <= differing


async def test_a_line_that_the_disk_took_half_of_spoils_nothing_that_came_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there, kept, shipped = folders(tmp_path)
    with opened(here, shipped) as world:
        assert backup(settings_of(here), kept, say) == 0
        await world.core.refuse(await world.core.lead(2))
        shipper = world.core.store._ship
        assert shipper is not None
        (file,) = shipped.glob("*.ship")
        with file.open("ab") as torn:
            torn.write(b'{"size":9,"leav')
        shipper.close()
        await world.core.refuse(await world.core.lead(3))
        await world.sign()
        size, seen = world.core.size(), witnessed(here)
    done = restore(settings_of(there), kept, shipped, seen, keyring())
    assert (done.size, done.complete) == (size, True)
