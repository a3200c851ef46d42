"""Views of calls that were made and calls that were not, for the staged console."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dialer.calls.attempt import AttemptState
from dialer.services.preview_desk import READ_SECONDS_MAX, SKIP_REASONS
from dialer.services.views.caller import EarlierContact
from dialer.services.views.decision import InputView
from dialer.services.views.desk import (
    ConsentGlance,
    DeskCall,
    PreviewLead,
    PreviewView,
    QueueItem,
    QueueKind,
    ScriptPart,
    ScriptView,
)
from dialer.services.views.trail import (
    AttemptFacts,
    AttemptRow,
    AttemptView,
    ConsentShown,
    PersonView,
    ProofView,
    RecordingView,
    SecondGateView,
    TimelineEvent,
)
from dialer.services.views.vocabulary import DETAILS
from dialer.services.views.words import Sentence
from tests.acceptance.browser.stage_words import (
    CAMPAIGN,
    DIGEST,
    DISPOSITIONS,
    NOW,
    PURPOSE,
    SCRIPT_WORDS,
    SOURCE,
    TEXT_SHOWN,
    decision,
)

ASKED = "想了解续费价格，另外发票抬头要改"
MADE, REFUSED_BY_GATE, HUNG_UP = "att-made-0001", "att-notcalled-0002", "att-refused-0003"

SCRIPT = ScriptView(
    "script-3",
    3,
    tuple(ScriptPart(key, Sentence(zh, en), required) for key, zh, en, required in SCRIPT_WORDS),
)


def queue() -> tuple[QueueItem, ...]:
    """Five people who asked for a call."""
    rows = (
        ("lead-1", QueueKind.DUE, 0, "王芳", "130****0007", ASKED),
        ("lead-2", QueueKind.PROMISED, 40, "李静", "130****0012", "约好今天上午再联系"),
        ("lead-3", QueueKind.DUE, 0, None, "130****0021", None),
        ("lead-4", QueueKind.PROMISED, 60, "赵敏 Zhao Min", "130****0033", "How do I add five more seats?"),
        ("lead-5", QueueKind.LATER, 300, "钱伟", "130****0044", "导出功能报错"),
    )
    return tuple(
        QueueItem(lead, kind, NOW + timedelta(minutes=minutes), name, number, asked)
        for lead, kind, minutes, name, number, asked in rows
    )


def previewed(until: datetime) -> PreviewView:
    """A lead on an agent's screen before it is dialled, with the reasons that the product offers for a skip."""
    lead = PreviewLead(
        lead_id="lead-1",
        campaign=CAMPAIGN.name,
        name="王芳",
        number="130****0007",
        asked=ASKED,
        asked_at=NOW - timedelta(minutes=78),
        promised_from=NOW - timedelta(minutes=5),
        promised_until=NOW + timedelta(minutes=55),
        tries=1,
    )
    return PreviewView(lead, until, round(READ_SECONDS_MAX), SKIP_REASONS)


def evenings() -> set[datetime]:
    """Half hours of the next two weeks at which nobody may be called: noon, evenings, and the weekend."""
    midnight = NOW.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=0, minute=0, second=0, microsecond=0)
    halves = (midnight + timedelta(minutes=30 * n) for n in range(14 * 48))
    return {at.astimezone(UTC) for at in halves if at.weekday() >= 5 or at.hour in (8, 12, 18, 19, 20)}


def desk_call() -> DeskCall:
    """A call that was answered and connected just now."""
    return DeskCall(
        attempt_id="att-live-0009",
        lead_id="lead-1",
        campaign=CAMPAIGN.name,
        name="王芳",
        number="130****0007",
        zone="Asia/Shanghai",
        asked=ASKED,
        asked_at=NOW - timedelta(minutes=78),
        answered_at=NOW,
        connected_at=NOW,
        ended_at=None,
        wrap_until=None,
        consent=ConsentGlance(
            id="consent-1",
            purpose="callback",
            purpose_name=PURPOSE,
            source=SOURCE,
            given_at=NOW - timedelta(minutes=78),
            expires_at=NOW + timedelta(days=3),
            ownership="unproven",
            text=TEXT_SHOWN,
            artefact_sha256=DIGEST,
        ),
        script=SCRIPT,
        earlier=(
            EarlierContact(
                "att-older",
                NOW - timedelta(days=1),
                "no_answer",
                Sentence("无人接听", "No answer"),
            ),
        ),
        dispositions=DISPOSITIONS,
        refused=None,
    )


def _event(seq: int, seconds: float, type_: str, zh: str, en: str, **details: str) -> TimelineEvent:
    return TimelineEvent(
        seq=seq,
        at=NOW - timedelta(hours=1) + timedelta(seconds=seconds),
        type=type_,
        sentence=Sentence(zh, en),
        actor="dialer",
        details=tuple(InputView(name, DETAILS[name], value) for name, value in details.items()),
        leaf_hash=f"{seq:04x}" + DIGEST[4:],
    )


