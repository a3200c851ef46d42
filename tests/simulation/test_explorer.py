"""The protocol, walked exhaustively on the product's own SQL, and each of its rules shown to be needed.

Bounds of the run in `make test`: 2 nodes, 1 to 2 attempts, 1 to 2 numbers, at most 1 step of time (longer than every limit),
1 refusal, 1 or 2 failures of any kind (lost, doubled or late originate, unknown commit, lost answer or report, doubt, a
node that dies, an egress that starts again). Wider ones: `python -m tests.simulation.explore`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.simulation.explorer import Explorer
from tests.simulation.explorer_env import Bounds, Slip, Violation
from tests.simulation.explorer_world import Edit, ground

WHOLE = Slip()
ONE_NUMBER = (1, 1)
TWO_NUMBERS = (1, 2)

WALKS = {
    "one attempt, a refusal, time, one failure": (
        ONE_NUMBER,
        Bounds(1, failures=1, ticks=1, refusals=1),
        3_000,
    ),
    "one attempt, two failures": (ONE_NUMBER, Bounds(1, failures=2, ticks=0, refusals=0), 500),
    "two attempts at one number, one failure": (
        ONE_NUMBER,
        Bounds(2, failures=1, ticks=0, refusals=0),
        8_000,
    ),
    "two attempts at one number, time": (ONE_NUMBER, Bounds(2, failures=0, ticks=1, refusals=0), 8_000),
    "two attempts at one number, a refusal": (ONE_NUMBER, Bounds(2, failures=0, ticks=0, refusals=1), 2_000),
    "two numbers, a refusal of one": (TWO_NUMBERS, Bounds(2, failures=0, ticks=0, refusals=1), 2_000),
}


@pytest.mark.parametrize("name", WALKS)
def test_no_order_of_steps_breaks_an_invariant(name: str) -> None:
    endings, bounds, states_min = WALKS[name]
    walk = Explorer(ground(endings), bounds)
    walk.run()
    print(f"{name}: {len(walk.seen)} states, {walk.steps} steps, {walk.drained} of them drained")
    assert len(walk.seen) > states_min  # the walk was not cut short by a step that went missing
    assert walk.drained > 20


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule without which one of `breaks` has to be found. `bounds`: the smallest in which it is."""

    rule: str
    breaks: frozenset[str]
    bounds: Bounds
    edits: tuple[Edit, ...] = ()
    slip: Slip = WHOLE
    drops_index: bool = False


def left_out(
    rule: str,
    breaks: str,
    bounds: Bounds,
    *edits: tuple[str, str],
    slip: Slip = WHOLE,
    drops_index: bool = False,
) -> LeftOut:
    return LeftOut(
        rule, frozenset(breaks.split()), bounds, tuple(Edit(*edit) for edit in edits), slip, drops_index
    )


SHORT = Bounds(1, failures=1, ticks=1, refusals=1)
TWICE = Bounds(2, failures=1, ticks=0, refusals=0)

