"""How an attempt ends: what the egress says closes it, never our own exchange's silence (rules 7-10, 13)."""

import asyncio
from typing import Final

import structlog

from dialer.calls.attempt import FINAL, AttemptState, Outcome, may_move
from dialer.calls.events import AbandonCause
from dialer.calls.outcome import RefusalSignal, Retry, TrunkTrust, Verdict, verdict
from dialer.domain.disposition import BY_CODE, LEFT_OPEN, LeadFate
from dialer.domain.dnc import DncReason
from dialer.domain.errors import EgressUnavailable
from dialer.domain.ids import AttemptId
from dialer.domain.lead import Hold
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import Calls, CallView, LeadAfter, LeadAgain, LeadDone, MoveFields, PermitState
from dialer.ports.exchange import EgressControl
from dialer.ports.gate import LegReport
from dialer.services.refusals import Refusals

REPORT_WAIT_SECONDS: Final = 3.0
ASK_EVERY_SECONDS: Final = 0.1
LEG_ASK_EVERY_SECONDS: Final = 1.0
UNHEARD_PATIENCE_SECONDS: Final = 2
"""Whoever stayed this long on a call that nobody listened to has heard the notice: it counts as abandoned."""
LATER_SECONDS: Final = 30 * 60
CARRIER_SECONDS: Final = 5 * 60
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")
_log = structlog.get_logger()


