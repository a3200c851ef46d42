"""The trail's room on the stage: sample calls, a tone for a recording, checks that a test may let fail."""

from __future__ import annotations

import dataclasses
import math
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from dialer.calls.attempt import AttemptState
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.services.views.queries import AttemptFilter
from dialer.services.views.trail import (
    AttemptPage,
    AttemptView,
    FiltersView,
    PeaksView,
    Revealed,
    VerifyView,
)
from dialer.services.views.words import Choice, Declined, Named, Sentence
from tests.acceptance.browser.stage_calls import rows
from tests.acceptance.browser.stage_words import CAMPAIGN, SUPPORT

if TYPE_CHECKING:
    from tests.acceptance.browser.stage import Stage

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
OUTCOMES = (
    ("talked", "已通话", "Talked"),
    ("refused_by_callee", "对方拒绝", "Refused by the person"),
    ("abandoned", "呼损", "Abandoned"),
    ("busy", "忙", "Busy"),
    ("no_answer", "无人接听", "No answer"),
    ("not_dialled", "没有拨打", "Not dialled"),
)
CODES = (
    ("DNC_ORGANISATION", "在拒接名单上", "On the do-not-call list"),
    ("FREQUENCY_DAY", "当天次数已满", "Daily cap reached"),
)


@dataclasses.dataclass
class StagedTrail:
    """TrailService over the stage."""

    stage: Stage

    async def search(
        self, org: OrganisationId, user: UserId, wanted: AttemptFilter
    ) -> AttemptPage | Declined:
        del org, user
        found = tuple(
            row
            for row in rows()
            if wanted.state in (None, row.state)
            and wanted.outcome in (None, row.outcome)
            and (wanted.number is None or row.number.endswith(wanted.number.strip()[-4:]))
        )
        return AttemptPage(found, None)

    async def filters(self, org: OrganisationId) -> FiltersView:
        del org
        states = tuple(
            Choice(state.value, Sentence(f"状态 {state.value}", state.value.replace("_", " ")))
            for state in AttemptState
        )
        return FiltersView(
            (CAMPAIGN, SUPPORT),
            (Named("user-agent", Sentence("陈晓", "Chen Xiao")),),
            states,
            tuple(Choice(code, Sentence(zh, en)) for code, zh, en in OUTCOMES),
            tuple(Choice(code, Sentence(zh, en)) for code, zh, en in CODES),
            (Named("caller-1", Sentence("+86 21 0000 0001", "+86 21 0000 0001")),),
        )

    async def attempt(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> AttemptView | None:
        del org, user
        return self.stage.attempts.get(attempt)

    async def recording(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        del org, user
        return tone_wav(3.0) if attempt in self.stage.attempts else None

    async def peaks(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> PeaksView | Declined | None:
        del org, user
        if attempt not in self.stage.attempts:
            return None
        count = 30 * 20
        speech = [round(20 + 90 * abs(math.sin(i / 7) * math.sin(i / 31))) for i in range(count)]
        callee = tuple(p if (i // 80) % 2 else 2 for i, p in enumerate(speech))
        agent = tuple(2 if (i // 80) % 2 else p for i, p in enumerate(speech))
        return PeaksView(20, 30.0, callee, agent)

    async def bundle(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        del org, user
        if attempt not in self.stage.attempts:
            return None
        whole = (VECTORS / "bundles" / "talked.zip").read_bytes()
        at = whole.index(b"fLaC") + 40
        return whole if self.stage.bundle_holds else whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]

    async def redacted_bundle(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        return await self.bundle(org, user, attempt)

    async def trust(self) -> bytes:
        return (VECTORS / "trust.json").read_bytes()

    async def vcon(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        return await self.bundle(org, user, attempt)

    async def verify(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> VerifyView | Declined | None:
        del org, user
        if attempt not in self.stage.attempts:
            return None
        return VerifyView(passed=True, signer_pinned=True, took_ms=41, checks=())

    async def reveal(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, reason: str
    ) -> Revealed | Declined | None:
        del org, user
        if attempt not in self.stage.attempts:
            return None
        self.stage.reveals.append(reason)
        return Revealed("+86 130 0000 0007", self.stage.clock.now(), 4242)


def tone_wav(seconds: float) -> bytes:
    """Two channels of 8 kHz: 440 Hz left, 660 Hz right."""
    rate = 8_000
    frames = b"".join(
        struct.pack(
            "<hh",
            round(9_000 * math.sin(2 * math.pi * 440 * i / rate)),
            round(9_000 * math.sin(2 * math.pi * 660 * i / rate)),
        )
        for i in range(int(rate * seconds))
    )
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(frames), b"WAVE", b"fmt ", 16, 1, 2, rate,
                       rate * 4, 4, 16, b"data", len(frames))  # fmt: skip
    return head + frames
