"""The banned business and the phrases: every example inside the lists, and how they match."""

import re

import pytest

from dialer.rules.banned import HitEffect, TextField, parse_banned, screen
from dialer.rules.pack import PackError
from dialer.rules.phrases import PhraseAction, PhraseSpeaker, find_phrases, parse_phrases
from dialer.rules.shipped import pack_text, shipped_packs
from dialer.rules.text import normal_sentences, normal_words

BANNED = shipped_packs().banned["banned_business"]
PHRASES = shipped_packs().phrases["phrases"]
MATCH = [(row, text) for row in BANNED.entries for text in row.tests_match]
PASS = [(row, text) for row in BANNED.entries for text in row.tests_pass]


@pytest.mark.rule("A2")
def test_the_list_has_28_rows_in_19_industries_each_with_its_id() -> None:
    assert (BANNED.rows, BANNED.industries) == (28, 19)
    ids = [row.row_id for row in BANNED.entries]
    assert len(set(ids)) == len(ids)
    assert [i for i in ids if re.fullmatch(r"A2-\d\d", i)] == [f"A2-{n:02}" for n in range(1, 28)]
    assert all(i.startswith("A3-28") for i in ids if not i.startswith("A2-"))
    assert not any(row.overridable for row in BANNED.entries if row.row_id.startswith("A3-28"))


@pytest.mark.rule("A2")
@pytest.mark.parametrize(("row", "text"), MATCH, ids=[f"{r.row_id} {t}" for r, t in MATCH])
def test_a_text_of_a_banned_business_hits_its_row(row, text) -> None:  # type: ignore[no-untyped-def]
    hits = {hit.row.row_id: hit.effect for hit in screen(BANNED, TextField.SCRIPT, text)}
    assert hits.get(row.row_id) is HitEffect.REFUSE


@pytest.mark.rule("A2")
@pytest.mark.parametrize(("row", "text"), PASS, ids=[f"{r.row_id} {t}" for r, t in PASS])
def test_a_false_friend_passes_its_row(row, text) -> None:  # type: ignore[no-untyped-def]
    assert row.row_id not in {hit.row.row_id for hit in screen(BANNED, TextField.SCRIPT, text)}


@pytest.mark.rule("A1")
@pytest.mark.parametrize(
    ("field", "text", "effect", "why"),
    [
        (TextField.SCRIPT, "贷 款", HitEffect.REFUSE, "spaces are dropped"),
        (TextField.SCRIPT, "貸款", HitEffect.REFUSE, "traditional characters"),
        (TextField.SCRIPT, "贷*款", HitEffect.REFUSE, "signs are dropped"),
        (TextField.SCRIPT, "贷\u200b款", HitEffect.REFUSE, "zero-width characters"),
        (
            TextField.CAMPAIGN_PURPOSE,
            "不做贷款",
            HitEffect.REVIEW,
            "a negation is for a person to judge, never a pass",
        ),
        (TextField.ORGANISATION_NAME, "某某贷款公司", HitEffect.REVIEW, "a name isn't a business"),
        (TextField.LICENCE_SCOPE, "贷款咨询", HitEffect.NOTE, "scope words alone never refuse"),
        (TextField.TRANSCRIPT, "贷款", HitEffect.CASE, "live words open a case"),
    ],
)
def test_what_a_hit_does_depends_on_where_it_stands(
    field: TextField, text: str, effect: HitEffect, why: str
) -> None:
    hits = [hit for hit in screen(BANNED, field, text) if hit.row.row_id == "A2-09"]
    assert [hit.effect for hit in hits] == [effect], why


def test_a_negation_before_one_hit_does_not_excuse_another() -> None:
    hits = screen(BANNED, TextField.SCRIPT, "我们不是催收。今天给您介绍贷款")
    assert {h.effect for h in hits if h.row.row_id == "A2-09"} == {HitEffect.REFUSE}


def test_a_false_friend_of_one_row_never_protects_another() -> None:
    assert screen(BANNED, TextField.SCRIPT, "汽车美容") == ()
    assert {h.row.row_id for h in screen(BANNED, TextField.SCRIPT, "汽车美容贷款")} == {"A2-09"}


def test_a_list_whose_counts_are_wrong_does_not_load() -> None:
    text = pack_text("banned_business")
    for change in (("rows = 28", "rows = 27"), ('keywords = ["信用卡"', 'words = ["信用卡"')):
        assert change[0] in text
        with pytest.raises(PackError):
            parse_banned(text.replace(*change, 1), "banned.toml", "banned_business")


PHRASE_MATCH = [(c, t) for c in PHRASES.classes for t in c.examples_match]
PHRASE_GUARDED = [(c, t, e) for c in PHRASES.classes for t, e in c.examples_guarded]
PHRASE_PASS = [(c, t) for c in PHRASES.classes for t in c.examples_pass]


@pytest.mark.parametrize(
    ("phrases", "text"), PHRASE_MATCH, ids=[f"{c.class_id} {t}" for c, t in PHRASE_MATCH]
)
def test_a_phrase_is_found(phrases, text) -> None:  # type: ignore[no-untyped-def]
    actions = {hit.action for hit in find_phrases(PHRASES, frozenset({phrases.class_id}), text)}
    assert phrases.action in actions


@pytest.mark.parametrize(
    ("phrases", "text", "effect"), PHRASE_GUARDED, ids=[f"{c.class_id} {t}" for c, t, _ in PHRASE_GUARDED]
)
def test_a_guarded_phrase_has_the_guards_effect(phrases, text, effect) -> None:  # type: ignore[no-untyped-def]
    hits = find_phrases(PHRASES, frozenset({phrases.class_id}), text)
    assert [hit.action for hit in hits] == [effect]


@pytest.mark.parametrize(("phrases", "text"), PHRASE_PASS, ids=[f"{c.class_id} {t}" for c, t in PHRASE_PASS])
def test_an_innocent_phrase_is_not_found(phrases, text) -> None:  # type: ignore[no-untyped-def]
    assert find_phrases(PHRASES, frozenset({phrases.class_id}), text) == ()


@pytest.mark.rule("D18")
def test_a_clear_refusal_is_dnc_and_disinterest_ends_the_purpose() -> None:
    every = frozenset(c.class_id for c in PHRASES.classes if c.speaker is PhraseSpeaker.CALLEE)
    refused = {h.action for h in find_phrases(PHRASES, every, "不要再打了")}
    assert PhraseAction.DNC in refused
    declined = {h.action for h in find_phrases(PHRASES, every, "没兴趣")}
    assert PhraseAction.STOP_PURPOSE in declined
    assert PhraseAction.DNC not in declined


def test_a_pattern_that_is_not_one_does_not_load() -> None:
    text = pack_text("phrases")
    with pytest.raises(PackError):
        parse_phrases(text.replace("'stopcall(ing)?'", "'stopcall(ing?'"), "phrases.toml", "phrases")
    assert "'stopcall(ing)?'" in text


def test_normal_forms() -> None:
    assert normal_words("POS 机、貸-款 / ＡＢＣ") == "pos机、贷款abc"
    assert normal_sentences("嗯，不要 再打了！好…的。\n再见") == ("不要再打了", "好的", "再见")
