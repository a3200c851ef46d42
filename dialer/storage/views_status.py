"""The line at the top of every page, read from the database: stops, clock offset, last cosignature."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dialer.domain.ids import OrganisationId
from dialer.ports.clock import Clock
from dialer.rules.pack import Place
from dialer.services.views.session import ClockView, DiallingView, StatusView, StopView, WitnessView
from dialer.services.views.vocabulary import stop_sentence
from dialer.services.views.words import Sentence
from dialer.storage.places import read_places
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment, moment_or_none

WITNESS_SECONDS_MAX: Final = 60
"""The witness cosigns at least this often (evidence.md)."""


def _nothing_down() -> tuple[str, ...]:
    return ()


def _nothing_weak() -> tuple[Sentence, ...]:
    return ()


def _nothing_ahead(places: tuple[Place, ...], now: datetime) -> tuple[Sentence, ...]:
    del places, now
    return ()


@dataclass(slots=True)
class StatusReader:
    """Reads `StatusView`.

    `down`: codes of what this process finds away right now and can't dial without (`exchange.down`, `gate.down`,
    `vault.full`, …: the codes of `vocabulary.STOPS`); it must not wait.
    `ahead`: what will stop calls between such places unless somebody acts, as of a moment.
    """

    store: Store
    clock: Clock
    down: Callable[[], tuple[str, ...]] = _nothing_down
    weakened: Callable[[], tuple[Sentence, ...]] = _nothing_weak
    ahead: Callable[[tuple[Place, ...], datetime], tuple[Sentence, ...]] = _nothing_ahead
    _since: dict[str, datetime] = field(default_factory=dict)

    async def view(self, org: OrganisationId) -> StatusView:
        """Clock, dialling and witness as this organisation may know them."""
        now = self.clock.now()
        away = self._away(now)
        weakened = self.weakened()
        return await self.store.read(
            lambda tx: _status(tx, org, now, away, _Notes(weakened, self.ahead(read_places(tx, org), now)))
        )

    def _away(self, now: datetime) -> tuple[StopView, ...]:
        codes = self.down()
        self._since = {code: self._since.get(code, now) for code in codes}
        return tuple(StopView(code, stop_sentence(code), at, None) for code, at in self._since.items())


@dataclass(frozen=True, slots=True)
class _Notes:
    weakened: tuple[Sentence, ...]
    ahead: tuple[Sentence, ...]


def _status(
    tx: Tx, org: OrganisationId, now: datetime, away: tuple[StopView, ...], notes: _Notes
) -> StatusView:
    offset = tx.one("SELECT offset_us FROM clock_offset")
    profile = tx.one("SELECT value FROM setting WHERE name = 'profile'")
    stops = tx.all(
        "SELECT code, campaign_id, at_us FROM dialling_stop WHERE lifted_us IS NULL"
        " AND (org_id IS NULL OR org_id = :org) ORDER BY at_us",
        org=org,
    )
    return StatusView(
        clock=ClockView(
            now=now,
            offset_seconds=0 if offset is None else round(offset.offset_us / 1_000_000),
            demo=profile is not None and profile.value == "demo",
        ),
        dialling=DiallingView(
            running=not away and not any(s.campaign_id is None for s in stops),
            reasons=(*away, *(_stop(s) for s in stops)),
        ),
        witness=read_witness(tx, now),
        weakened=notes.weakened,
        ahead=notes.ahead,
    )


def _stop(row: Row) -> StopView:
    return StopView(row.code, stop_sentence(row.code), moment(row.at_us), row.campaign_id)


def read_witness(tx: Tx, now: datetime) -> WitnessView:
    """The last cosignature, and whether the witness is late with the next."""
    last = tx.one(
        "SELECT cosigned_us, size FROM checkpoint WHERE cosigned_us IS NOT NULL ORDER BY size DESC LIMIT 1"
    )
    at = None if last is None else moment_or_none(last.cosigned_us)
    age = None if at is None else max(0, int((now - at).total_seconds()))
    head = tx.one("SELECT size FROM log_head WHERE id = 1")
    waiting = head is not None and head.size > (0 if last is None else last.size)
    # a log that has not grown since the last cosignature has nothing that the witness could be late with
    late = waiting and (age is None or age > WITNESS_SECONDS_MAX)
    return WitnessView(last_cosigned_at=at, age_seconds=age, late=late)


def read_log_news(tx: Tx, seen: int | None) -> tuple[dict[str, int], int]:
    """How often each type of event came on the log after its first `seen` leaves (None: after now); and its size now."""
    size = int(tx.sole("SELECT size FROM log_head WHERE id = 1").size)
    rows = tx.all(
        "SELECT type, COUNT(*) AS times FROM leaf WHERE seq >= :seen AND seq < :size GROUP BY type",
        seen=size if seen is None else seen,
        size=size,
    )
    return {str(row.type): int(row.times) for row in rows}, size
