"""A burst of failures or of 603 is the trunk's fault; a mixed day is not."""

import pytest

from dialer.calls.trunk_health import DECLINES_MIN, FAILURES_IN_A_ROW, SeenLeg, TrunkFault, trunk_fault

GONE = SeenLeg("CHANUNAVAIL", "SIP 503 Service Unavailable", False)
DEAD = SeenLeg("NOANSWER", "", False)
RANG_OUT = SeenLeg("NOANSWER", "", True)
BUSY = SeenLeg("BUSY", "SIP 486 Busy Here", False)
ANSWERED = SeenLeg("ANSWER", "SIP 200 OK", True)
DECLINED = SeenLeg("NOANSWER", "SIP 603 Decline", True)


@pytest.mark.parametrize(
    ("newest_first", "fault"),
    [
        ([], None),
        ([GONE] * (FAILURES_IN_A_ROW - 1), None),
        ([GONE] * FAILURES_IN_A_ROW, TrunkFault.FAILING),
        ([DEAD] * FAILURES_IN_A_ROW, TrunkFault.FAILING),
        ([GONE, DEAD, GONE, DEAD, GONE], TrunkFault.FAILING),
        ([GONE] * 4 + [ANSWERED] + [GONE] * 5, None),
        ([GONE] * 4 + [BUSY] + [GONE] * 5, None),
        ([ANSWERED] + [GONE] * 9, None),
        ([GONE] * FAILURES_IN_A_ROW + [ANSWERED] * 5, TrunkFault.FAILING),
        ([RANG_OUT] * 10, None),
        ([BUSY] * 10, None),
        ([DECLINED] * (DECLINES_MIN - 1), None),
        ([DECLINED] * DECLINES_MIN, TrunkFault.DECLINING),
        ([DECLINED, ANSWERED] * 5, TrunkFault.DECLINING),
        ([DECLINED, ANSWERED, ANSWERED] * 4, None),
        ([ANSWERED] * 10 + [DECLINED] * 10, None),
    ],
)
def test_the_newest_reports_show_a_fault_or_none(
    newest_first: list[SeenLeg], fault: TrunkFault | None
) -> None:
    assert trunk_fault(newest_first) is fault
