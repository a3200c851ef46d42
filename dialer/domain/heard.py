"""Words of a call that mean something: what they may mean, and what became of it."""

from enum import StrEnum


class HeardState(StrEnum):
    """OPEN: waits for a person's word, and the person isn't called. All others are final."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    ACTED = "acted"
    """A trusted recogniser's word was a refusal at once."""
    NOTED = "noted"
    """Kept on the log; nothing to decide."""
