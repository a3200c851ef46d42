"""Payloads: redaction keeps the commitment, a changed value breaks it, nothing personal prints."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.evidence.canonical import EvidenceFormatError, Json
from dialer.evidence.payload import (
    Disclosure,
    Payload,
    Withheld,
    build_payload,
    parse_payload,
    payload_from_json,
    write_payload,
)


def salts(count: int, seed: str = "s") -> list[bytes]:
    return [sha256(f"{seed}{number}".encode()).digest() for number in range(count)]


PAYLOAD = build_payload({"callee.number": "+8613000000001", "sip.code": 607, "who": "王芳"}, salts(4))


@given(st.sets(st.sampled_from(["callee.number", "sip.code", "who", "nothing"])))
def test_a_redacted_payload_keeps_its_commitment_and_says_what_it_withholds(keep: set[str]) -> None:
    shown = PAYLOAD.redacted(frozenset(keep))
    assert shown.commit() == PAYLOAD.commit()
    assert parse_payload(shown.to_bytes()) == shown
    assert {item.name for item in shown.items if isinstance(item, Withheld)} == {
        i.name for i in PAYLOAD.items
    } - keep
    for item in PAYLOAD.items:
        assert isinstance(item, Disclosure)
        assert shown.value(item.name) == (item.value if item.name in keep else None)


def test_another_value_name_salt_or_order_gives_another_commitment() -> None:
    first, *rest = PAYLOAD.items
    assert isinstance(first, Disclosure)
    others = [
        Payload(PAYLOAD.salt, (Disclosure(first.name, first.salt, "+8613000000002"), *rest)),
        Payload(PAYLOAD.salt, (Disclosure("callee.name", first.salt, first.value), *rest)),
        Payload(PAYLOAD.salt, (Disclosure(first.name, bytes(32), first.value), *rest)),
        Payload(bytes(32), PAYLOAD.items),
        Payload(PAYLOAD.salt, PAYLOAD.items[::-1]),
        Payload(PAYLOAD.salt, PAYLOAD.items[1:]),
    ]
    assert len({PAYLOAD.commit(), *(other.commit() for other in others)}) == len(others) + 1
    again = Payload(PAYLOAD.salt, (Disclosure(first.name, first.salt, first.value), *rest))
    assert again.commit() == PAYLOAD.commit()


def test_a_withheld_digest_relabelled_breaks_the_commitment() -> None:
    shown = PAYLOAD.redacted(frozenset())
    first = shown.items[0]
    assert isinstance(first, Withheld)
    relabelled = Withheld(first.labelled_digest.replace("callee.number", "callee.prefix"))
    assert Payload(shown.salt, (relabelled, *shown.items[1:])).commit() != PAYLOAD.commit()


def test_a_payload_prints_without_its_values_and_salts() -> None:
    printed = repr(PAYLOAD)
    assert "callee.number" in printed
    assert "1300" not in printed
    assert repr(PAYLOAD.salt) not in printed


def test_salts_are_fresh_for_each_disclosure() -> None:
    assert build_payload({"a": 1}, salts(2)).value("a") == 1
    for wrong in (salts(1), salts(3), salts(1) * 2):
        with pytest.raises(EvidenceFormatError, match="salt"):
            build_payload({"a": 1}, wrong)


ITEM: dict[str, Json] = {"name": "a", "salt": "00" * 32, "value": 1}
BROKEN: list[Json] = [
    {"items": [ITEM]},
    {"items": [ITEM], "salt": "00" * 32, "more": 1},
    {"items": [], "salt": "00" * 32},
    {"items": [ITEM, ITEM], "salt": "00" * 32},
    {"items": [ITEM, {"digest": "a:" + "00" * 32}], "salt": "00" * 32},
    {"items": [ITEM], "salt": "00" * 31},
    {"items": [{**ITEM, "more": 1}], "salt": "00" * 32},
    {"items": [{**ITEM, "name": "A"}], "salt": "00" * 32},
    {"items": [{"name": "a", "value": 1}], "salt": "00" * 32},
    {"items": [{"digest": "00" * 32}], "salt": "00" * 32},
    {"items": "x", "salt": "00" * 32},
    [],
]


@pytest.mark.parametrize("value", BROKEN, ids=range(len(BROKEN)))
def test_what_is_not_exactly_a_payload_is_refused(value: Json) -> None:
    assert payload_from_json({"items": [ITEM], "salt": "00" * 32}).value("a") == 1
    with pytest.raises(EvidenceFormatError):
        payload_from_json(value)


_VALUES: st.SearchStrategy[Json] = st.recursive(
    st.integers(-(2**53 - 1), 2**53 - 1) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)


@given(
    st.dictionaries(st.from_regex(r"[a-z][a-z0-9_.]{0,8}", fullmatch=True), _VALUES, min_size=1, max_size=6)
)
def test_a_payload_written_at_once_has_the_bytes_and_commitment_of_one_that_is_built(
    values: dict[str, Json],
) -> None:
    given_salts = salts(len(values) + 1)
    built, written = build_payload(values, given_salts), write_payload(values, given_salts)
    assert written.body == built.to_bytes()
    assert written.commit == built.commit()
    assert parse_payload(written.body) == built


def _deep(levels: int) -> Json:
    value: Json = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("values", "given_salts", "why"),
    [
        ({}, salts(1), "nothing is said"),
        ({"a": 1}, salts(1), "a salt is missing"),
        ({"a": 1}, [salts(1)[0]] * 2, "one salt twice"),
        ({"a": 1}, [b"short", *salts(1)], "a short salt"),
        ({"A": 1}, salts(2), "a name out of form"),
        ({"a": 1.5}, salts(2), "a float"),
        ({"a": True}, salts(2), "a truth value"),
        ({"a": None}, salts(2), "null"),
        ({"a": "\ud800"}, salts(2), "half of a surrogate pair"),
        ({"a": _deep(14)}, salts(2), "too deep for a reader"),
    ],
)
def test_what_can_not_be_built_can_not_be_written(
    values: dict[str, Json], given_salts: list[bytes], why: str
) -> None:
    with pytest.raises(EvidenceFormatError):
        write_payload(values, given_salts)
    with pytest.raises(EvidenceFormatError):
        build_payload(values, given_salts).to_bytes()
    assert why
