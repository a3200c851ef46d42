"""Refusals wait on disk when the database can't take them, stop every call, and are committed when it is back."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.demo.sample_organisation import DEMO_INSTANT, ORG
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.errors import InstallationError, StoreUnavailable
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import RefusalHeard
from dialer.services.refusals import HeardInCall, Refusals, ToldRefusal, Waiting
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_spool import FILE_BYTES, SLOT_BYTES, SLOTS, RefusalSpool
from dialer.testing.clock import HandWoundClock
from tests.unit.storage.storage_world import World, fresh_sqlite, keyring, number_of

PARTNER = Actor(ActorKind.PARTNER, "crm")
AGENT = Actor(ActorKind.USER, "user-agent")
IN_CALL = HeardInCall(AttemptId("a" * 32), DncReason.KEY, DncScope.ORGANISATION, None)


def told(ending: int) -> ToldRefusal:
    return ToldRefusal(
        org_id=OrganisationId(ORG),
        number=number_of(ending),
        purpose=None,
        reason=DncReason.SMS,
        actor=PARTNER,
        said_at=datetime(2026, 11, 17, 8, 0, tzinfo=UTC),
        via="sms",
    )


@dataclass
class Line:
    """An exchange or egress of which only hanging up is asked."""

    hung_up: list[AttemptId] = field(default_factory=list)

    async def hang_up(self, attempt_id: AttemptId) -> None:
        self.hung_up.append(attempt_id)


@dataclass
class Desk:
    """Refusals on a real database and a real spool."""

    core: World
    path: Path
    line: Line = field(default_factory=Line)
    spool: RefusalSpool = field(init=False)
    refusals: Refusals = field(init=False)
    clock: HandWoundClock = field(default_factory=lambda: HandWoundClock(DEMO_INSTANT))

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """The process starts: the spool is read."""
        self.spool = RefusalSpool(self.path, self.core.keys)
        self.refusals = Refusals(
            calls=self.core.calls,
            numbers=StoredDoNotCall(self.core.store, self.core.log, self.core.keys),
            telephony=self.line,
            egress=self.line,
            spool=self.spool,
            clock=self.clock,
        )

    def restart(self) -> None:
        self.spool.close()
        self.start()

    def entries(self) -> int:
        return int(self.core.one("SELECT COUNT(*) AS n FROM dnc_entry").n)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    core = World(fresh_sqlite(tmp_path))
    opened = Desk(core, tmp_path / "refusals.spool")
    yield opened
    opened.spool.close()
    core.close()


class Locked:
    """Another program holds the database's write lock: no commit is possible."""

    def __init__(self, core: World) -> None:
        self._other = sqlite3.connect(core.url.removeprefix("sqlite:///"), isolation_level=None)

    def __enter__(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._other.execute("ROLLBACK")
        self._other.close()


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("refusal", [told(7), IN_CALL], ids=["told", "in a call"])
async def test_what_is_kept_is_read_again_by_the_next_start(
    desk: Desk, refusal: ToldRefusal | HeardInCall
) -> None:
    await desk.spool.keep(refusal)
    desk.restart()
    ((place, kept),) = desk.spool.waiting()
    assert kept == refusal
    await desk.spool.committed(place)
    desk.restart()
    assert desk.spool.waiting() == ()


async def test_the_same_refusal_waits_once_and_another_beside_it(desk: Desk) -> None:
    for refusal in (told(7), told(7), told(8), IN_CALL, IN_CALL):
        await desk.spool.keep(refusal)
    assert [r for _, r in desk.spool.waiting()] == [told(7), told(8), IN_CALL]


async def test_the_file_has_its_whole_size_from_the_start_and_no_number_in_the_clear(desk: Desk) -> None:
    assert desk.path.stat().st_blocks * 512 >= FILE_BYTES
    assert desk.path.stat().st_mode & 0o077 == 0
    await desk.spool.keep(told(7))
    content = desk.path.read_bytes()
    assert len(content) == FILE_BYTES
    for digits in (number_of(7)[1:], number_of(7)[3:]):
        assert digits.encode() not in content
        assert digits.encode("utf-16-le") not in content


async def test_a_damaged_slot_stops_the_start_instead_of_losing_a_refusal(desk: Desk) -> None:
    await desk.spool.keep(told(7))
    with desk.path.open("r+b") as file:
        file.seek(SLOT_BYTES + 60)
        byte = file.read(1)
        file.seek(SLOT_BYTES + 60)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(InstallationError, match="look before dialling"):
        RefusalSpool(desk.path, keyring())


async def test_another_file_is_not_taken_for_the_spool(tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_bytes(b"a letter to somebody")
    with pytest.raises(InstallationError):
        RefusalSpool(path, keyring())
    assert path.read_bytes() == b"a letter to somebody"


def test_without_room_on_the_disk_nothing_starts(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES // 2, hard))
    try:
        with pytest.raises(InstallationError, match="no room"):
            RefusalSpool(tmp_path / "small.spool", keyring())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    RefusalSpool(tmp_path / "enough.spool", keyring()).close()


async def test_a_disk_that_fills_up_later_keeps_no_refusal_out(desk: Desk) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, hard))
    try:
        for ending in range(20):
            await desk.spool.keep(told(ending))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    desk.restart()
    assert len(desk.spool.waiting()) == 20


async def test_a_spool_that_is_full_holds_the_rest_in_memory_and_says_that_it_is_not_on_disk(
    desk: Desk,
) -> None:
    desk.spool._waiting = {place: told(place % 90) for place in range(1, SLOTS + 1)}
    with pytest.raises(StoreUnavailable):
        await desk.spool.keep(told(99))
    assert told(99) in [r for _, r in desk.spool.waiting()]
    await desk.spool.committed(5)
    await desk.spool.keep(told(99))
    assert [place for place, r in desk.spool.waiting() if r == told(99)] == [5]


# ---------------------------------------------------------------- the database is away


async def test_a_refusal_told_while_the_database_is_locked_stops_everything_until_it_is_committed(
    desk: Desk,
) -> None:
    assert not desk.refusals.is_waiting()
    with Locked(desk.core):
        assert isinstance(await desk.refusals.told(told(7)), Waiting)
        assert desk.refusals.is_waiting()
        assert await desk.refusals.drain() == 0
        assert desk.refusals.is_waiting()
    assert desk.entries() == 0
    assert await desk.refusals.drain() == 1
    assert not desk.refusals.is_waiting()
    assert desk.entries() == 1
    assert isinstance(await desk.refusals.told(told(8)), RefusalHeard)


async def test_a_refusal_survives_the_process_that_could_not_commit_it(desk: Desk) -> None:
    with Locked(desk.core):
        await desk.refusals.told(told(7))
    desk.restart()
    assert desk.refusals.is_waiting()
    assert await desk.refusals.drain() == 1
    assert desk.entries() == 1


async def test_legs_to_the_number_are_cut_even_though_nothing_can_be_committed(desk: Desk) -> None:
    permit = await desk.core.placed(await desk.core.lead(7))
    with Locked(desk.core):
        await desk.refusals.told(told(7))
    assert set(desk.line.hung_up) == {permit.attempt_id}


async def test_a_key_in_a_call_is_spooled_and_the_call_closes_after_its_time(desk: Desk) -> None:
    permit = await desk.core.placed(await desk.core.lead(7))
    with Locked(desk.core):
        heard = await desk.refusals.heard_in_attempt(permit.attempt_id, DncReason.KEY, None)
    assert isinstance(heard, Waiting)
    assert heard.closing_until is not None
    assert await desk.refusals.cut_wanted() == 0
    desk.clock.advance(31)
    assert await desk.refusals.cut_wanted() == 1
    assert permit.attempt_id in desk.line.hung_up
    assert await desk.refusals.drain() == 1
    entry = desk.core.one("SELECT reason, actor, attempt_id FROM dnc_entry")
    sid = desk.core.attempt(permit.attempt_id).sid
    assert (entry.reason, entry.actor, entry.attempt_id) == ("key", f"callee:{sid}", permit.attempt_id)
    assert desk.core.attempt(permit.attempt_id).disposition == "refused"


async def test_a_store_that_is_closed_altogether_loses_no_refusal(desk: Desk) -> None:
    permit = await desk.core.placed(await desk.core.lead(7))
    url = desk.core.url
    desk.core.close()
    heard = await desk.refusals.heard_in_attempt(permit.attempt_id, DncReason.SAID, AGENT)
    assert isinstance(heard, Waiting)
    desk.core = World(url)
    desk.restart()
    assert await desk.refusals.drain() == 1
    assert desk.entries() == 1


async def test_a_database_without_room_does_not_keep_a_refusal_out(desk: Desk) -> None:
    pages = int(desk.core.one("PRAGMA page_count")[0])

    def fill(core: World) -> None:
        core.store.write_now(lambda tx: tx.one(f"PRAGMA max_page_count = {pages}"))

    fill(desk.core)
    waited = 0
    for ending in range(40):
        waited += isinstance(await desk.refusals.told(told(ending)), Waiting)
    assert waited > 0
    assert desk.entries() + len(desk.spool.waiting()) == 40
    desk.core.store.write_now(lambda tx: tx.one(f"PRAGMA max_page_count = {pages * 100}"))
    assert await desk.refusals.drain() == waited
    assert desk.entries() == 40


async def test_a_refusal_for_an_attempt_that_the_database_does_not_know_is_kept_for_a_person(
    desk: Desk,
) -> None:
    await desk.spool.keep(IN_CALL)
    assert await desk.refusals.drain() == 0
    assert desk.refusals.is_waiting()
