"""Why agents pause: an organisation's own list, in both languages."""

from dataclasses import dataclass
from datetime import datetime

from dialer.services.views.words import Sentence


@dataclass(frozen=True, slots=True)
class PauseCodeView:
    """One reason. `retired_at`: since when no agent can choose it any more; whoever pauses with it still does."""

    code: str
    name: Sentence
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class PauseCodeList:
    """Every reason of one organisation, in the order in which the desk offers them."""

    items: tuple[PauseCodeView, ...]
