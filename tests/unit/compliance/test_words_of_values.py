"""Every value that a refusal's sentence may name has words in both languages."""

from enum import StrEnum

import pytest

from dialer.compliance.words_of_values import VALUES, in_words, listed
from dialer.domain.consent import ConsentField


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)
def test_every_member_has_words_of_its_own(kind: type[StrEnum]) -> None:
    assert set(VALUES[kind]) == set(kind)
    for words in zip(*(in_words(member) for member in kind), strict=True):
        assert len(set(words)) == len(words), words


def test_no_short_name_of_several_words_is_shown_as_it_is() -> None:
    for kind, words in VALUES.items():
        for member, said in words.items():
            assert "_" not in "".join(said), (kind, member)


def test_several_values_are_joined_as_each_language_joins_them() -> None:
    assert listed({ConsentField.TIME, ConsentField.ACT}) == ("同意的动作、时间", "act of consenting, time")
    assert listed(()) == ("", "")
