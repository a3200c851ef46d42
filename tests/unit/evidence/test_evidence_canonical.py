"""Canonical JSON: one value, one byte string, both ways."""

import math
from collections.abc import Sequence

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from dialer.evidence.canonical import (
    DEPTH_MAX,
    INTEGER_MAX,
    EvidenceFormatError,
    Json,
    decode,
    encode,
    first_difference,
    written,
)

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.integers(-INTEGER_MAX, INTEGER_MAX) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_written_is_rfc_8785_and_reads_back_as_itself(value: Json) -> None:
    written = encode(value)
    assert written == rfc8785.dumps(value)
    assert decode(written) == value


def test_keys_are_ordered_by_utf_16_as_the_rfc_shows() -> None:
    # RFC 8785 section 3.2.3: U+1F600 (a surrogate pair) sorts before U+FB33, by code points it would not.
    keys = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    ordered = ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    assert list(decode(encode(dict.fromkeys(keys, 1)))) == ordered  # type: ignore[arg-type]


REFUSED: Sequence[tuple[bytes, str]] = [
    (b'{"a":1,"a":1}', "one key twice"),
    (b'{"b":1,"a":1}', "canonical"),
    (b'{"a": 1}', "canonical"),
    (b'{"a":1}\n', "canonical"),
    (b'"\\u0041"', "canonical"),
    (b'"\\/"', "canonical"),
    (b"-0", "canonical"),
    (b"1.0", "integer"),
    (b"1e3", "integer"),
    (b"9007199254740992", "integer"),
    (b"1" * 5000, "integer"),
    (b"NaN", "integer"),
    (b"Infinity", "integer"),
    (b"null", "neither"),
    (b"true", "integer"),
    (b'{"a":null}', "neither"),
    (b'"\\ud800"', "surrogate"),
    (b'"\xff"', "UTF-8"),
    (b"\xef\xbb\xbf1", "JSON"),
    (b"", "JSON"),
    (b"[" * 17 + b"1" + b"]" * 17, "nested"),
    (b"[" * 100_000 + b"]" * 100_000, "nested"),
    (b"[1", "JSON"),
]


@pytest.mark.parametrize(("data", "why"), REFUSED, ids=range(len(REFUSED)))
def test_another_way_to_write_a_value_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(EvidenceFormatError, match=why):
        decode(data)


def test_sixteen_levels_and_the_largest_integers_are_read() -> None:
    for data in (b"[" * 16 + b"1" + b"]" * 16, b"9007199254740991", b"-9007199254740991"):
        assert encode(decode(data)) == data


@pytest.mark.parametrize("value", [1.5, math.nan, None, True, {1: "a"}, b"bytes", {"a": {2}}, 2**53])
def test_values_outside_the_profile_are_not_written(value: Json) -> None:
    with pytest.raises(EvidenceFormatError):
        encode(value)


@given(st.binary(max_size=60))
def test_garbage_is_refused_or_is_canonical(data: bytes) -> None:
    try:
        value = decode(data)
    except EvidenceFormatError:
        return
    assert encode(value) == data


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_the_first_difference_is_the_first(left: bytes, right: bytes) -> None:
    at = first_difference(left, right)
    assert left[:at] == right[:at]
    assert left == right or left[at : at + 1] != right[at : at + 1]


def test_a_document_over_its_limit_is_refused_before_it_is_read() -> None:
    assert decode(b'"aaaa"', bytes_max=6) == "aaaa"
    with pytest.raises(EvidenceFormatError, match="over 5 bytes"):
        decode(b'"aaaa"', bytes_max=5)


@given(JSON, JSON)
def test_what_is_written_beforehand_stands_in_a_document_as_if_written_there(
    inner: Json, beside: Json
) -> None:
    document: Json = {"a": inner, "b": [beside, inner]}
    assert encode({"a": written(inner), "b": [beside, written(inner)]}) == encode(document)


def test_what_is_written_beforehand_counts_its_own_depth() -> None:
    deep: Json = "x"
    for _ in range(DEPTH_MAX - 1):
        deep = [deep]
    assert encode([written(deep)]) == encode([deep])
    with pytest.raises(EvidenceFormatError, match="nested"):
        encode([[written(deep)]])
    with pytest.raises(EvidenceFormatError):
        written("\ud800")
    with pytest.raises(EvidenceFormatError):
        written(1.5)  # type: ignore[arg-type]