class Closing:
    """Closes attempts."""

    def __init__(self, calls: Calls, egress: EgressControl, refusals: Refusals, trust: TrunkTrust) -> None:
        self._calls = calls
        self._egress = egress
        self._refusals = refusals
        self._trust = trust

    async def unanswered(self, attempt_id: AttemptId) -> CallView | None:
        """Close an attempt whose channel is gone before anybody answered. Returns it as it is afterwards."""
        call = await self._settled(attempt_id)
        if call is None or call.state in FINAL:
            return call
        if call.report is None:
            await self._unknown(call)
        elif call.state is AttemptState.UNCERTAIN and call.report.dial_status == "ANSWER":
            await self._answered_unheard(call, call.report)
        else:
            await self._by_report(call, call.report)
        return await self._calls.view(attempt_id)

    async def answered(self, attempt_id: AttemptId, outcome: Outcome) -> None:
        """Close an attempt that was answered, once the egress has no leg of it any more."""
        call = await self._settled(attempt_id)
        if call is None or call.state in FINAL:
            return
        disposition = BY_CODE.get(call.disposition or "", LEFT_OPEN)
        fields: MoveFields = {} if call.ended_at is not None else {"ended": True}
        if outcome is not Outcome.TALKED or call.state is not AttemptState.WRAPPING:
            fields["outcome"] = str(outcome)
        says: dict[str, Json] = {"outcome": str(outcome)}
        if call.report is not None:
            fields["dial_status"], fields["sip_text"] = call.report.dial_status, call.report.sip_text
            says |= {"dial_status": call.report.dial_status, "sip": call.report.sip_text}
        after: LeadAfter = LeadDone()
        if outcome is not Outcome.TALKED or disposition.fate is LeadFate.AGAIN_LATER:
            after = LeadAgain(LATER_SECONDS, str(Hold.NONE))
        elif disposition.fate is LeadFate.HOLD:
            after = LeadAgain(LATER_SECONDS, str(Hold.DECLINED))
        await self._calls.close(attempt_id, AttemptState.SEALED, _PROCESS, fields, says, after)

    async def _settled(self, attempt_id: AttemptId) -> CallView | None:
        """Wait until it is known whether the permit was consumed and, if it was, that the egress has no leg of it."""
        waited = 0.0
        while True:
            call = await self._calls.view(attempt_id)
            if call is None or call.state in FINAL:
                return call
            if call.permit is PermitState.ISSUED:
                if await self._calls.void(attempt_id, "no channel"):
                    return await self._calls.view(attempt_id)
                continue
            if call.report is not None:
                return call
            if waited >= REPORT_WAIT_SECONDS:
                if not await self._has_leg(attempt_id):
                    return await self._calls.view(attempt_id)
                await asyncio.sleep(LEG_ASK_EVERY_SECONDS)
            await asyncio.sleep(ASK_EVERY_SECONDS)
            waited += ASK_EVERY_SECONDS

    async def _has_leg(self, attempt_id: AttemptId) -> bool:
        try:
            return bool(await self._egress.legs(attempt_id))
        except EgressUnavailable:
            # not known: the attempt stays open and holds its number
            _log.warning("egress.unavailable", attempt_id=attempt_id)
            return True

    async def _unknown(self, call: CallView) -> None:
        """The egress has no leg and kept no report: it counts, and its lead isn't called again (rule 14)."""
        if call.state is not AttemptState.UNCERTAIN:
            await self._calls.advance(
                call.attempt_id, AttemptState.UNCERTAIN, _PROCESS, {}, {"why": "no report"}
            )
        fields: MoveFields = {"outcome": str(Outcome.UNKNOWN), "ended": True}
        await self._calls.close(
            call.attempt_id, AttemptState.ENDED_UNKNOWN, _PROCESS, fields, {"why": "no report"}, LeadDone()
        )

    async def _answered_unheard(self, call: CallView, report: LegReport) -> None:
        """Somebody answered while no dialer listened: nobody can have taken the call (decision 23)."""
        why: dict[str, Json] = {"why": "by the egress's report"}
        for state in (AttemptState.PLACED, AttemptState.ANSWERED):
            await self._calls.advance(call.attempt_id, state, _PROCESS, {}, why)
        outcome = Outcome.HUNG_UP_EARLY
        if report.talk_seconds >= UNHEARD_PATIENCE_SECONDS:
            outcome = Outcome.ABANDONED
            cause: MoveFields = {"abandon_cause": str(AbandonCause.NOBODY)}
            says = why | {"cause": str(AbandonCause.NOBODY)}
            await self._calls.advance(call.attempt_id, AttemptState.ABANDONED, _PROCESS, cause, says)
        await self.answered(call.attempt_id, outcome)

    async def _by_report(self, call: CallView, report: LegReport) -> None:
        found = verdict(
            dial_status=report.dial_status,
            sip_text=report.sip_text,
            rang=call.rang or report.rang_ms is not None,
            trust=self._trust,
        )
        if report.dial_status == "ANSWER":
            found = Verdict(Outcome.HUNG_UP_EARLY, Retry.LATER, RefusalSignal.NONE)
        after = _after(found)
        if found.refusal is RefusalSignal.DNC:
            reason = DncReason.SIP_607 if found.outcome is Outcome.UNWANTED else DncReason.SIP_603
            actor = Actor(ActorKind.CALLEE, call.sid)
            await self._refusals.heard_in_call(call, reason, actor)
            after = LeadDone()
        target = AttemptState.FAILED
        by_us = call.cut_wanted or found.outcome is Outcome.CUT
        if by_us and may_move(call.state, AttemptState.CANCELLED):
            target = AttemptState.CANCELLED
        fields: MoveFields = {
            "outcome": str(found.outcome),
            "ended": True,
            "dial_status": report.dial_status,
            "sip_text": report.sip_text,
        }
        says: dict[str, Json] = {
            "outcome": str(found.outcome),
            "dial_status": report.dial_status,
            "sip": report.sip_text,
        }
        await self._calls.close(call.attempt_id, target, _PROCESS, fields, says, after)


def _after(found: Verdict) -> LeadAfter:
    hold = Hold.DECLINED_603 if found.refusal is RefusalSignal.HOLD else Hold.NONE
    match found.retry:
        case Retry.NEVER:
            return LeadDone()
        case Retry.LATER:
            return LeadAgain(LATER_SECONDS, str(hold))
        case Retry.CARRIER:
            return LeadAgain(CARRIER_SECONDS, str(hold))
