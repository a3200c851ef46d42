"""T2: what the second gate answers and what the egress reports."""

from dataclasses import dataclass, field

from dialer.domain.ids import AttemptId, CampaignId, OrganisationId


@dataclass(frozen=True, slots=True)
class GateYes:
    """What the egress may dial, once."""

    attempt_id: AttemptId
    number: str
    caller_id: str
    caller_name: str
    ring_seconds: int
    call_seconds_max: int

    def __repr__(self) -> str:
        return f"GateYes(attempt_id={self.attempt_id!r})"


@dataclass(frozen=True, slots=True)
class GateNo:
    """Nothing may be dialled; `why` is a fixed word."""

    why: str


@dataclass(frozen=True, slots=True)
class LegReport:
    """What the egress said at the end of a leg. `rang_ms`: from dialling to the first ringing; None: it never rang."""

    dial_status: str
    sip_text: str
    rang_ms: int | None
    talk_seconds: int


@dataclass(frozen=True, slots=True)
class EgressRecord:
    """One line of the egress's own file: a leg that ended, by token and by the egress's channel."""

    token: str = field(repr=False)
    uid: str
    report: LegReport


@dataclass(frozen=True, slots=True)
class StopOpened:
    """Why nothing more is dialled: on the whole node, in one organisation or in one campaign."""

    stop_id: str
    code: str
    why: str
    org_id: OrganisationId | None = None
    campaign_id: CampaignId | None = None
    log_says: str | None = None
    """What the log and, below, the exchange's own record say of one call, where they differ."""
    exchange_says: str | None = None
