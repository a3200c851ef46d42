"""The machine of one attempt: its table, its page, and the auditor's copy say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dialer.calls import attempt
from dialer.calls.attempt import FINAL, MOVES, NOT_COUNTED, OPEN, AttemptState, may_move, move
from dialer.evidence import story
from dialer.evidence.record import EventType
from dialer.storage.tables_calls import OPEN_ATTEMPT_STATES

S = AttemptState
PAGE = Path(__file__).parents[3] / "docs" / "life-of-a-call.md"
_ROW = re.compile(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", re.MULTILINE)


def rows() -> dict[str, tuple[str, frozenset[str]]]:
    """State → what kind it is and where it goes, as the page says."""
    found = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    return {
        state: (kind.strip(), frozenset(re.findall(r"`(\w+)`", targets))) for state, kind, targets in found
    }


def test_the_page_has_each_state_with_exactly_the_moves_of_the_code() -> None:
    assert {state: targets for state, (_, targets) in rows().items()} == {
        str(source): frozenset(str(t) for t in targets) for source, targets in MOVES.items()
    }


def test_the_page_says_which_states_hold_the_number_and_which_are_final() -> None:
    for state, (kind, _) in rows().items():
        assert ("final" in kind) is (S(state) in FINAL), state
        assert ("holds the number" in kind) is (S(state) in OPEN), state
        assert ("not counted" in kind) is (S(state) in NOT_COUNTED), state


def test_the_drawing_on_the_page_is_the_one_in_the_code() -> None:
    drawing = re.findall(r"```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert attempt.__doc__ is not None
    drawn = [line.strip() for line in drawing.strip().splitlines()]
    said = [line.strip() for line in attempt.__doc__.splitlines()]
    assert drawn
    assert [line for line in drawn if line not in said] == []


def test_what_the_index_calls_open_is_what_the_machine_calls_open() -> None:
    assert set(OPEN_ATTEMPT_STATES) == {str(state) for state in OPEN}


def test_a_final_state_has_no_way_out_and_every_other_has_one_to_an_end() -> None:
    for state in FINAL:
        assert MOVES[state] == frozenset()
    for state in OPEN:
        assert _reachable(state) & FINAL, state


def test_every_state_but_the_first_two_is_reached_from_authorised() -> None:
    assert _reachable(S.AUTHORISED) == frozenset(S) - {S.AUTHORISED, S.REFUSED}
    assert not any(S.REFUSED in targets for targets in MOVES.values())


def _reachable(source: AttemptState) -> frozenset[AttemptState]:
    seen: set[AttemptState] = set()
    todo = [source]
    while todo:
        for target in MOVES[todo.pop()] - seen:
            seen.add(target)
            todo.append(target)
    return frozenset(seen)


@pytest.mark.parametrize("source", list(S))
@pytest.mark.parametrize("target", list(S))
def test_move_makes_the_table_and_nothing_else(source: AttemptState, target: AttemptState) -> None:
    assert may_move(source, target) is (target in MOVES[source])
    if may_move(source, target):
        assert (move(source, target).source, move(source, target).target) == (source, target)
    else:
        with pytest.raises(ValueError, match="can't go"):
            move(source, target)


def test_each_state_has_its_leaf() -> None:
    assert {f"attempt.{state}" for state in S} == {str(t) for t in EventType if t.startswith("attempt.")}


def test_the_auditors_own_table_of_moves_is_the_same() -> None:
    """Evidence may not import the machine, so it has its copy: the two may not drift apart."""
    copied = {
        str(source).removeprefix("attempt."): frozenset(str(t).removeprefix("attempt.") for t in targets)
        for source, targets in story.MOVES.items()
    }
    assert copied == {str(s): frozenset(str(t) for t in targets) for s, targets in MOVES.items() if targets}
    assert {str(t).removeprefix("attempt.") for t in story.FINAL_STATES} == {str(s) for s in FINAL}
