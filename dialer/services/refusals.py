"""A refusal, from whatever side it comes: T3 first, then every other live leg to the number is cut, again and again.

What isn't committed is not forgotten: the cutting is driven from `cut_wanted` in the database by `CutJob`, so that any
live node repeats it until the attempt is final (rule 12); the call right here only makes it quick.
"""

from contextlib import suppress

from dialer.domain.disposition import REFUSED
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.errors import EgressUnavailable, ExchangeUnavailable
from dialer.domain.ids import AttemptId
from dialer.evidence.record import Actor
from dialer.ports import Calls, CallView, EgressControl, RefusalHeard, Refusing, Telephony

CLOSING_SECONDS = 30


class Refusals:
    """The one way onto the DNC list while calls run."""

    def __init__(self, calls: Calls, telephony: Telephony, egress: EgressControl) -> None:
        self._calls = calls
        self._telephony = telephony
        self._egress = egress

    async def heard_in_call(
        self, call: CallView, reason: DncReason, actor: Actor, scope: DncScope = DncScope.ORGANISATION
    ) -> RefusalHeard:
        """The callee of `call` refused. The conversation may close within `CLOSING_SECONDS`; all else is cut now.

        Raises:
            StoreUnavailable: it isn't on the list yet; the caller must not let it be forgotten.
        """
        heard = await self._calls.refuse(
            Refusing(
                sid=call.sid,
                org_id=call.org_id,
                scope=scope,
                purpose=None,
                reason=reason,
                actor=actor,
                said_in=call.attempt_id,
                closing_seconds=CLOSING_SECONDS,
            )
        )
        await self._calls.dispose(call.attempt_id, REFUSED.code, REFUSED.answer_class, actor, "")
        for attempt_id in heard.cut:
            await self.cut(attempt_id)
        return heard

    async def heard_while_away(self, attempt_id: AttemptId, actor: Actor) -> bool:
        """A key that the exchange itself kept while no dialer listened; True when it was news.

        Raises:
            StoreUnavailable: it isn't on the list yet; nobody may be dialled before it is.
        """
        if await self._calls.was_refused_in(attempt_id):
            return False
        call = await self._calls.view(attempt_id)
        if call is None:
            return False
        await self.heard_in_call(call, DncReason.KEY, actor)
        return True

    async def cut_wanted(self) -> int:
        """Repeat every cut that is still wanted; how many there were."""
        wanted = await self._calls.wanted_cuts()
        for call in wanted:
            await self.cut(call.attempt_id)
        return len(wanted)

    async def cut(self, attempt_id: AttemptId) -> None:
        """Hang up an attempt through the exchange and at the egress; a side that is away is tried again by the job."""
        with suppress(ExchangeUnavailable):
            await self._telephony.hang_up(attempt_id)
        with suppress(EgressUnavailable):
            await self._egress.hang_up(attempt_id)
