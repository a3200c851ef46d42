"""What people do with a talk that is up. Each act is a leaf of the log."""

from enum import StrEnum


class TalkAct(StrEnum):
    """The leaf's type; an attempt stays `connected` through all of them."""

    HELD = "talk.held"
    RESUMED = "talk.resumed"
    LISTENED = "talk.listened"
    LISTENING_ENDED = "talk.listening_ended"
