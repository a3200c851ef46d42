"""The auditor's questions. The service logs what opens personal data before it answers."""

from dialer.api.agent import answered
from dialer.api.errors import Problem
from dialer.api.models import AttemptSearch, Nothing, Reveal
from dialer.api.route import Call, Download
from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.services.views.queries import AttemptFilter
from dialer.services.views.trail import (
    AttemptPage,
    AttemptView,
    FiltersView,
    PeaksView,
    Revealed,
    VerifyView,
)


async def search(call: Call[AttemptSearch, Nothing]) -> AttemptPage | Problem:
    """Attempts, newest first."""
    asked = call.body
    wanted = AttemptFilter(
        number=asked.number,
        since=asked.from_,
        until=asked.to,
        campaign=None if asked.campaign is None else CampaignId(asked.campaign),
        agent=None if asked.agent is None else UserId(asked.agent),
        state=asked.state,
        outcome=asked.outcome,
        code=asked.code,
        consent=asked.consent,
        caller_id=asked.caller_id,
        after=asked.after,
        limit=asked.limit,
    )
    return answered(await call.deps.trail.search(call.org, call.user, wanted))


async def filters(call: Call[Nothing, Nothing]) -> FiltersView:
    """What a search may be narrowed by."""
    return await call.deps.trail.filters(call.org)


async def attempt(call: Call[Nothing, Nothing]) -> AttemptView | Problem:
    """One attempt, from the consent to the seal."""
    return answered(await call.deps.trail.attempt(call.org, call.user, _attempt(call)))


async def recording(call: Call[Nothing, Nothing]) -> Download | Problem:
    """Both legs as WAV."""
    wav = answered(await call.deps.trail.recording(call.org, call.user, _attempt(call)))
    return wav if isinstance(wav, Problem) else Download(wav, "")


async def peaks(call: Call[Nothing, Nothing]) -> PeaksView | Problem:
    """Loudness of each leg over time."""
    return answered(await call.deps.trail.peaks(call.org, call.user, _attempt(call)))


async def bundle(call: Call[Nothing, Nothing]) -> Download | Problem:
    """The evidence bundle."""
    attempt_id = _attempt(call)
    content = answered(await call.deps.trail.bundle(call.org, call.user, attempt_id))
    return content if isinstance(content, Problem) else Download(content, f"{attempt_id}.zip")


async def redacted_bundle(call: Call[Nothing, Nothing]) -> Download | Problem:
    """The bundle without who, words and voice."""
    attempt_id = _attempt(call)
    content = answered(await call.deps.trail.redacted_bundle(call.org, call.user, attempt_id))
    return content if isinstance(content, Problem) else Download(content, f"{attempt_id}-redacted.zip")


async def trust(call: Call[Nothing, Nothing]) -> Download:
    """The installation's public keys."""
    return Download(await call.deps.trail.trust(), "trust.json")


async def vcon(call: Call[Nothing, Nothing]) -> Download | Problem:
    """The bundle as a vCon."""
    attempt_id = _attempt(call)
    content = answered(await call.deps.trail.vcon(call.org, call.user, attempt_id))
    return content if isinstance(content, Problem) else Download(content, f"{attempt_id}.vcon.json")


async def verify(call: Call[Nothing, Nothing]) -> VerifyView | Problem:
    """Verify the bundle here and now."""
    return answered(await call.deps.trail.verify(call.org, call.user, _attempt(call)))


async def reveal(call: Call[Reveal, Nothing]) -> Revealed | Problem:
    """Show the number; who, when and why are a leaf of the log first."""
    attempt_id = AttemptId(call.path["attempt"])
    return answered(await call.deps.trail.reveal(call.org, call.user, attempt_id, call.body.reason))


def _attempt(call: Call[Nothing, Nothing]) -> AttemptId:
    return AttemptId(call.path["attempt"])
