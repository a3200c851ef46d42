"""Who stands at the doors of a simulated day and checks at that very moment what must hold there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from dialer.domain.ids import AttemptId
from dialer.testing.ami_server import Request
from tests.unit.services.floor_stage import FloorStage

ZONE: Final = ZoneInfo("Asia/Shanghai")
OPENS: Final = time(9, 0)
LAST_DIAL: Final = time(20, 59, 30)
CLOSING_SECONDS_MAX: Final = 35
CUT_SECONDS_MAX: Final = 5


@dataclass
class Watcher:
    """What was seen at the doors. Every check raises where it stands, with what it saw."""

    floor: FloorStage
    originated: list[str] = field(default_factory=list)
    invited: list[tuple[AttemptId, str, datetime]] = field(default_factory=list)
    ended: dict[AttemptId, datetime] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    storms: list[tuple[datetime, datetime]] = field(default_factory=list)
    """From when to when something was broken."""

    def at_originate(self, request: Request) -> None:
        """No originate without a committed permit, none twice."""
        token = request.get("Channel").removeprefix("PJSIP/")
        if not token.endswith("@egress"):
            return
        attempt = request.get("ChannelId")
        rows = self.floor.world.all(
            "SELECT p.state FROM permit p JOIN attempt a ON a.id = p.attempt_id WHERE a.id = :id", id=attempt
        )
        if len(rows) != 1:
            self.faults.append(f"an originate without a committed permit: {attempt}")
        if attempt in self.originated:
            self.faults.append(f"an originate twice: {attempt}")
        self.originated.append(attempt)

    def at_yes(self, attempt: AttemptId, number: str) -> None:
        """No yes for a refused number, outside the window, to a phone that is being called, or once too often."""
        now, world = self.floor.clock.true_now(), self.floor.world
        local = now.astimezone(ZONE).time()
        if not OPENS <= local < LAST_DIAL:
            self.faults.append(f"a call at {local}")
        row = world.one(
            "SELECT a.*, c.withdrawn_us FROM attempt a JOIN consent c ON c.id = a.consent_id WHERE a.id = :id",
            id=attempt,
        )
        if row.withdrawn_us is not None:
            self.faults.append("a call after its consent was withdrawn")
        standing = world.all(
            "SELECT d.lifted_by_consent, d.at_us, c.given_us FROM dnc_entry d"
            " LEFT JOIN consent c ON c.id = d.lifted_by_consent"
            " WHERE d.number_hmac = :h AND d.org_id = :org AND d.purpose IS NULL",
            h=bytes(row.number_hmac),
            org=row.org_id,
        )
        for entry in standing:
            # only the person's own later request opens it again
            if entry.lifted_by_consent is None or entry.given_us <= entry.at_us:
                self.faults.append("a call after a refusal")
        others = [at for other, called, at in self.invited if called == number and other != attempt]
        live = [
            o for o, called, _ in self.invited if called == number and o not in self.ended and o != attempt
        ]
        if live:
            self.faults.append("two live calls to one number")
        if len(others) >= 3:
            self.faults.append("a fourth call in a day")
        if any(now - at < timedelta(minutes=29) for at in others):
            self.faults.append("a second call within half an hour")
        self.invited.append((attempt, number, now))

    def at_end(self, attempt: AttemptId) -> None:
        """The egress's leg is gone; after a refusal it may not have gone on."""
        now = self.floor.clock.true_now()
        self.ended[attempt] = now
        row = self.floor.world.one(
            "SELECT number_hmac, org_id, placed_us FROM attempt WHERE id = :id", id=attempt
        )
        listed = self.floor.world.all(
            "SELECT at_us, attempt_id FROM dnc_entry WHERE number_hmac = :h AND org_id = :org AND at_us >= :placed",
            h=bytes(row.number_hmac),
            org=row.org_id,
            placed=row.placed_us,
        )
        for entry in listed:
            went_on = now.timestamp() - entry.at_us / 1e6
            most = CLOSING_SECONDS_MAX if entry.attempt_id == attempt else CUT_SECONDS_MAX
            if went_on > most and not self.was_stormy(now):
                self.faults.append(f"a call went on for {went_on:.0f} s after the refusal")

    def was_stormy(self, now: datetime) -> bool:
        """Whether something that cutting needs was broken shortly before."""
        return any(began <= now < over + timedelta(minutes=5) for began, over in self.storms)
