"""Nothing is purged before its term, under a hold or with a hole in its proof; what is purged leaves a certificate."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.compliance.retention import UnknownLaw, statutory_days
from dialer.demo.sample_organisation import DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.ids import OrganisationId, SubjectId, UserId
from dialer.domain.organisation import Industry
from dialer.evidence.checkpoint import cosignature_time, parse_note
from dialer.evidence.checks import verify_bundle
from dialer.evidence.merkle import inclusion_holds, leaf_hash
from dialer.evidence.payload import payload_from_json
from dialer.evidence.record import parse_leaf
from dialer.evidence.trust import KeyUse
from dialer.rules.shipped import shipped_packs
from dialer.services.retention import Purge, RetentionRun
from dialer.storage.holds import StoredHolds
from dialer.storage.retention import StoredRetention, certificate
from dialer.vault.objects import LocalObjects
from dialer.vault.removal import VaultFiles
from tests.unit.storage.proof_world import ProofWorld, trust

DAY = 86_400
KEPT_DAYS = 1095
"""What the sample campaign keeps and its consent text promises."""


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProofWorld]:
    opened = ProofWorld(tmp_path)
    yield opened
    opened.close()


def run_of(world: ProofWorld) -> RetentionRun:
    kept = StoredRetention(world.core.store, world.core.log, shipped_packs)
    return RetentionRun(kept, VaultFiles(LocalObjects(world.home / "vault")))


@pytest.mark.rule("D12")
async def test_a_call_is_purged_after_its_term_and_not_a_day_before(world: ProofWorld) -> None:
    attempt = await world.talked(1)
    await world.sign()
    world.core.wind((KEPT_DAYS - 1) * DAY)
    assert await run_of(world).run() == Purge(0, 0, ())
    world.core.wind(2 * DAY)
    assert await run_of(world).run() == Purge(1, 1, ())
    assert await run_of(world).run() == Purge(0, 0, ())
    assert list((world.home / "vault").glob("*/*.bin")) == []
    await world.sign()
    assert world.audit().found == ()
    report = verify_bundle(await world.bundle(attempt, ORG), trust(), None)
    assert report.exit_code == 0


@pytest.mark.rule("D12")
async def test_a_hold_keeps_what_is_due_until_it_is_lifted(world: ProofWorld) -> None:
    attempt = await world.talked(1)
    await world.sign()
    holds = StoredHolds(world.core.store, world.core.log)
    sid = SubjectId(world.core.attempt(attempt).sid)
    org, user = OrganisationId(ORG), UserId(SUPERVISOR)
    hold = await holds.set_hold(org, user, sid, "court file 7")
    world.core.wind((KEPT_DAYS + 1) * DAY)
    assert await run_of(world).run() == Purge(0, 0, ())
    assert isinstance(hold, str)
    await holds.lift(org, user, hold, "closed")
    assert (await run_of(world).run()).calls == 1


async def test_nothing_is_purged_before_it_is_cosigned(world: ProofWorld) -> None:
    await world.talked(1)
    world.core.wind((KEPT_DAYS + 1) * DAY)
    assert await run_of(world).run() == Purge(0, 0, ())
    await world.sign()
    assert (await run_of(world).run()).calls == 1


async def test_a_call_whose_recording_is_lost_is_kept_and_named(world: ProofWorld) -> None:
    lost, whole = await world.talked(1), await world.talked(2)
    await world.sign()
    path = world.core.one("SELECT path FROM recording WHERE attempt_id = :id", id=lost).path
    (world.home / "vault" / path).rename(world.home / "elsewhere")
    world.core.wind((KEPT_DAYS + 1) * DAY)
    assert await run_of(world).run() == Purge(1, 1, (lost,))
    assert world.core.one("SELECT state FROM recording WHERE attempt_id = :id", id=whole).state == "purged"
    (world.home / "elsewhere").rename(world.home / "vault" / path)
    assert await run_of(world).run() == Purge(1, 1, ())


async def test_a_call_with_a_payload_missing_is_kept(world: ProofWorld) -> None:
    attempt = await world.talked(1)
    await world.sign()
    world.core.run(
        "UPDATE payload SET ct = NULL WHERE seq = (SELECT MAX(p.seq) FROM payload p JOIN leaf l ON l.seq = p.seq"
        " WHERE l.attempt_id = :id)",
        id=attempt,
    )
    world.core.wind((KEPT_DAYS + 1) * DAY)
    assert (await run_of(world).run()).calls == 0


async def test_a_purge_has_a_certificate_that_anybody_can_check(world: ProofWorld) -> None:
    attempt = await world.talked(1)
    await world.sign()
    world.core.wind((KEPT_DAYS + 1) * DAY)
    await run_of(world).run()
    seq = world.core.one("SELECT seq FROM leaf WHERE type = 'retention.purged'").seq
    assert world.core.store.read_now(lambda tx: certificate(tx, seq)) is None, "not cosigned yet"
    await world.sign()
    text = world.core.store.read_now(lambda tx: certificate(tx, seq))
    assert text is not None
    said = json.loads(text)
    leaf = parse_leaf(said["leaf"].encode())
    payload = payload_from_json(said["payload"])
    note = parse_note(said["checkpoint"].encode())
    head = note.checkpoint()
    assert payload.commit() == leaf.event.commit
    assert payload.value("payloads")
    assert leaf.event.attempt_id == attempt
    proof = [bytes.fromhex(digest) for digest in said["path"]]
    assert inclusion_holds(leaf_hash(said["leaf"].encode()), seq, head.size, proof, head.root)
    witness = trust().of(KeyUse.WITNESS)[0]
    assert cosignature_time(note, witness.note_key()) is not None
    assert world.core.store.read_now(lambda tx: certificate(tx, 0)) is None, "an import is no purge"


@pytest.mark.parametrize(
    ("packs", "industry", "days"),
    [
        ({"house", "cn"}, Industry.GENERAL, 30),
        ({"house", "cn"}, Industry.FINANCE, 1827),
        ({"house", "cn", "us-federal"}, Industry.GENERAL, 1827),
    ],
)
@pytest.mark.rule("D19")
def test_the_longest_minimum_holds(packs: set[str], industry: Industry, days: int) -> None:
    found = statutory_days(
        shipped_packs(), frozenset(packs), frozenset({industry}), frozenset({DEMO_INSTANT.date()})
    )
    assert found == days


def test_a_pack_that_is_not_loaded_has_a_term_that_is_not_known() -> None:
    day = frozenset({DEMO_INSTANT.date()})
    with pytest.raises(UnknownLaw):
        statutory_days(shipped_packs(), frozenset({"house", "xx"}), frozenset(), day)
    with pytest.raises(UnknownLaw):
        statutory_days(shipped_packs(), frozenset(), frozenset(), day)
