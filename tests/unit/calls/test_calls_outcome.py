"""The table from the egress's words to an outcome, row by row, each with its why (decision 10)."""

from __future__ import annotations

import pytest

from dialer.calls.attempt import Outcome
from dialer.calls.outcome import RefusalSignal, Retry, TrunkTrust, Verdict, sip_code, verdict

Out, R, F = Outcome, Retry, RefusalSignal
TRUE, UNKNOWN = TrunkTrust.TRUTHFUL, TrunkTrust.UNKNOWN

ROWS = [
    # dial status, raw words, rang, trust → outcome, retry, signal, why
    ("BUSY", "SIP 486 Busy Here", False, UNKNOWN, Out.BUSY, R.LATER, F.NONE, "RFC 3261: busy here"),
    (
        "BUSY",
        "SIP 600 Busy Everywhere",
        False,
        UNKNOWN,
        Out.BUSY,
        R.LATER,
        F.NONE,
        "RFC 3261: busy everywhere",
    ),
    ("BUSY", "", False, UNKNOWN, Out.BUSY, R.LATER, F.NONE, "a carrier that says busy in no words"),
    ("CHANUNAVAIL", "SIP 404 Not Found", False, UNKNOWN, Out.NUMBER_WRONG, R.NEVER, F.NONE, "nobody has it"),
    (
        "CHANUNAVAIL",
        "SIP 410 Gone",
        False,
        UNKNOWN,
        Out.NUMBER_WRONG,
        R.NEVER,
        F.NONE,
        "nobody has it any more",
    ),
    (
        "CHANUNAVAIL",
        "SIP 484 Address Incomplete",
        False,
        UNKNOWN,
        Out.NUMBER_WRONG,
        R.NEVER,
        F.NONE,
        "too short",
    ),
    ("CHANUNAVAIL", "SIP 604 Does Not Exist", False, UNKNOWN, Out.NUMBER_WRONG, R.NEVER, F.NONE, "anywhere"),
    (
        "CONGESTION",
        "SIP 480 Temporarily Unavailable",
        False,
        UNKNOWN,
        Out.UNREACHABLE,
        R.LATER,
        F.NONE,
        "off",
    ),
    ("NOANSWER", "SIP 408 Request Timeout", True, UNKNOWN, Out.NO_ANSWER, R.LATER, F.NONE, "rang out there"),
    (
        "CONGESTION",
        "SIP 503 Service Unavailable",
        False,
        TRUE,
        Out.CARRIER_FAILED,
        R.CARRIER,
        F.NONE,
        "carrier",
    ),
    ("CONGESTION", "SIP 500 Server Error", True, TRUE, Out.CARRIER_FAILED, R.CARRIER, F.NONE, "carrier"),
    ("CHANUNAVAIL", "SIP 403 Forbidden", False, TRUE, Out.CARRIER_FAILED, R.CARRIER, F.NONE, "our account"),
    ("CHANUNAVAIL", "", False, TRUE, Out.CARRIER_FAILED, R.CARRIER, F.NONE, "nobody answered the INVITE"),
    # refusals: by whom?
    ("CONGESTION", "SIP 607 Unwanted", True, UNKNOWN, Out.UNWANTED, R.NEVER, F.DNC, "RFC 8197: the person"),
    ("CONGESTION", "SIP 607 Unwanted", False, UNKNOWN, Out.UNWANTED, R.NEVER, F.DNC, "needs no ringing"),
    (
        "CONGESTION",
        "SIP 608 Rejected",
        True,
        TRUE,
        Out.BLOCKED_BY_INTERMEDIARY,
        R.LATER,
        F.CALLER_ID_RISK,
        "RFC 8688",
    ),
    (
        "CONGESTION",
        "SIP 608 Rejected",
        False,
        TRUE,
        Out.BLOCKED_BY_INTERMEDIARY,
        R.LATER,
        F.CALLER_ID_RISK,
        "never DNC",
    ),
    (
        "BUSY",
        "SIP 603 Decline",
        True,
        TRUE,
        Out.DECLINED,
        R.LATER,
        F.DNC,
        "rang, on a trunk known to be truthful",
    ),
    ("BUSY", "SIP 603 Decline", False, TRUE, Out.DECLINED, R.LATER, F.HOLD, "no phone rang: not the person"),
    (
        "BUSY",
        "SIP 603 Decline",
        True,
        UNKNOWN,
        Out.DECLINED,
        R.LATER,
        F.HOLD,
        "the trunk may have made it up",
    ),
    ("BUSY", "SIP 603 Decline", False, UNKNOWN, Out.DECLINED, R.LATER, F.HOLD, "neither"),
    # our own time-out
    (
        "NOANSWER",
        "SIP 180 Ringing",
        True,
        UNKNOWN,
        Out.NO_ANSWER,
        R.LATER,
        F.NONE,
        "it rang as long as it may",
    ),
    ("NOANSWER", "", True, UNKNOWN, Out.NO_ANSWER, R.LATER, F.NONE, "it rang, no words kept"),
    (
        "NOANSWER",
        "SIP 487 Request Terminated",
        True,
        UNKNOWN,
        Out.NO_ANSWER,
        R.LATER,
        F.NONE,
        "answer to our CANCEL",
    ),
    (
        "NOANSWER",
        "SIP 100 Trying",
        False,
        UNKNOWN,
        Out.CARRIER_FAILED,
        R.CARRIER,
        F.NONE,
        "it never rang: dead",
    ),
    ("NOANSWER", "", False, UNKNOWN, Out.CARRIER_FAILED, R.CARRIER, F.NONE, "it never rang: dead"),
    (
        "NOANSWER",
        "SIP 487 Request Terminated",
        False,
        UNKNOWN,
        Out.CARRIER_FAILED,
        R.CARRIER,
        F.NONE,
        "never rang",
    ),
    # we ended it
    ("CANCEL", "", True, UNKNOWN, Out.CUT, R.LATER, F.NONE, "we hung up"),
    ("CANCEL", "SIP 487 Request Terminated", True, UNKNOWN, Out.CUT, R.LATER, F.NONE, "answer to our CANCEL"),
    ("CANCEL", "SIP 180 Ringing", True, UNKNOWN, Out.CUT, R.LATER, F.NONE, "we hung up while it rang"),
    (
        "CANCEL",
        "SIP 607 Unwanted",
        True,
        UNKNOWN,
        Out.UNWANTED,
        R.NEVER,
        F.DNC,
        "said no as we hung up: it counts",
    ),
    # nobody was dialled: our own fault is never the callee's refusal
    (
        "NOT_DIALLED",
        "",
        False,
        TRUE,
        Out.NOT_DIALLED,
        R.CARRIER,
        F.NONE,
        "gate down, or gone while it thought",
    ),
    ("", "", False, TRUE, Out.CARRIER_FAILED, R.CARRIER, F.NONE, "a report without words"),
]


