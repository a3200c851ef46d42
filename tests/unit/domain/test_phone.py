"""Callee numbers: what is one, what it never shows, and where it may be."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.domain.caller_id import CallerIdClass, CallerIdNumber, china_class_of
from dialer.domain.phone import BadNumber, NumberType, PhoneNumber, PhoneProblem, _parse, parse_phone
from dialer.domain.zones import SHANGHAI, URUMQI, zones_of_china

CN = "+8613000000001"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("13000000001", "national form"),
        ("+86 130 0000 0001", "international, spaced"),
        ("0086-130-0000-0001", "international prefix"),
        ("8613000000001", "country code without plus"),
        (
            "１３０００００００１".replace("１３０００００００１", "１３０００００００００１"[:11]),
            "full-width digits",
        ),
        (" 13000000001\n", "white space around"),
    ],
)
def test_a_chinese_mobile_is_read_in_every_usual_form(text: str, why: str) -> None:
    number = parse_phone(text, "CN")
    assert isinstance(number, PhoneNumber), why
    assert number.e164.startswith("+86130"), why
    assert number.number_type is NumberType.MOBILE
    assert number.country == "CN"
    assert number.zones == frozenset({SHANGHAI})


@pytest.mark.parametrize(
    ("text", "problem", "why"),
    [
        ("", PhoneProblem.EMPTY, "nothing"),
        ("   ", PhoneProblem.EMPTY, "white space"),
        ("call me", PhoneProblem.NOT_A_NUMBER, "words"),
        ("1" * 41, PhoneProblem.TOO_LONG, "longer than any number"),
        ("11010119000101001X", PhoneProblem.IDENTITY_CARD, "an identity card's form: not collected (D7)"),
        ("110101190001010018", PhoneProblem.IDENTITY_CARD, "the same without X"),
        ("110", PhoneProblem.EMERGENCY, "police"),
        ("119", PhoneProblem.EMERGENCY, "fire"),
        ("120", PhoneProblem.EMERGENCY, "ambulance"),
        ("12345", PhoneProblem.SHORT_CODE, "a city's service line"),
        ("95588", PhoneProblem.SHORT_CODE, "a service number"),
        ("10086", PhoneProblem.SHORT_CODE, "a carrier's number"),
        ("4000000000", PhoneProblem.NOT_A_PERSON, "a shared-cost number"),
        ("8000000000", PhoneProblem.NOT_A_PERSON, "a toll-free number"),
        ("1300000000", PhoneProblem.NOT_IN_PLAN, "a digit short"),
        ("13000000001 ext. 5", PhoneProblem.NOT_A_PERSON, "an extension"),
    ],
)
def test_what_is_not_a_persons_number_is_named(text: str, problem: PhoneProblem, why: str) -> None:
    number = parse_phone(text, "CN")
    assert isinstance(number, BadNumber), why
    assert number.problem is problem, why
    assert number.zh != number.en
    assert not any(digits in repr(number) for digits in (text,) if len(text) > 2)


@pytest.mark.parametrize("number", ["911", "112"])
def test_an_emergency_number_abroad_is_never_a_callee(number: str) -> None:
    bad = parse_phone(number, "US")
    assert isinstance(bad, BadNumber)
    assert bad.problem is PhoneProblem.EMERGENCY


def test_a_number_never_shows_itself() -> None:
    number = parse_phone(CN, "CN")
    assert isinstance(number, PhoneNumber)
    assert number.masked == "130****0001"
    shown = [str(number), repr(number), f"{number}", f"{number!r}", repr([number]), repr(copy.copy(number))]
    assert all("13000000001" not in text and "0000000" not in text for text in shown)
    with pytest.raises(TypeError):
        json.dumps(number)
    assert number.e164 == CN, "the one way to read it"
    assert CN.startswith(number.number_range)
    assert len(number.number_range) == len(CN) - 4


def test_an_american_number_has_the_zones_it_may_be_in() -> None:
    number = parse_phone("+1 202 555 0100", "CN")
    assert isinstance(number, PhoneNumber)
    assert (number.country, number.zones) == ("US", frozenset({"America/New_York"}))


def test_a_foreign_mobile_has_every_zone_of_its_plan() -> None:
    number = parse_phone("+61 491 570 156", "AU")
    assert isinstance(number, PhoneNumber)
    assert {"Australia/Sydney", "Australia/Perth"} <= number.zones


@pytest.mark.rule("D16")
@pytest.mark.parametrize(
    ("national", "xinjiang", "why"),
    [
        ("9910000000", True, "area code of Urumqi"),
        ("9980000000", True, "area code of Kashgar"),
        ("2100000000", False, "Shanghai"),
        ("1300096", True, "a mobile prefix issued in Xinjiang"),
        ("1300000", False, "a mobile prefix issued in Shandong"),
        ("1399900", True, "a mobile prefix issued in Xinjiang"),
    ],
)
def test_a_number_of_xinjiang_is_also_in_urumqis_zone(national: str, xinjiang: bool, why: str) -> None:
    expected = frozenset({SHANGHAI, URUMQI}) if xinjiang else frozenset({SHANGHAI})
    assert zones_of_china(national) == expected, why


def test_the_xinjiang_prefixes_are_those_of_the_installed_metadata() -> None:
    from phonenumbers.geodata import GEOCODE_DATA

    def province(number: str) -> str:
        prefixes = (number[:length] for length in range(len(number), 4, -1))
        return next((GEOCODE_DATA[key].get("en", "") for key in prefixes if key in GEOCODE_DATA), "")

    keys = [key for key in GEOCODE_DATA if key.startswith("861")]
    xinjiang = [key for key in keys if "Xinjiang" in GEOCODE_DATA[key].get("en", "")]
    assert len(xinjiang) > 3_000
    mobiles = [key.ljust(13, "0") for key in (*xinjiang, *keys[::25])]
    wrong = [
        number
        for number in mobiles
        if (URUMQI in zones_of_china(number[2:])) != ("Xinjiang" in province(number))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("4000000000", CallerIdClass.N400),
        ("95000", CallerIdClass.N95),
        ("96000", CallerIdClass.N96),
        ("10085", CallerIdClass.CARRIER),
        ("+8613000000000", CallerIdClass.MOBILE),
        ("02100000000", CallerIdClass.FIXED),
        ("12", None),
        ("123", CallerIdClass.OTHER),
    ],
)
@pytest.mark.rule("B4")
def test_a_caller_id_has_the_class_of_its_digits(digits: str, expected: CallerIdClass | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="3 to 15 digits"):
            CallerIdNumber(digits)
    else:
        assert china_class_of(CallerIdNumber(digits)) is expected


@given(
    st.text(max_size=60) | st.text(alphabet="+0123456789 ()-.ext", max_size=45),
    st.sampled_from(["CN", "US", "ZZ", ""]),
)
def test_whatever_is_typed_gives_a_number_or_a_reason(text: str, country: str) -> None:
    number = parse_phone(text, country)
    if isinstance(number, PhoneNumber):
        assert number.e164.startswith("+")
        assert parse_phone(number.e164, "ZZ") == number
    else:
        assert number.zh
        assert number.en


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "+86"]))
def test_a_chinese_mobile_read_by_its_range_is_what_the_numbering_plan_says(national: str, code: str) -> None:
    assert parse_phone(code + national, "CN") == _parse(code + national, "CN")


@pytest.mark.parametrize("prefix", ["130", "1740", "1746", "192", "140", "154"])
def test_ranges_at_the_edges_of_the_plan_are_read_alike_and_not_at_all_abroad(prefix: str) -> None:
    text = prefix.ljust(11, "0")
    assert parse_phone(text, "CN") == _parse(text, "CN")
    assert parse_phone(text, "US") == _parse(text, "US")
