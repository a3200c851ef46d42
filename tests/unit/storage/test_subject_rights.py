"""A person sees, corrects and has deleted what is kept of them; what is proven about others stays proven."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.demo.sample_organisation import ORG, SUPERVISOR
from dialer.domain.ids import OrganisationId, SubjectId, UserId
from dialer.evidence.checks import verify_bundle
from dialer.ports.gate import GateNo
from dialer.ports.ledger import Refused
from dialer.rules.shipped import shipped_packs
from dialer.services.subject_rights import CaseKind, CaseView, Erased, SubjectRights, deadline
from dialer.services.views.words import Declined
from dialer.storage.clock import InstallationClock
from dialer.storage.holds import StoredHolds
from dialer.storage.subject_cases import HELD, NOT_OPEN, TOO_SOON, StoredCases
from dialer.vault.objects import LocalObjects
from dialer.vault.removal import VaultFiles
from tests.unit.storage.proof_world import ProofWorld, trust
from tests.unit.storage.storage_world import number_of

THE_ORG, USER = OrganisationId(ORG), UserId(SUPERVISOR)
DAY = 86_400


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProofWorld]:
    opened = ProofWorld(tmp_path)
    yield opened
    opened.close()


def rights(world: ProofWorld) -> SubjectRights:
    core = world.core
    clock = InstallationClock(core.store)
    cases = StoredCases(core.store, core.log, core.keys, clock, shipped_packs)
    calendar = shipped_packs().calendars["cn"]
    return SubjectRights(cases, VaultFiles(LocalObjects(world.home / "vault")), clock, calendar)


async def case_of(world: ProofWorld, ending: int, kind: CaseKind) -> CaseView:
    case = await rights(world).open_case(THE_ORG, USER, number_of(ending), kind, "CN")
    assert isinstance(case, CaseView), case
    return case


@pytest.mark.rule("D13")
async def test_from_the_request_on_the_data_are_stored_and_not_used(world: ProofWorld) -> None:
    core = world.core
    asked, other = await core.lead(1), await core.lead(2)
    permit = await core.permit(asked)
    await case_of(world, 1, CaseKind.DELETE)
    answer = await core.gate(permit.token)
    assert isinstance(answer, GateNo)
    core.run("UPDATE lead SET state = 'queued', due_us = 0 WHERE id = :id", id=asked)
    refused = await core.ledger.authorise(await core.claim(asked))
    assert isinstance(refused, Refused)
    assert "SUBJECT_DELETION" in {o.code for o in refused.refusal.objections}
    await core.permit(other)


@pytest.mark.rule("D13")
async def test_nothing_is_erased_before_the_statutory_term_or_under_a_hold_and_then_it_is(
    world: ProofWorld,
) -> None:
    await world.talked(1)
    case = await case_of(world, 1, CaseKind.DELETE)
    assert case.waits_until is not None
    assert await rights(world).erase(THE_ORG, USER, case.id) == TOO_SOON
    assert await rights(world).erase_ripe() == 0
    world.core.wind(31 * DAY)
    holds = StoredHolds(world.core.store, world.core.log)
    hold = await holds.set_hold(THE_ORG, USER, SubjectId(case.sid), "court file 7")
    assert isinstance(hold, str)
    assert await rights(world).erase(THE_ORG, USER, case.id) == HELD
    assert await rights(world).erase_ripe() == 0
    assert await holds.lift(THE_ORG, USER, hold, "court file 7 closed")
    assert not await holds.lift(THE_ORG, USER, hold, "again")
    assert await rights(world).erase_ripe() == 1
    assert await rights(world).erase(THE_ORG, USER, case.id) == NOT_OPEN


async def _erased(world: ProofWorld, ending: int) -> Erased:
    case = await case_of(world, ending, CaseKind.DELETE)
    world.core.wind(31 * DAY)
    done = await rights(world).erase(THE_ORG, USER, case.id)
    assert isinstance(done, Erased), done
    return done


async def test_erasure_leaves_nothing_that_opens_on_the_disk(world: ProofWorld) -> None:
    attempt = await world.talked(1)
    core = world.core
    row = core.one(
        "SELECT s.wrapped_key, s.number_ct, r.wrapped_key AS rec, r.path, p.sealed FROM attempt a"
        " JOIN subject s ON s.sid = a.sid JOIN recording r ON r.attempt_id = a.id"
        " JOIN permit p ON p.attempt_id = a.id WHERE a.id = :id",
        id=attempt,
    )
    secrets = [bytes(row.wrapped_key), bytes(row.number_ct), bytes(row.rec), bytes(row.sealed)]
    secrets += [
        bytes(r.ct)
        for r in core.all("SELECT p.ct FROM payload p JOIN leaf l ON l.seq = p.seq WHERE l.sid = p.sid")
    ]
    secrets = [secret[:32] for secret in secrets]  # a long one is spread over pages
    before = _disk(world)
    assert all(secret in before for secret in secrets)
    assert (world.home / "vault" / row.path).exists()
    done = await _erased(world, 1)
    assert (done.recordings, done.payloads) == (1, len(secrets) - 4 + 1)  # the request's own, too
    after = _disk(world)
    assert not [secret for secret in secrets if secret in after]
    assert not (world.home / "vault" / row.path).exists()
    assert core.one("SELECT path FROM recording WHERE attempt_id = :id", id=attempt).path is None


def _disk(world: ProofWorld) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(world.home.glob("dialer.db*")))


async def test_the_tree_and_the_bundles_stay_valid_and_fsck_finds_nothing(world: ProofWorld) -> None:
    erased, other = await world.talked(1), await world.talked(2)
    await world.sign()
    early = await world.bundle(other, ORG)
    await _erased(world, 1)
    await world.sign()
    assert world.audit().found == ()
    for data in (early, await world.bundle(other, ORG), await world.bundle(erased, ORG)):
        report = verify_bundle(data, trust(), None)
        failed = [c for c in report.checks if c.outcome == "fail"]
        assert report.exit_code == 0, failed


async def test_a_refusal_outlives_the_erasure_and_a_new_import_does_not_wake_the_number(
    world: ProofWorld,
) -> None:
    await world.core.refuse(await world.core.lead(1))
    await _erased(world, 1)
    again = await world.core.lead(1)
    refused = await world.core.ledger.authorise(await world.core.claim(again))
    assert isinstance(refused, Refused)
    assert any(o.code.startswith("DNC") for o in refused.refusal.objections)


async def test_a_person_gets_a_copy_to_read_and_it_is_on_the_log(world: ProofWorld) -> None:
    await world.talked(1)
    case = await case_of(world, 1, CaseKind.QUERY)
    text = await rights(world).copy(THE_ORG, USER, case.id)
    assert isinstance(text, str)
    for part in (number_of(1), "测试人", "想了解续费价格", "callback", "录音 recording: 有 yes"):
        assert part in text
    assert number_of(2) not in text
    assert world.core.one("SELECT COUNT(*) AS n FROM leaf WHERE type = 'evidence.exported'").n == 1
    assert await rights(world).copy(THE_ORG, USER, case.id) == NOT_OPEN


async def test_a_name_is_corrected_where_it_is_still_used_and_the_consent_stays_as_it_was(
    world: ProofWorld,
) -> None:
    await world.core.lead(1)
    case = await case_of(world, 1, CaseKind.CORRECT)
    done = await rights(world).correct(THE_ORG, USER, case.id, "更正后")
    assert isinstance(done, CaseView)
    assert done.outcome == "corrected"
    query = await case_of(world, 1, CaseKind.QUERY)
    text = await rights(world).copy(THE_ORG, USER, query.id)
    assert isinstance(text, str)
    assert "姓名 name: 更正后" in text
    assert "姓名 name: 测试人" in text
    assert world.audit().found == ()


async def test_another_organisations_case_is_not_there(world: ProofWorld) -> None:
    await world.core.lead(1)
    case = await case_of(world, 1, CaseKind.QUERY)
    assert await rights(world).copy(OrganisationId("other"), USER, case.id) is None
    assert await rights(world).listed(OrganisationId("other")) == ()
    assert [c.id for c in await rights(world).listed(THE_ORG)] == [case.id]
    unknown = await rights(world).open_case(THE_ORG, USER, number_of(50), CaseKind.QUERY, "CN")
    assert isinstance(unknown, Declined)


@pytest.mark.parametrize(
    ("opened", "due", "why"),
    [
        ("2026-09-28", "2026-10-23", "the national holiday is no working day, the make-up days are"),
        ("2026-11-18", "2026-12-09", "three plain weeks"),
        ("2030-01-01", "2030-01-16", "the year isn't announced: as many plain days, which is sooner"),
    ],
)
def test_the_deadline_is_fifteen_working_days_later(opened: str, due: str, why: str) -> None:
    at = datetime.fromisoformat(opened).replace(hour=4, tzinfo=UTC)
    assert deadline(shipped_packs().calendars["cn"], at).date().isoformat() == due, why
