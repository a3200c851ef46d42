"""The supervisor's questions and acts."""

from dialer.api.agent import answered, with_ice
from dialer.api.errors import Problem
from dialer.api.models import AgentCampaigns, ImportQuery, LeadQuery, Listen, Nothing, Question
from dialer.api.route import Call, Upload
from dialer.domain.ids import CampaignId, UserId
from dialer.services.listening import ListeningView
from dialer.services.views.decision import ExplainView
from dialer.services.views.desk import PhoneView
from dialer.services.views.floor import CampaignView, FloorView, ImportView, LeadPage
from dialer.services.views.queries import LeadFilter


async def floor(call: Call[Nothing, Nothing]) -> FloorView:
    """The whole floor."""
    return await call.deps.floor.view(call.org)


async def assign(call: Call[AgentCampaigns, Nothing]) -> FloorView | Problem:
    """Move an agent between campaigns."""
    said = call.body
    campaigns, was = ([CampaignId(one) for one in ids] for ids in (said.campaigns, said.was))
    return answered(
        await call.deps.assignments.assign(call.org, call.user, UserId(call.path["agent"]), campaigns, was)
    )


async def phone(call: Call[Nothing, Nothing]) -> PhoneView | Problem:
    """A SIP password to listen from, for this session alone."""
    return with_ice(call, await call.deps.listening.phone(call.user, call.who.session_id))


async def listen(call: Call[Listen, Nothing]) -> ListeningView | Problem:
    """Listen to, whisper in or join an agent's talk."""
    agent = UserId(call.path["agent"])
    return answered(await call.deps.listening.listen(call.org, call.user, agent, call.body.ear))


async def end_listening(call: Call[Nothing, Nothing]) -> None:
    """Leave the talk."""
    await call.deps.listening.end(call.user)


async def leads(call: Call[Nothing, LeadQuery]) -> LeadPage:
    """Leads with their objections."""
    asked = call.query
    wanted = LeadFilter(
        campaign=None if asked.campaign is None else CampaignId(asked.campaign),
        state=asked.state,
        code=asked.code,
        after=asked.after,
        limit=asked.limit,
    )
    return await call.deps.leads.page(call.org, wanted)


async def explain(call: Call[Question, Nothing]) -> ExplainView | Problem:
    """Why is this number not called?"""
    asked = call.body
    campaign, under = CampaignId(asked.campaign), None if asked.under is None else CampaignId(asked.under)
    return answered(
        await call.deps.explain.explain(call.org, asked.number, campaign, asked.at, under, asked.pack)
    )


async def start_campaign(call: Call[Nothing, Nothing]) -> CampaignView | Problem:
    """Let a campaign dial."""
    return answered(await call.deps.campaigns.start(call.org, call.user, CampaignId(call.path["campaign"])))


async def pause_campaign(call: Call[Nothing, Nothing]) -> CampaignView | Problem:
    """Stop a campaign's dialling; its issued permits are void at the same moment."""
    return answered(await call.deps.campaigns.pause(call.org, call.user, CampaignId(call.path["campaign"])))


async def take_import(call: Call[Upload, ImportQuery]) -> ImportView | Problem:
    """Take a file of leads: good rows all at one moment, bad rows each with its reason."""
    return answered(
        await call.deps.imports.take(call.org, call.user, CampaignId(call.query.campaign), call.body.content)
    )