@pytest.mark.parametrize("row", ROWS, ids=[f"{r[0]}-{r[1]}-{r[7]}".replace(" ", "_") for r in ROWS])
def test_each_row_of_the_table(
    row: tuple[str, str, bool, TrunkTrust, Outcome, Retry, RefusalSignal, str],
) -> None:
    status, words, rang, trust, outcome, retry, signal, _ = row
    assert verdict(dial_status=status, sip_text=words, rang=rang, trust=trust) == Verdict(
        outcome, retry, signal
    )


def test_no_answer_of_a_network_but_607_and_a_true_603_enters_the_list() -> None:
    entering = {
        (code, rang, trust)
        for code in range(300, 700)
        for rang in (False, True)
        for trust in TrunkTrust
        for status in ("BUSY", "CONGESTION", "CHANUNAVAIL", "NOANSWER", "CANCEL")
        if verdict(dial_status=status, sip_text=f"SIP {code} x", rang=rang, trust=trust).refusal is F.DNC
    }
    assert entering == {(603, True, TRUE)} | {
        (607, rang, trust) for rang in (False, True) for trust in TrunkTrust
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("SIP 607 Unwanted", 607),
        ("SIP 180", 180),
        ("", None),
        ("607", None),
        ("SIP 6070 x", None),
        ("SIP x", None),
    ],
)
def test_the_code_is_read_from_the_carriers_own_words(words: str, code: int | None) -> None:
    assert sip_code(words) == code