TIMELINE = (
    _event(4101, 0.0, "decision.permitted", "判定：允许拨打", "Decision: allowed"),
    _event(4102, 0.0, "attempt.authorised", "发放许可", "Permit issued"),
    _event(4103, 0.4, "gate2.passed", "第二道关口放行", "Second gate passed"),
    _event(4104, 0.4, "attempt.placed", "拨出", "Placed"),
    _event(4105, 1.6, "attempt.ringing", "振铃", "Ringing"),
    _event(4106, 6.2, "attempt.answered", "对方接听", "Answered"),
    _event(4107, 6.3, "attempt.connected", "坐席接入", "Agent connected", seat="seat-101"),
    _event(
        4108,
        9.0,
        "talk.script_ticked",
        "坐席勾选话术语句",
        "A sentence of the script was ticked",
        part="identity",
        tick="said",
    ),
    _event(4109, 21.3, "refusal.heard", "对方明确拒绝", "The person refused", scope="organisation"),
    _event(4110, 21.3, "dnc.added", "加入拒接名单", "Put on the do-not-call list"),
    _event(4115, 36.1, "attempt.wrapping", "通话结束", "Call ended"),
    _event(4118, 52.0, "attempt.sealed", "封存", "Sealed"),
)


def _consent() -> ConsentShown:
    return ConsentShown(
        id="consent-1",
        purpose="callback",
        purpose_name=PURPOSE,
        source=SOURCE,
        origin="web_form",
        ownership="unproven",
        given_at=NOW - timedelta(hours=2),
        expires_at=NOW + timedelta(days=3),
        withdrawn_at=None,
        text=TEXT_SHOWN,
        text_version="v0.1",
        asked=ASKED,
        artefact_sha256=DIGEST,
        leaf_seq=4077,
    )


def _ticked(after: Callable[[float], datetime]) -> ScriptView:
    """Two sentences were said before the person refused."""
    said = {"identity": after(9.0), "person": after(13.4)}
    return replace(SCRIPT, parts=tuple(replace(p, said_at=said.get(p.key)) for p in SCRIPT.parts))


def made() -> AttemptView:
    """A call in which the person refused further ones."""
    start = NOW - timedelta(hours=1)

    def after(seconds: float) -> datetime:
        return start + timedelta(seconds=seconds)

    return AttemptView(
        attempt=AttemptFacts(
            id=MADE,
            state=AttemptState.SEALED,
            campaign=CAMPAIGN,
            lead_id="lead-9",
            caller_id="020 0000 0000",
            agent="陈晓",
            authorised_at=start,
            placed_at=after(0.4),
            ringing_at=after(1.6),
            answered_at=after(6.2),
            connected_at=after(6.3),
            ended_at=after(36.1),
            sealed_at=after(52),
            outcome="refused_by_callee",
            disposition=DISPOSITIONS[2],
            hangup_by="agent",
            dial_status="ANSWER",
            sip_text=None,
            abandon_cause=None,
        ),
        person=PersonView("王芳", "130****0007", "America/New_York", erased=False),
        consent=_consent(),
        decision=decision("decision-1", ()),
        second_gate=SecondGateView(
            state="consumed",
            issued_at=start,
            expires_at=after(10),
            dial_before=NOW + timedelta(hours=10, minutes=29, seconds=30),
            consumed_at=after(0.4),
        ),
        timeline=TIMELINE,
        recording=RecordingView("sealed", 29.9, 8000, 2, DIGEST, ()),
        proof=ProofView(4118, 4200, after(53), 4200, after(66), complete=True),
        script=_ticked(after),
    )


def not_called() -> AttemptView:
    """The proof of a call that was not made."""
    at = NOW - timedelta(minutes=4)
    return AttemptView(
        attempt=AttemptFacts(
            id=REFUSED_BY_GATE,
            state=AttemptState.REFUSED,
            campaign=CAMPAIGN,
            lead_id="lead-8",
            caller_id=None,
            agent=None,
            authorised_at=at,
            placed_at=None,
            ringing_at=None,
            answered_at=None,
            connected_at=None,
            ended_at=None,
            sealed_at=None,
            outcome="not_dialled",
            disposition=None,
            hangup_by=None,
            dial_status=None,
            sip_text=None,
            abandon_cause=None,
        ),
        person=PersonView("李静", "130****0012", "Asia/Shanghai", erased=False),
        consent=_consent(),
        decision=decision("decision-2", (("DNC_ORGANISATION", None), ("FREQUENCY_DAY", 14))),
        second_gate=None,
        timeline=TIMELINE[:1],
        recording=None,
        proof=ProofView(4230, 4200, at, 4200, None, complete=False),
    )


def rows() -> tuple[AttemptRow, ...]:
    """The trail's list: fourteen calls, some never made."""
    found = [
        AttemptRow(MADE, NOW - timedelta(hours=1), CAMPAIGN, "130****0007", "陈晓", AttemptState.SEALED,
                   "refused_by_callee", "no_interest", (), 30, has_recording=True),
        AttemptRow(REFUSED_BY_GATE, NOW - timedelta(minutes=4), CAMPAIGN, "130****0012", None,
                   AttemptState.REFUSED, "not_dialled", None, ("DNC_ORGANISATION", "FREQUENCY_DAY"), None,
                   has_recording=False),
    ]  # fmt: skip
    kinds = (
        (AttemptState.SEALED, "talked", "handled", 184),
        (AttemptState.FAILED, "busy", None, None),
        (AttemptState.FAILED, "no_answer", None, None),
        (AttemptState.ABANDONED, "abandoned", None, None),
        (AttemptState.CONNECTED, None, None, None),
        (AttemptState.UNCERTAIN, None, None, None),
    )
    for index in range(12):
        state, outcome, disposition, talk = kinds[index % len(kinds)]
        found.append(
            AttemptRow(f"att-{index:04d}", NOW - timedelta(hours=2 + 7 * index), CAMPAIGN,
                       f"130****00{20 + index}", "陈晓" if talk else None, state, outcome, disposition, (), talk,
                       has_recording=talk is not None)
        )  # fmt: skip
    return tuple(found)
