"""Calls that people made to us: kept for the law's term, destroyed after it, and looked at by fsck like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.compliance.retention import statutory_days
from dialer.demo.sample_organisation import CALLER_ID, ORG, SUPERVISOR
from dialer.domain.ids import AttemptId, OrganisationId, SubjectId, UserId
from dialer.domain.organisation import Industry
from dialer.ports.inbound import InboundEnd, InboundYes
from dialer.rules.shipped import shipped_packs
from dialer.services.retention import Purge
from dialer.storage.holds import StoredHolds
from dialer.storage.inbound import StoredInbound, take
from dialer.storage.terms import subject_end
from dialer.storage.times import moment
from tests.unit.storage.proof_world import ProofWorld
from tests.unit.storage.test_retention import DAY, run_of

CALLER = "+8613000000077"


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProofWorld]:
    opened = ProofWorld(tmp_path)
    yield opened
    opened.close()


async def rang_in(world: ProofWorld, ending: int = 1, wish: str = "none") -> str:
    """Somebody rings us, says something and hangs up; the call is sealed. Its id."""
    core = world.core
    yes = core.store.write_now(
        lambda tx: take(tx, core.log, core.box.encrypt, f"egress-{ending}", CALLER_ID, CALLER)
    )
    assert isinstance(yes, InboundYes)
    calls = StoredInbound(core.store, core.log, core.keys)
    if wish == "refused":
        await calls.refused(yes.inbound_id, core_now(world))
    world._speak(AttemptId(yes.inbound_id), ending)
    audio = await world.vault.seal(AttemptId(yes.inbound_id))
    assert audio is not None
    assert await calls.close(InboundEnd(yes.inbound_id, CALLER, audio))
    return str(yes.inbound_id)


def core_now(world: ProofWorld) -> datetime:
    return moment(world.core.store.read_now(lambda tx: tx.now_us()))


def term_days(world: ProofWorld) -> int:
    """What the law asks for of the sample organisation."""
    today = frozenset({core_now(world).date()})
    org = world.core.one("SELECT industry FROM organisation WHERE id = :id", id=ORG)
    return statutory_days(
        shipped_packs(), frozenset({"house", "cn"}), frozenset({Industry(org.industry)}), today
    )


@pytest.mark.rule("D12")
async def test_a_caller_without_a_consent_is_kept_for_the_laws_term_and_then_destroyed(
    world: ProofWorld,
) -> None:
    inbound = await rang_in(world, wish="refused")
    await world.sign()
    days = term_days(world)
    world.core.wind((days - 1) * DAY)
    assert await run_of(world).run() == Purge(0, 0, ())
    assert len(list((world.home / "vault").glob("*/*.bin"))) == 1
    world.core.wind(2 * DAY)
    assert await run_of(world).run() == Purge(0, 1, ())
    assert list((world.home / "vault").glob("*/*.bin")) == []
    row = world.core.one("SELECT * FROM recording WHERE inbound_id = :id", id=inbound)
    assert (row.state, row.wrapped_key, row.flac_sha256) == ("erased", None, None)
    person = world.core.one(
        "SELECT wrapped_key, number_ct FROM subject WHERE sid = "
        "(SELECT sid FROM inbound_call WHERE id = :id)",
        id=inbound,
    )
    assert (person.wrapped_key, person.number_ct) == (None, None)
    await world.sign()
    assert world.audit().found == (), "what was destroyed has its leaf"


async def test_a_later_call_and_a_hold_keep_the_earlier_one(world: ProofWorld) -> None:
    first = await rang_in(world)
    await world.sign()
    days = term_days(world)
    world.core.wind((days - 1) * DAY)
    await rang_in(world, ending=2)
    await world.sign()
    world.core.wind(2 * DAY)
    assert await run_of(world).run() == Purge(0, 0, ()), "the person's last contact counts"
    sid = SubjectId(world.core.one("SELECT sid FROM inbound_call WHERE id = :id", id=first).sid)
    holds = StoredHolds(world.core.store, world.core.log)
    org, user = OrganisationId(ORG), UserId(SUPERVISOR)
    hold = await holds.set_hold(org, user, sid, "court file 7")
    assert isinstance(hold, str)
    world.core.wind(days * DAY)
    assert await run_of(world).run() == Purge(0, 0, ())
    await holds.lift(org, user, hold, "closed")
    assert await run_of(world).run() == Purge(0, 1, ())


async def test_a_call_that_is_open_or_not_cosigned_yet_is_kept(world: ProofWorld) -> None:
    await rang_in(world)
    world.core.wind((term_days(world) + 1) * DAY)
    assert await run_of(world).run() == Purge(0, 0, ()), "no checkpoint over it is cosigned"
    await world.sign()
    world.core.run("UPDATE inbound_call SET ended_us = NULL")
    assert await run_of(world).run() == Purge(0, 0, ()), "it is still up"
    world.core.run("UPDATE inbound_call SET ended_us = received_us")
    assert (await run_of(world).run()).people == 1


async def test_an_erasure_on_request_waits_for_the_term_of_a_call_to_us(world: ProofWorld) -> None:
    inbound = await rang_in(world)
    row = world.core.one("SELECT sid, ended_us FROM inbound_call WHERE id = :id", id=inbound)
    end = world.core.store.read_now(lambda tx: subject_end(tx, shipped_packs(), row.sid, core_now(world)))
    assert end is not None
    assert (end - moment(row.ended_us)).days == term_days(world)


async def test_fsck_sees_a_recording_of_a_caller_that_was_changed_or_lost(world: ProofWorld) -> None:
    inbound = await rang_in(world)
    await world.sign()
    assert world.audit().found == ()
    path = world.home / "vault" / world.core.one("SELECT path FROM recording").path
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "recording.altered" in world.codes()
    path.unlink()
    assert world.codes() == {"recording.file"}
    path.write_bytes(whole)
    assert world.codes() == set()
    world.core.run("DELETE FROM recording WHERE inbound_id = :id", id=inbound)
    assert world.codes() == {"recording.missing"}
