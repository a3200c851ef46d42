"""What a pack may not say, and that the complaint names file and line."""

import pytest

from dialer.rules.kinds import KINDS
from dialer.rules.pack import Pack, PackError
from dialer.rules.parse import parse_pack

HEAD = """id = "x"
title = "A pack"
version = "1"
verified = false
checked = 2026-11-18

[scope]
callee_countries = ["CN"]

[sources.law]
title = "A law"
date = 2026-01-01
nature = "law"

[[rule]]
id = "x.gap"
kind = "gap"
requirements = ["D17"]
from = 2026-01-01
minutes_min = 30
source = "law"
article = "1"
quote = "half an hour"
"""
LINES_OF_HEAD = HEAD.count("\n")
SECOND = HEAD[HEAD.index("[[rule]]") :].replace("x.gap", "x.gap-2")


def answers(*encoded: str) -> str:
    return "\n[exempt]\n" + "".join(f'{kind} = "not said here"\n' for kind in KINDS if kind not in encoded)


def parse(text: str) -> Pack:
    return parse_pack(text, "x.toml")


def test_a_whole_pack_loads() -> None:
    pack = parse(HEAD + answers("gap"))
    assert [rule.rule_id for rule in pack.rules] == ["x.gap"]
    assert pack.rules[0].value.minutes_min == 30
    assert len(pack.sha256) == 64


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD.replace('kind = "gap"', 'kind = "gop"'), 17, "unknown kind 'gop'"),
        (HEAD.replace("minutes_min = 30", "minutes_min = 30\nmercy = 1"), 21, "unknown key 'mercy'"),
        (HEAD.replace("minutes_min = 30", 'minutes_min = "30"'), 20, "expected a whole number"),
        (HEAD.replace("minutes_min = 30\n", ""), 15, "'minutes_min' is missing"),
        (
            HEAD.replace('source = "law"', 'source = "hearsay"'),
            21,
            "the source 'hearsay' is not in [sources]",
        ),
        (HEAD.replace('source = "law"\n', ""), 15, "'source' is missing"),
        (HEAD.replace('quote = "half an hour"\n', ""), 15, "'quote' is missing"),
        (HEAD.replace('article = "1"\n', 'article = ""\n'), 22, "expected a text that isn't empty"),
        (HEAD.replace('nature = "law"', 'nature = "rumour"'), 13, "expected one of law, seed, product"),
        (HEAD.replace("from = 2026-01-01", 'from = "2026"'), 19, "expected a date"),
        (HEAD.replace('requirements = ["D17"]', 'requirements = "D17"'), 18, "must be a list of ids"),
        (
            HEAD.replace("from = 2026-01-01", "from = 2026-01-01\nuntil = 2026-01-01"),
            20,
            "'until' is not after 'from'",
        ),
        (HEAD + SECOND, LINES_OF_HEAD + 1, "overlap with 'x.gap' (line 15)"),
        (HEAD + SECOND.replace("x.gap-2", "x.gap"), LINES_OF_HEAD + 1, "the rule 'x.gap' stands twice"),
        ("colour = 1\n" + HEAD, 1, "unknown key 'colour'"),
        (HEAD.replace("[scope]", "[scope]\nplanet = 1"), 8, "unknown key 'planet'"),
        (HEAD.replace("verified = false", 'verified = "no"'), 4, "must be true or false"),
        (HEAD.replace('[scope]\ncallee_countries = ["CN"]\n', ""), 1, "the table [scope] is missing"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(text: str, line: int, said: str) -> None:
    with pytest.raises(PackError) as error:
        parse(text + answers("gap"))
    assert said in error.value.said
    assert (error.value.file, error.value.line) == ("x.toml", line)
    assert str(error.value).startswith(f"x.toml:{line}: ")


def test_a_kind_without_an_answer_does_not_load() -> None:
    with pytest.raises(PackError, match="no answer for the kind 'window'"):
        parse(HEAD + answers("gap", "window"))


def test_a_kind_with_two_answers_does_not_load() -> None:
    with pytest.raises(PackError, match="two answers for the kind 'gap'"):
        parse(HEAD + answers())


def test_an_exemption_needs_a_reason() -> None:
    with pytest.raises(PackError, match="needs a sentence"):
        parse(HEAD + answers("gap").replace('window = "not said here"', 'window = "-"'))


def test_an_unknown_kind_cannot_be_exempt() -> None:
    with pytest.raises(PackError, match="unknown kind 'mood'"):
        parse(HEAD + answers("gap") + 'mood = "not said here"\n')


def test_text_that_is_not_toml_names_its_line() -> None:
    with pytest.raises(PackError) as error:
        parse("id = \n")
    assert error.value.line == 1


def test_a_doubled_key_does_not_load() -> None:
    with pytest.raises(PackError):
        parse(HEAD.replace("minutes_min = 30", "minutes_min = 30\nminutes_min = 5") + answers("gap"))


def test_entries_that_follow_each_other_load() -> None:
    ended = HEAD.replace("from = 2026-01-01", "from = 2026-01-01\nuntil = 2026-06-01")
    pack = parse(ended + SECOND.replace("from = 2026-01-01", "from = 2026-06-01") + answers("gap"))
    assert len(pack.rules) == 2


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("weekday = [21:00:00, 09:00:00]", "opens before it closes"),
        ("weekday = [09:00:00]", "expected [opens, closes]"),
        ('weekday = "09:00-21:00"', "expected [opens, closes]"),
    ],
)
def test_a_window_is_two_times_in_order(written: str, said: str) -> None:
    rule = SECOND.replace('kind = "gap"', 'kind = "window"').replace(
        "minutes_min = 30", f"{written}\nsaturday = []\nsunday = []"
    )
    with pytest.raises(PackError) as error:
        parse(HEAD + rule + answers("gap", "window"))
    assert said in error.value.said
