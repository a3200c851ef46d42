"""The do-not-call desk: enter a refusal, a file of them, look at the list, reveal a number, outside lists."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Problem
from dialer.api.models import (
    PAGE_ITEMS,
    PAGE_ITEMS_MAX,
    Code,
    Cursor,
    Moment,
    Nothing,
    Number,
    PageQuery,
    Reveal,
    Sent,
)
from dialer.api.route import Call, Upload
from dialer.domain.dnc import DncReason
from dialer.domain.ids import LeadId
from dialer.domain.purpose import Purpose
from dialer.evidence.record import Actor, ActorKind
from dialer.services.refusal_desk import Report
from dialer.services.refusal_reviews import ReviewDecision
from dialer.services.views.refusals import (
    DncPage,
    ImportJob,
    ImportJobs,
    OutsideLists,
    PartnerCreated,
    PartnerList,
    RefusalTaken,
    ReviewDone,
    ReviewPage,
)
from dialer.services.views.trail import Revealed

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
ToldReason = Literal["said", "complaint", "form", "inbound_line", "sms", "import"]


class EnterRefusal(Sent):
    """A person refused. `purpose`: only calls for that purpose; else everything this organisation does."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    number: Number
    country: Country = "CN"
    purpose: Purpose | None = None
    reason: ToldReason = "said"
    at: Moment | None = None


class DncSearch(Sent):
    """Which entries: every one that binds a number, or all of the organisation, newest first."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    number: Number | None = None
    after: Cursor | None = None
    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX)] = PAGE_ITEMS


class RefusalFileQuery(Sent):
    """The country of numbers without a country code."""

    country: Country = "CN"


class OutsideListQuery(Sent):
    """Which list the file is, the moment it speaks for, and the country of numbers without a country code."""

    kind: Code
    as_of: Moment
    country: Country = "CN"


class NewPartner(Sent):
    """A partner's name, as people know it."""

    name: Annotated[str, StringConstraints(min_length=2, max_length=100)]


class Review(Sent):
    """What the reviewer says it was: one of the item's `decisions`."""

    decision: ReviewDecision


async def enter(call: Call[EnterRefusal, Nothing]) -> RefusalTaken | Problem:
    """Enter one refusal; it holds at once, whether or not the number is anybody's lead."""
    asked = call.body
    report = Report(
        number=asked.number,
        country=asked.country,
        purpose=None if asked.purpose is None else str(asked.purpose),
        reason=DncReason(asked.reason),
        said_at=asked.at,
        via="api",
    )
    actor = Actor(ActorKind.USER, call.user)
    return answered(await call.deps.refusals.enter(call.org, actor, report))


async def take_file(call: Call[Upload, RefusalFileQuery]) -> ImportJob | Problem:
    """A file of refusals, taken in the background."""
    return answered(
        await call.deps.refusal_files.refusals(call.org, call.user, call.query.country, call.body.content)
    )


async def search(call: Call[DncSearch, Nothing]) -> DncPage | Problem:
    """Entries, newest first."""
    asked = call.body
    return answered(await call.deps.dnc.search(call.org, asked.number, asked.after, asked.limit))


async def reveal(call: Call[Reveal, Nothing]) -> Revealed | Problem:
    """Show an entry's number; who and why is logged first."""
    return answered(await call.deps.dnc.reveal(call.org, call.user, call.path["entry"], call.body.reason))


async def lists(call: Call[Nothing, Nothing]) -> OutsideLists:
    """Outside lists in use."""
    return await call.deps.outside_lists.view()


async def import_jobs(call: Call[Nothing, Nothing]) -> ImportJobs:
    """Files on their way in, and those that were."""
    return await call.deps.refusal_files.jobs(call.org)


async def import_job(call: Call[Nothing, Nothing]) -> ImportJob | Problem:
    """One of them."""
    return answered(await call.deps.refusal_files.job(call.org, call.path["job"]))


async def take_list(call: Call[Upload, OutsideListQuery]) -> ImportJob | Problem:
    """A new version of an outside list, taken in the background."""
    asked = call.query
    return answered(
        await call.deps.refusal_files.outside_list(
            call.org, call.user, asked.kind, asked.as_of, asked.country, call.body.content
        )
    )


async def partners(call: Call[Nothing, Nothing]) -> PartnerList:
    """Who may report refusals by signed messages."""
    return await call.deps.partners.all(call.org)


async def create_partner(call: Call[NewPartner, Nothing]) -> PartnerCreated | Problem:
    """A new partner; its secret is in this answer and never shown again."""
    return await call.deps.partners.create(call.org, call.user, call.body.name)


async def disable_partner(call: Call[Nothing, Nothing]) -> PartnerList | Problem:
    """Believe nothing any more that this partner signs."""
    return answered(await call.deps.partners.disable(call.org, call.user, call.path["partner"]))


async def reviews(call: Call[Nothing, PageQuery]) -> ReviewPage:
    """Leads held until a person has looked."""
    return await call.deps.reviews.page(call.org, call.query.after, call.query.limit)


async def review(call: Call[Review, Nothing]) -> ReviewDone | Problem:
    """Say what it was."""
    lead = LeadId(call.path["lead"])
    return answered(await call.deps.reviews.decide(call.org, call.user, lead, call.body.decision))
