"""Signed messages of partners: refusals they heard, and SMS replies. No login: the signature is the authority.

Headers: `X-Dialer-Timestamp`, seconds since 1970; `X-Dialer-Signature`, `v1=` and the hex HMAC-SHA256 over
`"v1." + timestamp + "." + body` under the partner's secret. Whoever isn't believed always gets the same 401.
"""

from typing import Annotated, Final

from pydantic import ConfigDict, Field, StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Id, Moment, Nothing, Sent
from dialer.api.refusals import Country, ToldReason
from dialer.api.route import Call
from dialer.domain.dnc import DncReason
from dialer.domain.purpose import Purpose
from dialer.services.refusal_desk import Report
from dialer.services.refusal_hooks import Signed
from dialer.services.views.refusals import HookAnswer
from dialer.services.views.words import Declined

TIMESTAMP: Final = "X-Dialer-Timestamp"
SIGNATURE: Final = "X-Dialer-Signature"
REFUSALS_MAX: Final = 100


Written = Annotated[str, StringConstraints(max_length=64)]
"""A number as the partner wrote it: one that can't be read is rejected alone, not with the whole message."""


class _Message(Sent):
    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )


class HookRefusal(_Message):
    """One person's refusal."""

    number: Written
    country: Country = "CN"
    purpose: Purpose | None = None
    reason: ToldReason = "said"
    at: Moment | None = None


class HookMessage(_Message):
    """Refusals that a partner heard. `id`: the partner's own name of the message, never used for another."""

    id: Id
    refusals: Annotated[tuple[HookRefusal, ...], Field(min_length=1, max_length=REFUSALS_MAX)]


class SmsReply(_Message):
    """A person's reply to an SMS; taken as a refusal where its words are one."""

    id: Id
    number: Written
    country: Country = "CN"
    text: Annotated[str, StringConstraints(max_length=1000)]
    at: Moment | None = None


async def refusals(call: Call[HookMessage, Nothing]) -> HookAnswer | Problem:
    """A partner's refusals; a number that nobody knows is entered all the same."""
    said = call.body
    reports = [
        Report(
            number=one.number,
            country=one.country,
            purpose=None if one.purpose is None else str(one.purpose),
            reason=DncReason(one.reason),
            said_at=one.at,
            via="hook",
        )
        for one in said.refusals
    ]
    return _answer(await call.deps.hooks.refusals(await _signed(call), said.id, reports))


async def sms(call: Call[SmsReply, Nothing]) -> HookAnswer | Problem:
    """A reply to an SMS."""
    said = call.body
    report = Report(said.number, said.country, None, DncReason.SMS, said.at, "sms")
    return _answer(await call.deps.hooks.sms(await _signed(call), said.id, said.text, report))


async def _signed(call: Call[HookMessage, Nothing] | Call[SmsReply, Nothing]) -> Signed:
    headers = call.request.headers
    return Signed(
        partner_id=call.path["partner"],
        timestamp=headers.get(TIMESTAMP, ""),
        signature=headers.get(SIGNATURE, ""),
        body=await call.request.read(),
    )


def _answer(answer: HookAnswer | Declined | None) -> HookAnswer | Problem:
    return problem(Fault.HOOK_REFUSED) if answer is None else answered(answer)
