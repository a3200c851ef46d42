"""Many attempts as one signed file: asked for with a reason, agreed to by a second person, fetched, each on the log first.

Decision 19: over 20 people a second person agrees; an attempt's own page says who exported it. The bundles are built one
by one while the file is being sent: nothing of it is ever kept in the clear.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.evidence.dossier import AbsentBundle, DossierHead, DossierWriter
from dialer.services.trail import BuiltBundle, Bundles, Shape
from dialer.services.views.audit import DossierRows, DossierRowView, DossierShape
from dialer.services.views.words import Declined, Sentence

ATTEMPTS_MAX: Final = 1_000
PEOPLE_ALONE_MAX: Final = 20
"""How many people one person alone may export (decision 19)."""

TOO_MANY: Final = Declined(
    "dossier.size",
    Sentence("每卷 1 至 1000 次呼叫，不得重复。", "A dossier has 1 to 1,000 attempts, none of them twice."),
)
TOO_LARGE: Final = Declined(
    "dossier.too_large",
    Sentence(
        "录音合计过大，请分成几卷或选择不含录音的卷宗。",
        "The recordings are too large for one file: ask for several, or for one without what was said.",
    ),
)
OWN_ACT: Final = Declined(
    "dossier.own_act",
    Sentence("须由另一人同意。", "Somebody else has to agree than who asked for it."),
)
NOT_WAITING: Final = Declined(
    "dossier.not_waiting", Sentence("该卷宗不在等待同意。", "This dossier does not wait for anybody.")
)
NOT_AGREED: Final = Declined(
    "dossier.not_agreed",
    Sentence(
        "该卷宗涉及 20 人以上，须先经另一人同意。", "Over 20 people: a second person has to agree first."
    ),
)
OVER: Final = Declined(
    "dossier.over", Sentence("该卷宗已过期，请重新申请。", "This dossier is too old: ask for it again.")
)


@dataclass(frozen=True, slots=True)
class DossierOrder:
    """What is to be sent now; its export is on the log."""

    head: DossierHead
    shape: DossierShape
    attempts: tuple[AttemptId, ...]


class DossierStore(Protocol):
    """Dossiers in the database. Every act is a leaf. None: that organisation has no such thing."""

    async def ask(
        self,
        org: OrganisationId,
        user: UserId,
        attempts: Sequence[AttemptId],
        shape: DossierShape,
        reason: str,
    ) -> DossierRowView | Declined | None: ...

    async def listed(self, org: OrganisationId, user: UserId) -> DossierRows: ...

    async def judge(
        self, org: OrganisationId, user: UserId, dossier_id: str, *, agreed: bool
    ) -> DossierRowView | Declined | None: ...

    async def order(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierOrder | Declined | None: ...


@dataclass(frozen=True, slots=True)
class Dossiers:
    """The verbs."""

    store: DossierStore
    bundles: Bundles

    async def ask(
        self,
        org: OrganisationId,
        user: UserId,
        attempts: Sequence[AttemptId],
        shape: DossierShape,
        reason: str,
    ) -> DossierRowView | Declined | None:
        """Ask for a dossier; up to 20 people it can be fetched at once."""
        if not 0 < len(attempts) <= ATTEMPTS_MAX or len(set(attempts)) != len(attempts):
            return TOO_MANY
        return await self.store.ask(org, user, attempts, shape, reason)

    async def listed(self, org: OrganisationId, user: UserId) -> DossierRows:
        """What was asked for, newest first."""
        return await self.store.listed(org, user)

    async def agree(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None:
        """A second person agrees."""
        return await self.store.judge(org, user, dossier_id, agreed=True)

    async def decline(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> DossierRowView | Declined | None:
        """A second person declines."""
        return await self.store.judge(org, user, dossier_id, agreed=False)

    async def fetch(
        self, org: OrganisationId, user: UserId, dossier_id: str
    ) -> AsyncIterator[bytes] | Declined | None:
        """The file, piece by piece; who fetched what is on the log before its first byte.

        Raises:
            StoreUnavailable: it isn't logged, so nothing was sent.
            SignerUnavailable: in the middle; what was sent until then does not verify.
        """
        order = await self.store.order(org, user, dossier_id)
        return self._pieces(org, order) if isinstance(order, DossierOrder) else order

    async def _pieces(self, org: OrganisationId, order: DossierOrder) -> AsyncIterator[bytes]:
        writer = DossierWriter(order.head, self.bundles.trust)
        shape = Shape.REDACTED if order.shape is DossierShape.REDACTED else Shape.WHOLE
        absent = []
        for piece in writer.begin():
            yield piece
        for attempt in order.attempts:
            built = await self.bundles.built(org, attempt, shape)
            if not isinstance(built, BuiltBundle):
                absent.append(AbsentBundle(attempt, "unknown" if built is None else built.code))
                continue
            for piece in writer.add(attempt, built.at_us, built.state, built.size, built.data):
                yield piece
        key, sign = self.bundles.signing()
        for piece in await asyncio.to_thread(lambda: list(writer.finish(tuple(absent), key, sign))):
            yield piece
