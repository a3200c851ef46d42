"""What the exchange can be told about callers of the inbound line: `ports.InboundExchange` over the pairs.

| verb | AMI | fields |
|---|---|---|
| connect | Bridge | the caller's and the seat's channel ids |
| thank | Redirect | the caller's channel id, `inbound-kept,s,1` |
| hang_up | Hangup | the caller's channel id |
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dialer.domain.errors import ExchangeUnavailable
from dialer.domain.ids import InboundId, SeatId
from dialer.telephony.ami_wire import header
from dialer.telephony.pair import Pair


@dataclass(frozen=True, slots=True)
class InboundLegs:
    """A caller, their seat and the bridge live on one pair: the one whose egress took the call."""

    pairs: Mapping[str, Pair]

    def reaches(self, inbound_id: InboundId, seat_id: SeatId) -> bool:
        """Whether the caller's pair has that seat."""
        return any(
            pair.has_seat(seat_id) and pair.translator.callers.channel(inbound_id) is not None
            for pair in self.pairs.values()
        )

    async def connect(self, inbound_id: InboundId, seat_id: SeatId) -> None:
        """Bridge a caller with a reserved seat; legs that a reloaded page left behind end then.

        Raises:
            ExchangeUnavailable: the exchange didn't do it, the caller is gone, or the seat has no leg or a talk.
        """
        pair, channel = self._of(inbound_id)
        leg = pair.translator.leg_up(seat_id) if pair.has_seat(seat_id) else None
        if leg is None:
            raise ExchangeUnavailable("the seat has no leg that is up where the caller is")
        if pair.translator.talks_with(seat_id) not in (None, inbound_id):
            raise ExchangeUnavailable("the seat's agent talks with somebody else")
        answer = await pair.link.request("Bridge", [("Channel1", channel), ("Channel2", leg)])
        if header(answer, "Response") != "Success":
            raise ExchangeUnavailable("the exchange could not bridge the caller and the seat")
        await pair.end_former_legs(seat_id)

    async def thank(self, inbound_id: InboundId) -> None:
        """Let the menu say that the caller's wish was kept.

        Raises:
            ExchangeUnavailable: the exchange didn't do it, or the caller is gone.
        """
        pair, channel = self._of(inbound_id)
        headers = [("Channel", channel), ("Context", "inbound-kept"), ("Exten", "s"), ("Priority", "1")]
        if header(await pair.link.request("Redirect", headers), "Response") != "Success":
            raise ExchangeUnavailable("the exchange could not thank the caller")

    async def hang_up(self, inbound_id: InboundId) -> None:
        """Hang up the caller's channel; no error when it is already gone.

        Raises:
            ExchangeUnavailable: the exchange could not be told: repeat it.
        """
        for pair in self.pairs.values():
            if (channel := pair.translator.callers.channel(inbound_id)) is not None:
                await pair.hang_up(channel)

    def _of(self, inbound_id: InboundId) -> tuple[Pair, str]:
        for pair in self.pairs.values():
            if (channel := pair.translator.callers.channel(inbound_id)) is not None:
                return pair, channel
        raise ExchangeUnavailable("the caller is gone")
