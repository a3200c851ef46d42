"""fsck, people's rights and log shipping on both engines."""

from __future__ import annotations

from pathlib import Path

from dialer.demo.sample_organisation import ORG, SUPERVISOR
from dialer.domain.dnc import DncScope
from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.trust import Trust
from dialer.rules.shipped import shipped_packs
from dialer.services.retention import Purge, RetentionRun
from dialer.services.subject_rights import CaseKind, CaseView, Erased, SubjectRights
from dialer.storage.clock import InstallationClock
from dialer.storage.fsck import Against, check_store
from dialer.storage.replay import replay
from dialer.storage.retention import StoredRetention
from dialer.storage.shipping import Shipper, read_shipped
from dialer.storage.subject_cases import StoredCases
from dialer.vault.objects import LocalObjects
from dialer.vault.removal import VaultFiles
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import ORIGIN, World, fresh_sqlite, number_of

__all__ = ["core", "core_url"]
THE_ORG, USER = OrganisationId(ORG), UserId(SUPERVISOR)


def codes(world: World) -> set[str]:
    """What fsck finds; nothing is signed and no sound is kept in this suite."""
    against = Against(Trust(ORIGIN, ()), None, world.keys, lambda path, key: None)
    audit = world.store.read_now(lambda tx: check_store(tx, against))
    assert audit.leaves > 0
    return {found.code for found in audit.found}


async def _some_calls(world: World) -> None:
    for ending in range(3):
        await world.placed(await world.lead(ending), f"egress-{ending}")
    await world.refuse(await world.lead(8))
    await world.refuse(await world.lead(9), DncScope.PLATFORM)


async def test_a_store_as_the_product_wrote_it_is_clean_and_an_edited_one_is_not(core: World) -> None:
    await _some_calls(core)
    assert codes(core) == set()
    core.run("UPDATE attempt SET state = 'failed' WHERE state = 'placed'")
    core.run("DELETE FROM dnc_entry WHERE org_id IS NULL")
    assert {"attempt.state", "dnc.missing", "dnc.tree"} <= codes(core)


async def test_a_person_is_erased_and_the_store_stays_clean(core: World, tmp_path: Path) -> None:
    await core.lead(1)
    clock = InstallationClock(core.store)
    cases = StoredCases(core.store, core.log, core.keys, clock, shipped_packs)
    rights = SubjectRights(cases, VaultFiles(LocalObjects(tmp_path)), clock, shipped_packs().calendars["cn"])
    case = await rights.open_case(THE_ORG, USER, number_of(1), CaseKind.DELETE, "CN")
    assert isinstance(case, CaseView)
    core.wind(31 * 86_400)
    assert isinstance(await rights.erase(THE_ORG, USER, case.id), Erased)
    assert codes(core) == set()
    run = RetentionRun(
        StoredRetention(core.store, core.log, shipped_packs), VaultFiles(LocalObjects(tmp_path))
    )
    assert await run.run() == Purge(0, 0, ())


async def test_what_was_shipped_makes_the_same_log_and_the_same_refusals_elsewhere(
    core: World, tmp_path: Path
) -> None:
    shipper = Shipper(tmp_path / "shipped", "test")
    await _some_calls(core)
    core.store.read_now(lambda tx: shipper(tx, set()))
    await core.refuse(await core.lead(5))
    core.store.read_now(lambda tx: shipper(tx, set()))
    shipper.close()
    copy = World(fresh_sqlite(tmp_path))
    try:
        for batch in read_shipped(tmp_path / "shipped", 0):
            copy.store.write_now(lambda tx, batch=batch: replay(tx, core.keys, ORIGIN, batch))  # type: ignore[misc]
        ours, theirs = (w.one("SELECT size, root FROM log_head") for w in (core, copy))
        assert (ours.size, bytes(ours.root)) == (theirs.size, bytes(theirs.root))
        heads = [w.one("SELECT size, root FROM dnc_head") for w in (core, copy)]
        assert heads[0].size == heads[1].size == 3
        assert bytes(heads[0].root) == bytes(heads[1].root)
        assert codes(copy) == set()
    finally:
        copy.close()
