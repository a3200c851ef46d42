"""What people do with a talk that is up. Each act is a leaf of the log."""

from enum import StrEnum


class TalkAct(StrEnum):
    """The leaf's type; an attempt stays `connected` through all of them."""

    HELD = "talk.held"
    RESUMED = "talk.resumed"
    LISTENED = "talk.listened"
    LISTENING_ENDED = "talk.listening_ended"


class Tick(StrEnum):
    """What an agent says of a sentence of the script: that it was said, or that the tick was a slip."""

    SAID = "said"
    TAKEN_BACK = "taken_back"


class Ticked(StrEnum):
    """What became of a tick."""

    KEPT = "kept"
    NOT_IN_TALK = "not_in_talk"
    NO_SUCH_SENTENCE = "no_such_sentence"
