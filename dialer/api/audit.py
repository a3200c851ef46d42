"""The auditor's desk beside the trail. Every act is a leaf of the log before it is answered."""

from dialer.api.agent import answered
from dialer.api.errors import Problem
from dialer.api.models import AskDossier, Because, Compare, CorrectName, DrawSample, Nothing, OpenCase
from dialer.api.route import Call, Streamed
from dialer.domain.ids import AttemptId
from dialer.services.views.audit import (
    CaseRow,
    CaseRows,
    CompareView,
    CopyView,
    DossierRows,
    DossierRowView,
    ErasedView,
    HoldRows,
    LogHealth,
    SampleView,
)

LEAF_DIGITS_MAX = 16


async def cases(call: Call[Nothing, Nothing]) -> CaseRows:
    """People's requests."""
    return await call.deps.audit.cases(call.org)


async def open_case(call: Call[OpenCase, Nothing]) -> CaseRow | Problem:
    """Open a request by number."""
    return answered(await call.deps.audit.open_case(call.org, call.user, call.body.number, call.body.kind))


async def copy(call: Call[Nothing, Nothing]) -> CopyView | Problem:
    """The person's own copy."""
    return answered(await call.deps.audit.copy(call.org, call.user, call.path["case"]))


async def correct(call: Call[CorrectName, Nothing]) -> CaseRow | Problem:
    """Correct the name."""
    return answered(await call.deps.audit.correct(call.org, call.user, call.path["case"], call.body.name))


async def erase(call: Call[Nothing, Nothing]) -> ErasedView | Problem:
    """Erase, when law and holds allow it."""
    return answered(await call.deps.audit.erase(call.org, call.user, call.path["case"]))


async def holds(call: Call[Nothing, Nothing]) -> HoldRows:
    """Legal holds in force."""
    return await call.deps.audit.holds(call.org)


async def hold(call: Call[Because, Nothing]) -> HoldRows | Problem:
    """Hold everything of the person of a request."""
    return answered(await call.deps.audit.hold(call.org, call.user, call.path["case"], call.body.reason))


async def lift(call: Call[Because, Nothing]) -> HoldRows | Problem:
    """Lift a hold."""
    return answered(await call.deps.audit.lift(call.org, call.user, call.path["hold"], call.body.reason))


async def draw(call: Call[DrawSample, Nothing]) -> SampleView | Problem:
    """Draw a sample and its inspector."""
    asked = call.body
    return answered(await call.deps.audit.draw(call.org, call.user, asked.from_, asked.to, asked.count))


async def drawn(call: Call[Nothing, Nothing]) -> SampleView | Problem:
    """Draw again by the seed of a leaf."""
    seq = call.path["seq"]
    is_place = seq.isascii() and seq.isdigit() and len(seq) <= LEAF_DIGITS_MAX
    return answered(await call.deps.audit.drawn(call.org, int(seq)) if is_place else None)


async def health(call: Call[Nothing, Nothing]) -> LogHealth:
    """How far the log is signed and witnessed."""
    return await call.deps.audit.health()


async def compare(call: Call[Compare, Nothing]) -> CompareView | Problem:
    """Two decisions side by side."""
    first, second = AttemptId(call.body.first), AttemptId(call.body.second)
    return answered(await call.deps.audit.compare(call.org, first, second))


async def dossiers(call: Call[Nothing, Nothing]) -> DossierRows:
    """Dossiers that were asked for."""
    return await call.deps.dossiers.listed(call.org, call.user)


async def ask_dossier(call: Call[AskDossier, Nothing]) -> DossierRowView | Problem:
    """Ask for a dossier."""
    attempts = [AttemptId(one) for one in call.body.attempts]
    asked = await call.deps.dossiers.ask(call.org, call.user, attempts, call.body.shape, call.body.reason)
    return answered(asked)


async def agree_dossier(call: Call[Nothing, Nothing]) -> DossierRowView | Problem:
    """Agree to somebody else's."""
    return answered(await call.deps.dossiers.agree(call.org, call.user, call.path["dossier"]))


async def decline_dossier(call: Call[Nothing, Nothing]) -> DossierRowView | Problem:
    """Decline somebody else's."""
    return answered(await call.deps.dossiers.decline(call.org, call.user, call.path["dossier"]))


async def dossier(call: Call[Nothing, Nothing]) -> Streamed | Problem:
    """The file, piece by piece."""
    dossier_id = call.path["dossier"]
    pieces = answered(await call.deps.dossiers.fetch(call.org, call.user, dossier_id))
    return pieces if isinstance(pieces, Problem) else Streamed(pieces, f"dossier-{dossier_id}.zip")
