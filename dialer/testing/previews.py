"""`PreviewService` without a ledger: leads are put on the screens of `MemoryDesk`."""

from dialer.domain.ids import UserId
from dialer.services.preview_desk import SKIP_REASONS
from dialer.services.views.words import Declined, Sentence
from dialer.testing.rooms import MemoryDesk

_NOTHING = Declined(
    "preview.nothing", Sentence("现在没有可预览的线索。", "There is no lead to look at any more.")
)


class MemoryPreviews:
    """Keeps what the agents chose."""

    def __init__(self, desk: MemoryDesk) -> None:
        self._desk = desk
        self.chosen: list[str] = []

    async def call(self, user: UserId) -> Declined | None:
        """Take the lead off the screen as called."""
        return self._take(user, "call")

    async def skip(self, user: UserId, reason: str) -> Declined | None:
        """Take it off as skipped."""
        if reason not in {choice.code for choice in SKIP_REASONS}:
            return Declined("preview.reason", Sentence("请选择跳过的原因。", "Choose why it is skipped."))
        return self._take(user, reason)

    def _take(self, user: UserId, chosen: str) -> Declined | None:
        if self._desk.previewed(user) is None:
            return _NOTHING
        self._desk.preview(user, None)
        self.chosen.append(chosen)
        return None
