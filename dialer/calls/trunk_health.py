"""Whether a trunk is at fault rather than the people behind it: from the newest reports of its legs. Pure.

A carrier that fails every call (503, or nothing at all before our own time-out) and one that declines everybody with 603
look like bad luck one call at a time; in a burst they are the trunk's fault, and each further call would burn a lead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dialer.calls.attempt import Outcome
from dialer.calls.outcome import TrunkTrust, verdict

FAILURES_IN_A_ROW: Final = 5
DECLINES_MIN: Final = 5
LOOKED_AT_MAX: Final = 10
"""A burst of 603: at least `DECLINES_MIN` of the newest `LOOKED_AT_MAX` reports, and at least half of those seen."""


class TrunkFault(StrEnum):
    """Why dialling stops: also the stop's code."""

    FAILING = "trunk.failing"
    DECLINING = "trunk.declining"


@dataclass(frozen=True, slots=True)
class SeenLeg:
    """One report: Asterisk's dial status, the carrier's own words, and whether the phone rang."""

    dial_status: str
    sip_text: str
    rang: bool


def trunk_fault(newest_first: Sequence[SeenLeg]) -> TrunkFault | None:
    """What the newest reports say of the trunk."""
    outcomes = [_outcome(leg) for leg in newest_first[:LOOKED_AT_MAX]]
    row = outcomes[:FAILURES_IN_A_ROW]
    if len(row) == FAILURES_IN_A_ROW and all(o is Outcome.CARRIER_FAILED for o in row):
        return TrunkFault.FAILING
    declines = sum(o is Outcome.DECLINED for o in outcomes)
    if declines >= DECLINES_MIN and declines * 2 >= len(outcomes):
        return TrunkFault.DECLINING
    return None


def _outcome(leg: SeenLeg) -> Outcome:
    if leg.dial_status == "ANSWER":
        return Outcome.TALKED
    return verdict(
        dial_status=leg.dial_status, sip_text=leg.sip_text, rang=leg.rang, trust=TrunkTrust.UNKNOWN
    ).outcome
