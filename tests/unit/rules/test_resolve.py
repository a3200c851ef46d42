"""The strictest bound of each kind wins, of the packs in force for the places and days of the call."""

from dataclasses import fields, replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.campaign import PacingMode
from dialer.domain.purpose import Purpose
from dialer.rules.kinds import KINDS
from dialer.rules.kinds.calls import Modes, Ring
from dialer.rules.kinds.moments import FrequencyCallee, Gap, Window
from dialer.rules.kinds.people import OwnershipOfNumber, Purposes
from dialer.rules.kinds.words import Unproven
from dialer.rules.pack import Place
from dialer.rules.resolve import MANDATORY, resolve
from dialer.rules.shipped import shipped_packs
from dialer.rules.strictness import Combine, Span, binds, overlap, shape_of, strictest

TODAY = frozenset({date(2026, 11, 18)})


def place(callee: str, *regions: str, organisation: str = "", packs: tuple[str, ...] = ()) -> Place:
    return Place(frozenset(packs), organisation, callee, frozenset(regions))


@pytest.mark.parametrize(
    ("where", "expected", "why"),
    [
        (
            place("CN", packs=("cn-platform",)),
            {"house", "cn", "cn-platform"},
            "the organisation names the platform",
        ),
        (place("CN"), {"house", "cn"}, "the platform binds whom it connects"),
        (place("US", "US-FL"), {"house", "us-federal", "us-fl"}, "a known state"),
        (place("US", "US-NY"), {"house", "us-federal"}, "a state without an overlay"),
        (
            place("US"),
            {"house", "us-federal", "us-ct", "us-fl", "us-md", "us-ok", "us-tx", "us-wa"},
            "where the state isn't known every overlay binds",
        ),
        (place("US", "US-NY", organisation="CN"), {"house", "us-federal", "cn"}, "the caller's law too"),
        (place("FR"), {"house"}, "no pack for the place"),
    ],
)
def test_the_packs_in_force_follow_from_the_places(where: Place, expected: set[str], why: str) -> None:
    assert {p.pack_id for p in resolve(shipped_packs(), where, TODAY).packs} == expected, why


def test_the_strictest_value_of_each_field_wins_and_its_rules_are_cited() -> None:
    law = resolve(shipped_packs(), place("US", organisation="CN"), TODAY)
    window = law.one(Window)
    assert window is not None
    assert window.value.weekday == Span(time(9), time(20)), "opens with China and Texas, closes with Florida"
    assert window.value.sunday == Span(time(12), time(20)), "Texas keeps Sunday mornings free"
    assert {ref.pack_id for ref in window.law} >= {"us-tx", "us-fl"}
    ring = law.one(Ring)
    assert ring is not None
    assert (ring.value.ring_seconds_min, ring.value.ring_seconds_max) == (15, 30)


def test_a_rule_is_in_force_from_its_day_until_the_day_before_its_end() -> None:
    packs = shipped_packs()
    cn = next(p for p in packs.packs if p.pack_id == "cn")
    rules = tuple(
        replace(r, in_force_until=date(2026, 11, 18)) if r.rule_id == "cn.holidays" else r for r in cn.rules
    )
    changed = replace(packs, packs=tuple(replace(p, rules=rules) if p is cn else p for p in packs.packs))
    assert "holidays" in resolve(changed, place("CN"), frozenset({date(2026, 11, 17)})).bounds
    assert "holidays" not in resolve(changed, place("CN"), TODAY).bounds
    both = frozenset({date(2026, 11, 17), date(2026, 11, 18)})
    assert "holidays" in resolve(changed, place("CN"), both).bounds, (
        "the zones disagree on the day: both bind"
    )


def test_a_place_without_a_pack_lacks_what_no_call_may_be_without() -> None:
    assert "window" in resolve(shipped_packs(), place("FR"), TODAY).missing
    assert set(MANDATORY) <= set(KINDS)
    assert resolve(shipped_packs(), place("CN"), TODAY).missing == ()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (FrequencyCallee(3, 9), FrequencyCallee(5, 5), FrequencyCallee(3, 5)),
        (Gap(30), Gap(60), Gap(60)),
        (
            Purposes(frozenset({Purpose.CALLBACK, Purpose.MARKETING})),
            Purposes(frozenset({Purpose.CALLBACK})),
            Purposes(frozenset({Purpose.CALLBACK})),
        ),
        (
            OwnershipOfNumber(Unproven.DIALABLE),
            OwnershipOfNumber(Unproven.REFUSED),
            OwnershipOfNumber(Unproven.REFUSED),
        ),
        (
            Modes(frozenset({PacingMode.PREVIEW}), frozenset()),
            Modes(frozenset(PacingMode), frozenset(PacingMode)),
            Modes(frozenset({PacingMode.PREVIEW}), frozenset()),
        ),
    ],
)
def test_bounds_combine_field_by_field(a: Any, b: Any, expected: Any) -> None:
    assert strictest(a, b) == expected == strictest(b, a)
    assert binds(expected, expected)


def test_every_kind_says_how_each_of_its_fields_combines() -> None:
    for kind in KINDS.values():
        assert [s.name for s in shape_of(kind)] == [f.name for f in fields(kind)]
        assert kind.__doc__
        assert not kind.__doc__.startswith(f"{kind.__name__}("), "the docstring is for a compliance officer"


SPANS = st.tuples(st.integers(0, 22), st.integers(1, 23)).map(
    lambda edges: Span(time(min(edges)), time(max(edges))) if edges[0] != edges[1] else None
)


@given(SPANS, SPANS, SPANS)
def test_overlapping_hours_is_associative_commutative_and_never_widens(
    a: Span | None, b: Span | None, c: Span | None
) -> None:
    assert overlap(a, b) == overlap(b, a)
    assert overlap(overlap(a, b), c) == overlap(a, overlap(b, c))
    both = overlap(a, b)
    if both is not None:
        assert a is not None
        assert b is not None
        assert both.opens >= a.opens
        assert both.closes <= b.closes


def test_combining_is_closed_over_every_shipped_rule() -> None:
    by_kind: dict[str, list[Any]] = {}
    for pack in shipped_packs().packs:
        for rule in pack.rules:
            by_kind.setdefault(rule.kind, []).append(rule.value)
    combined = 0
    for values in by_kind.values():
        for a in values:
            for b in values:
                both = strictest(a, b)
                for shape in shape_of(type(a)):
                    got, x, y = (getattr(v, shape.name) for v in (both, a, b))
                    match shape.combine:
                        case Combine.LEAST:
                            assert got <= x
                            assert got <= y
                        case Combine.MOST:
                            assert got >= x
                            assert got >= y
                        case Combine.BOTH:
                            assert got <= x
                        case Combine.EITHER:
                            assert got >= x
                        case Combine.FIRST | Combine.OVERLAP | Combine.KEY:
                            assert got in (x, y) or shape.combine is Combine.OVERLAP
                combined += 1
    assert combined > 100
    assert Decimal("0.75") in [v.score_stop for v in by_kind["number_risk"]]
