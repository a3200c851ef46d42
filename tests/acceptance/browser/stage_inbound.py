"""Calls to our numbers on the stage: a talk, a refusal, a callback, a withheld number, one that is going on."""

from __future__ import annotations

import dataclasses
import math
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from dialer.domain.disposition import INBOUND
from dialer.domain.ids import InboundId, OrganisationId, UserId
from dialer.services.views.caller import AskedBefore, DeskCaller, EarlierContact
from dialer.services.views.decision import InputView
from dialer.services.views.inbound import InboundFacts, InboundPage, InboundRow, InboundView
from dialer.services.views.trail import PeaksView, PersonView, ProofView, RecordingView, TimelineEvent
from dialer.services.views.words import Choice, Declined, Named, Sentence
from dialer.testing.inbound_desk import MemoryCallers
from tests.acceptance.browser.stage_trail import tone_wav
from tests.acceptance.browser.stage_words import CAMPAIGN, DIGEST, NOW

if TYPE_CHECKING:
    from tests.acceptance.browser.stage import Stage

LINE: Final = "4000000000"
TALKED: Final = "a" * 32


def caller(stage: Stage) -> DeskCaller:
    """Somebody who asked for a call last week rings by themselves."""
    return DeskCaller(
        inbound_id=TALKED,
        line=LINE,
        name="王芳",
        number="130****0007",
        zone="Asia/Shanghai",
        received_at=stage.clock.now() - timedelta(seconds=21),
        asked_at=stage.clock.now() - timedelta(seconds=14),
        connected_at=stage.clock.now() - timedelta(seconds=9),
        wrap_until=None,
        on_do_not_call=False,
        asked_before=(
            AskedBefore("lead-1", CAMPAIGN.name, "想了解续费价格", NOW - timedelta(days=6), "done"),
        ),
        earlier=(
            EarlierContact("att-made-0001", NOW - timedelta(days=5), "talked", Sentence("已通话", "Talked")),
        ),
        dispositions=tuple(Choice(d.code, Sentence(d.zh, d.en)) for d in INBOUND),
    )


def row(name: str, minutes: int, **other: object) -> InboundRow:
    """One call of today."""
    plain = InboundRow(
        id=name * 32,
        at=NOW - timedelta(minutes=minutes),
        line=LINE,
        number="130****0007",
        mode="open",
        state="ended",
        wish="none",
        asked_agent=False,
        agent=None,
        disposition=None,
        seconds=48.0,
        has_recording=True,
    )
    return dataclasses.replace(plain, **other)  # type: ignore[arg-type]  # named fields of the row


ROWS: Final = (
    row("f", 1, number=None, state="under_way", seconds=None, has_recording=False),
    row("a", 12, asked_agent=True, agent="陈晓", disposition="handled", seconds=134.0),
    row("b", 40, wish="refused", number="130****0012"),
    row("c", 95, wish="callback", number="130****0021", mode="closed", seconds=61.0),
    row("d", 130, asked_agent=True, number="130****0033", seconds=39.0),
    row("e", 180, number=None, mode="refusals_only", seconds=0.0, has_recording=False),
)


def view(found: InboundRow) -> InboundView:
    """The page of a row."""
    at = found.at
    talked = found.agent is not None
    events = [
        (
            "inbound.received",
            0,
            "process:gate",
            Sentence("有人回拨我们的号码", "Somebody called our number back"),
        ),
        *(
            [
                (
                    "inbound.connected",
                    12,
                    "process:dialer",
                    Sentence("来电人与坐席接通", "The caller was put through to an agent"),
                )
            ]
            if talked
            else []
        ),
        ("recording.sealed", 134, "process:dialer", Sentence("录音已封存", "Recording sealed")),
        ("inbound.ended", 134, "process:dialer", Sentence("来电结束", "The call to our number ended")),
    ]
    chosen = next((d for d in INBOUND if d.code == found.disposition), None)
    return InboundView(
        call=InboundFacts(
            id=found.id,
            line=found.line,
            mode=found.mode,
            state=found.state,
            wish=found.wish,
            received_at=at,
            asked_at=at + timedelta(seconds=9) if found.asked_agent else None,
            connected_at=at + timedelta(seconds=12) if talked else None,
            ended_at=None if found.seconds is None else at + timedelta(seconds=found.seconds),
            waited_seconds=3.1 if talked else None,
            agent=Named("user-agent", Sentence("陈晓", "Chen Xiao")) if talked else None,
            disposition=None if chosen is None else Choice(chosen.code, Sentence(chosen.zh, chosen.en)),
            consent_id="inbound-c" if found.wish == "callback" else None,
        ),
        person=None
        if found.number is None
        else PersonView(name="王芳", number=found.number, zone="Asia/Shanghai", erased=False),
        timeline=tuple(
            TimelineEvent(
                900 + i,
                at + timedelta(seconds=s),
                kind,
                said,
                who,
                (InputView("wish", Sentence("来电人的要求", "caller's wish"), found.wish),),
                DIGEST,
            )
            for i, (kind, s, who, said) in enumerate(events)
        ),
        recording=RecordingView("sealed", 30.0, 8000, 2, DIGEST, ()) if found.has_recording else None,
        proof=ProofView(
            905, 910, at + timedelta(seconds=140), 910, at + timedelta(seconds=141), complete=True
        ),
    )


@dataclasses.dataclass
class StagedInbound:
    """`InboundTrailService` over the stage."""

    stage: Stage

    async def rows(self, org: OrganisationId, after: str | None) -> InboundPage:
        del org, after
        return InboundPage(ROWS, None)

    async def call(self, org: OrganisationId, user: UserId, inbound_id: InboundId) -> InboundView | None:
        del org, user
        return next((view(r) for r in ROWS if r.id == inbound_id), None)

    async def recording(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId
    ) -> bytes | Declined | None:
        del org, user, inbound_id
        return tone_wav(3.0)

    async def peaks(
        self, org: OrganisationId, user: UserId, inbound_id: InboundId
    ) -> PeaksView | Declined | None:
        del org, user, inbound_id
        count = 30 * 20
        speech = tuple(round(20 + 90 * abs(math.sin(i / 7) * math.sin(i / 31))) for i in range(count))
        return PeaksView(20, 30.0, speech, tuple(reversed(speech)))


def inbound_rooms(stage: Stage) -> dict[str, Any]:
    """The rooms of the inbound line, by the names that the API knows them by."""
    return {"inbound_desk": MemoryCallers(stage.desk, stage.clock), "inbound_trail": StagedInbound(stage)}
