"""The English refusals: every example inside the list, and that neither language hears a refusal in the other's."""

import pytest

from dialer.rules.phrases import PhraseAction, PhraseClass, PhraseSpeaker, find_phrases
from dialer.rules.spoken import hinted, is_clear_refusal, keyphrases, meaning, refusal_phrases

CHINESE, ENGLISH = refusal_phrases()
MATCH = [(c, text) for c in ENGLISH.classes for text in c.examples_match]
GUARDED = [(c, text, effect) for c in ENGLISH.classes for text, effect in c.examples_guarded]
PASS = [(c, text) for c in ENGLISH.classes for text in c.examples_pass]


def actions(phrases: PhraseClass, text: str) -> set[PhraseAction]:
    return {hit.action for hit in find_phrases(ENGLISH, frozenset({phrases.class_id}), text)}


@pytest.mark.parametrize(("phrases", "text"), MATCH, ids=[text for _, text in MATCH])
def test_a_refusal_in_english_is_heard(phrases: PhraseClass, text: str) -> None:
    assert phrases.action in actions(phrases, text)
    assert is_clear_refusal(refusal_phrases(), text) == (phrases.action is PhraseAction.DNC)


@pytest.mark.parametrize(("phrases", "text", "effect"), GUARDED, ids=[text for _, text, _ in GUARDED])
def test_a_wish_about_when_or_a_denial_is_not_a_refusal(
    phrases: PhraseClass, text: str, effect: PhraseAction
) -> None:
    assert actions(phrases, text) == {effect}
    assert not is_clear_refusal(refusal_phrases(), text)


@pytest.mark.parametrize(("phrases", "text"), PASS, ids=[text for _, text in PASS])
def test_ordinary_english_is_left_alone(phrases: PhraseClass, text: str) -> None:
    assert actions(phrases, text) == set()
    assert not is_clear_refusal(refusal_phrases(), text)


def test_chinese_examples_are_heard_by_the_same_question() -> None:
    clear = CHINESE.named("refusal.clear")
    assert all(is_clear_refusal(refusal_phrases(), text) for text in clear.examples_match)
    assert not any(is_clear_refusal(refusal_phrases(), text) for text in clear.examples_pass)


def test_the_strictest_meaning_of_a_sentence_comes_first() -> None:
    found = meaning(refusal_phrases(), PhraseSpeaker.CALLEE, "en", "I'm not interested, don't call me again")
    assert [f.action for f in found][:2] == [PhraseAction.DNC, PhraseAction.STOP_PURPOSE]
    assert meaning(refusal_phrases(), PhraseSpeaker.AGENT, "en", "don't call me again") == ()
    assert (
        meaning(refusal_phrases(), PhraseSpeaker.CALLEE, "zh", "以后别再打了")[0].action is PhraseAction.DNC
    )


def test_a_phrase_that_was_found_means_its_class_unless_a_denial_came_just_before() -> None:
    lists = refusal_phrases()
    found = hinted(lists, PhraseSpeaker.CALLEE, "en", "do not call", ())
    assert found is not None
    assert found.action is PhraseAction.DNC
    assert hinted(lists, PhraseSpeaker.CALLEE, "en", "do not call", ("did not say",)) is None
    assert hinted(lists, PhraseSpeaker.AGENT, "en", "do not call", ()) is None
    assert hinted(lists, PhraseSpeaker.CALLEE, "zh", "do not call", ()) is None


def test_every_phrase_to_listen_for_stands_once_in_its_language() -> None:
    english = [p.words for p in keyphrases()["en", PhraseSpeaker.CALLEE]]
    assert len(english) == len(set(english)) > 8
    assert {"do not call", "did not say"} <= set(english)
    assert "guaranteed returns" not in english, "an agent's words are no callee's"


def test_what_an_agent_may_not_say_is_found_in_the_agents_words_alone_and_not_when_it_is_denied() -> None:
    lists = refusal_phrases()
    agents = {p.words for p in keyphrases()["en", PhraseSpeaker.AGENT]}
    assert {"guaranteed returns", "can not promise"} <= agents
    found = hinted(lists, PhraseSpeaker.AGENT, "en", "guaranteed returns", ())
    assert found is not None
    assert found.action is PhraseAction.WARN
    assert hinted(lists, PhraseSpeaker.AGENT, "en", "guaranteed returns", ("can not promise",)) is None
    assert hinted(lists, PhraseSpeaker.CALLEE, "en", "guaranteed returns", ()) is None
