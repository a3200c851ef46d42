"""What the egress's report of a leg means: a table from Dial status and raw SIP answer to outcome, retry and refusal.

Source of the codes: RFC 3261 (486, 600, 404, 480, 408, 503, 603), RFC 8197 (607 Unwanted), RFC 8688 (608 Rejected by an
intermediary). 607 is a refusal by the person; 608 never is; 603 only on a trunk that is known to pass it on truthfully
and after the phone rang (decision 10).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dialer.calls.attempt import Outcome


class RefusalSignal(StrEnum):
    """Whether the callee's network answer is a refusal."""

    NONE = "none"
    DNC = "dnc"
    HOLD = "hold"
    CALLER_ID_RISK = "caller_id_risk"


class Retry(StrEnum):
    """Whether the lead may be tried again, always through the gate."""

    LATER = "later"
    NEVER = "never"
    CARRIER = "carrier"
    """The carrier failed: the lead is as it was, the trunk is looked at."""


class TrunkTrust(StrEnum):
    """Whether a 603 from this trunk is the callee's own."""

    TRUTHFUL = "truthful"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one report means."""

    outcome: Outcome
    retry: Retry
    refusal: RefusalSignal


_BY_CODE: Final[dict[int, Verdict]] = {
    486: Verdict(Outcome.BUSY, Retry.LATER, RefusalSignal.NONE),
    600: Verdict(Outcome.BUSY, Retry.LATER, RefusalSignal.NONE),
    404: Verdict(Outcome.NUMBER_WRONG, Retry.NEVER, RefusalSignal.NONE),
    410: Verdict(Outcome.NUMBER_WRONG, Retry.NEVER, RefusalSignal.NONE),
    484: Verdict(Outcome.NUMBER_WRONG, Retry.NEVER, RefusalSignal.NONE),
    604: Verdict(Outcome.NUMBER_WRONG, Retry.NEVER, RefusalSignal.NONE),
    408: Verdict(Outcome.NO_ANSWER, Retry.LATER, RefusalSignal.NONE),
    480: Verdict(Outcome.UNREACHABLE, Retry.LATER, RefusalSignal.NONE),
    487: Verdict(Outcome.NO_ANSWER, Retry.LATER, RefusalSignal.NONE),
    607: Verdict(Outcome.UNWANTED, Retry.NEVER, RefusalSignal.DNC),
    608: Verdict(Outcome.BLOCKED_BY_INTERMEDIARY, Retry.LATER, RefusalSignal.CALLER_ID_RISK),
}
_CARRIER: Final = Verdict(Outcome.CARRIER_FAILED, Retry.CARRIER, RefusalSignal.NONE)
FINAL_CODE_MIN: Final = 200
ENDED_BY_US_CODE: Final = 487
_CODE: Final = re.compile(r"\bSIP (\d{3})\b")


def sip_code(sip_text: str) -> int | None:
    """The status code in the egress's raw words (`SIP 607 Unwanted`), or None."""
    found = _CODE.search(sip_text)
    return int(found.group(1)) if found else None


def verdict(*, dial_status: str, sip_text: str, rang: bool, trust: TrunkTrust) -> Verdict:
    """What a leg that was not answered means.

    `rang`: a 180 was seen. A gate's or the egress's own failure never counts as the callee's (it has no SIP answer).
    """
    code = sip_code(sip_text)
    if code == ENDED_BY_US_CODE and dial_status in ("NOANSWER", "CANCEL"):
        code = None  # the carrier's answer to our own CANCEL says nothing of the callee
    if dial_status == "NOANSWER" and (code is None or code < FINAL_CODE_MIN):
        # our own time-out: the carrier said nothing final; one that never rang is a carrier that is dead
        return Verdict(Outcome.NO_ANSWER, Retry.LATER, RefusalSignal.NONE) if rang else _CARRIER
    if code == 603:
        signal = RefusalSignal.DNC if rang and trust is TrunkTrust.TRUTHFUL else RefusalSignal.HOLD
        return Verdict(Outcome.DECLINED, Retry.LATER, signal)
    if code is not None and code in _BY_CODE:
        return _BY_CODE[code]
    if dial_status == "BUSY":
        return _BY_CODE[486]
    if dial_status == "NOT_DIALLED":
        # the egress had a yes and dialled nobody: its own record says so, the lead is as it was
        return Verdict(Outcome.NOT_DIALLED, Retry.CARRIER, RefusalSignal.NONE)
    if dial_status == "CANCEL":
        return Verdict(Outcome.CUT, Retry.LATER, RefusalSignal.NONE)
    return _CARRIER