MUTATIONS = [
    left_out(
        "1: a lead that is being dialled can be claimed once its lease is over",
        "S4",
        Bounds(2, failures=0, ticks=1, refusals=0),
        ("(state = 'claimed' AND lease", "(state IN ('claimed', 'dialing') AND lease"),
        ("state IN ('queued', 'claimed')", "state IN ('queued', 'claimed', 'dialing')"),
    ),
    left_out(
        "2: T1 looks at neither owner, fence nor lease",
        "R2",
        SHORT,
        (" AND owner = :owner AND fence = :fence AND lease_until_us >= NOW_US", ""),
    ),
    left_out("2: no unique index over open attempts", "S3", TWICE, drops_index=True),
    left_out(
        "3: a lost originate is called again under a new permit",
        "S3 S4 L1",
        TWICE,
        slip=Slip(keeps_doubt=False),
    ),
    left_out(
        "5: T2 does not look whether the permit is still issued",
        "S1",
        Bounds(1, failures=2, ticks=0, refusals=0),
        ("AND state = 'issued'\n  AND expires_us", "AND expires_us"),
    ),
    left_out("5: T2 does not look at the clock", "S7", SHORT, ("AND expires_us > NOW_US\n", "")),
    left_out(
        "5 and 11: T2 looks at neither list nor consent, and T3 leaves permits issued",
        "S2 R11",
        SHORT,
        ("AND (d.purpose IS NULL OR d.purpose = permit.purpose))", "AND 1 = 0)"),
        ("c.withdrawn_us IS NULL", "1 = 1"),
        ("FROM permit WHERE state = 'issued' AND ((CAST", "FROM permit WHERE state = 'none' AND ((CAST"),
    ),
    left_out(
        "7: not dialled is written without looking at the permit",
        "S3 S4 S5 S6",
        Bounds(1, failures=1, ticks=0, refusals=0),
        ("WHERE attempt_id = :attempt AND state = 'issued'", "WHERE attempt_id = :attempt"),
    ),
    left_out(
        "9: a consumed attempt is closed without asking the egress", "S3", TWICE, slip=Slip(asks_egress=False)
    ),
    left_out(
        "10: an egress that started again is believed that it has no leg",
        "S3",
        TWICE,
        slip=Slip(holds_after_restart=False),
    ),
    left_out(
        "11: T3 does not store what is to be cut",
        "L2",
        SHORT,
        ("cut_wanted_us = COALESCE(cut_wanted_us, NOW_US)", "cut_wanted_us = NULL"),
    ),
    left_out(
        "11: T3 leaves permits issued",
        "R11",
        SHORT,
        ("FROM permit WHERE state = 'issued' AND ((CAST", "FROM permit WHERE state = 'none' AND ((CAST"),
    ),
    left_out(
        "11: T3 drops only what is queued",
        "R11",
        SHORT,
        ("state IN ('queued', 'claimed', 'dialing')", "state IN ('queued')"),
    ),
    left_out(
        "12: only the owner cuts",
        "L2",
        SHORT,
        ("AND a.state <> 'wrapping'", "AND a.state <> 'wrapping' AND a.node = 'node-1'"),
    ),
    left_out(
        "13: a report of any leg closes the attempt",
        "S3 S4 L2",
        SHORT,
        ("AND state = 'consumed' AND consumed_uid = :uid", "AND state = 'consumed'"),
        ("AND r.uid = p.consumed_uid", ""),
    ),
    left_out(
        "14: a lead whose call ended unknown is queued again", "S4", TWICE, slip=Slip(knows_unknown=False)
    ),
    left_out(
        "14: a call that ended unknown does not count",
        "S6",
        SHORT,
        ("NOT IN ('lapsed', 'refused')", "NOT IN ('lapsed', 'refused', 'ended_unknown')"),
    ),
]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=[m.rule.replace(" ", "_") for m in MUTATIONS])
def test_each_rule_left_out_is_caught(mutation: LeftOut) -> None:
    walk = Explorer(
        ground(ONE_NUMBER),
        mutation.bounds,
        slip=mutation.slip,
        edits=mutation.edits,
        drops_index=mutation.drops_index,
    )
    with pytest.raises(Violation) as caught:
        walk.run()
    print(f"{mutation.rule}: {caught.value}")
    assert caught.value.invariant.split(":")[0] in mutation.breaks
    assert walk.hits == set(mutation.edits), "an edit met no statement: the product's text has changed"


def test_two_belts_hold_where_one_is_enough() -> None:
    """T2 without its list still consumes nothing after a refusal: T3 voided the permit. Both are kept all the same."""
    walk = Explorer(
        ground(ONE_NUMBER),
        SHORT,
        edits=(Edit("AND (d.purpose IS NULL OR d.purpose = permit.purpose))", "AND 1 = 0)"),),
    )
    walk.run()
    assert walk.hits
