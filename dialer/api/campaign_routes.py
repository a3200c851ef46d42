"""Campaigns over HTTP: made, changed by one editor at a time, and looked at by every rule before they start."""

from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem
from dialer.api.models import Id, Nothing, Sent
from dialer.api.route import SUPERVISOR, Call, Method, Route, json_get, json_send
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId
from dialer.domain.organisation import Industry
from dialer.domain.purpose import Purpose
from dialer.services.views.campaigns import (
    CAP_PPM_MAX,
    CampaignChoices,
    CampaignDetail,
    CampaignForm,
    CampaignHours,
    CampaignRows,
    PreflightView,
)
from dialer.services.views.words import Sentence

GONE: Final = (Fault.NOT_FOUND,)
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class HoursSent(Sent):
    """Hours of every day, `HH:MM`, callee's local time. The law's hours hold besides."""

    opens: TimeOfDay
    closes: TimeOfDay

    @model_validator(mode="after")
    def _opens_first(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("hours open before they close")
        return self


class CampaignSent(Sent):
    """What a supervisor decides about a campaign.

    `abandon_cap_ppm`: parts per million of live answers; `sources`: empty = all of the organisation's; `hours`: none =
    the law's own, which they can only narrow.
    """

    name_zh: Name
    name_en: Name
    purpose: Purpose
    purpose_text: Words
    declared_business: Words
    industry: Industry
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "CN"
    script: Id
    caller_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=50)]
    agents: Annotated[tuple[Id, ...], Field(max_length=1_000)] = ()
    mode: PacingMode
    abandon_cap_ppm: Annotated[int, Field(ge=0, le=CAP_PPM_MAX)]
    kept_days: Annotated[int, Field(ge=30, le=3_650)] = 1095
    owner: Name
    sources: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    hours: HoursSent | None = None


class CampaignSaved(CampaignSent):
    """The same for a campaign that is there. `version`: the one that the editor looked at."""

    version: Annotated[int, Field(ge=1)]


async def campaigns(call: Call[Nothing, Nothing]) -> CampaignRows:
    """All campaigns."""
    return await call.deps.campaign_desk.all(call.org)


async def choices(call: Call[Nothing, Nothing]) -> CampaignChoices:
    """What there is to choose from."""
    return await call.deps.campaign_desk.choices(call.org)


async def campaign(call: Call[Nothing, Nothing]) -> CampaignDetail | Problem:
    """One campaign."""
    return answered(await call.deps.campaign_desk.one(call.org, CampaignId(call.path["campaign"])))


async def create(call: Call[CampaignSent, Nothing]) -> CampaignDetail | Problem:
    """A new campaign."""
    return answered(await call.deps.campaign_desk.create(call.org, call.user, _form(call.body)))


async def save(call: Call[CampaignSaved, Nothing]) -> CampaignDetail | Problem:
    """Change a campaign."""
    wanted = CampaignId(call.path["campaign"])
    return answered(
        await call.deps.campaign_desk.save(call.org, call.user, wanted, call.body.version, _form(call.body))
    )


async def preflight(call: Call[Nothing, Nothing]) -> PreflightView | Problem:
    """Every rule for every open lead."""
    return answered(await call.deps.campaign_desk.preflight(call.org, CampaignId(call.path["campaign"])))


def _form(said: CampaignSent) -> CampaignForm:
    return CampaignForm(
        name=Sentence(said.name_zh, said.name_en),
        purpose=said.purpose,
        purpose_text=said.purpose_text,
        declared_business=said.declared_business,
        industry=said.industry,
        country=said.country,
        script=said.script,
        caller_ids=said.caller_ids,
        agents=said.agents,
        mode=said.mode,
        abandon_cap_ppm=said.abandon_cap_ppm,
        kept_days=said.kept_days,
        owner=said.owner,
        sources=said.sources,
        hours=None if said.hours is None else CampaignHours(said.hours.opens, said.hours.closes),
    )


CAMPAIGNS: Final[tuple[Route, ...]] = (
    json_get(
        "/api/campaigns",
        "listCampaigns",
        "Campaigns of the organisation",
        SUPERVISOR,
        query=Nothing,
        answer=CampaignRows,
        handle=campaigns,
    ),
    json_get(
        "/api/campaign-choices",
        "campaignChoices",
        "What a campaign may be made of, and why not of the rest",
        SUPERVISOR,
        query=Nothing,
        answer=CampaignChoices,
        handle=choices,
    ),
    json_get(
        "/api/campaigns/{campaign}",
        "getCampaign",
        "One campaign with its version",
        SUPERVISOR,
        query=Nothing,
        answer=CampaignDetail,
        handle=campaign,
        errors=GONE,
    ),
    json_send(
        "/api/campaigns",
        "createCampaign",
        "A new campaign, which waits for its number review",
        SUPERVISOR,
        body=CampaignSent,
        answer=CampaignDetail,
        handle=create,
        errors=GONE,
    ),
    json_send(
        "/api/campaigns/{campaign}",
        "saveCampaign",
        "Change a campaign; declined when somebody saved it meanwhile, or while it runs",
        SUPERVISOR,
        body=CampaignSaved,
        answer=CampaignDetail,
        handle=save,
        errors=GONE,
        method=Method.PUT,
    ),
    json_send(
        "/api/campaigns/{campaign}/preflight",
        "preflight",
        "Every rule of the gate for every open lead, as if the campaign ran. Permits nothing",
        SUPERVISOR,
        body=Nothing,
        answer=PreflightView,
        handle=preflight,
        errors=GONE,
    ),
)
