"""Views of a floor at work, for the staged console."""

from dataclasses import replace
from datetime import timedelta

from dialer.domain.campaign import CampaignState, PacingMode
from dialer.domain.purpose import Purpose
from dialer.services.views.desk import DeskState
from dialer.services.views.floor import (
    AbandonedView,
    CampaignView,
    DialableView,
    FloorAgent,
    FloorView,
    LeadPage,
    LeadView,
    Totals,
)
from dialer.services.views.words import Sentence
from tests.acceptance.browser.stage_words import CAMPAIGN, NOW, PURPOSE, SUPPORT, decision

OPENS = NOW + timedelta(hours=4, minutes=30)


def _agent(
    name: str, state: DeskState, minutes: float, calls: int, alert: Sentence | None = None
) -> FloorAgent:
    return FloorAgent(
        id=f"agent-{'-'.join(name.split())}",
        name=name,
        state=state,
        since=NOW - timedelta(minutes=minutes),
        campaigns=(CAMPAIGN,),
        attempt_id=None,
        calls_today=calls,
        talk_seconds_today=calls * 171,
        alert=alert,
    )


AGENTS = (
    _agent("陈晓", DeskState.TALKING, 2.2, 23),
    _agent("周凯", DeskState.READY, 0.7, 19),
    _agent("吴倩", DeskState.WRAPPING, 4.4, 17),
    _agent("Sam Lee", DeskState.TALKING, 0.2, 21, Sentence("坐席侧两秒没有声音", "No sound from the agent for two seconds")),
    replace(_agent("郑浩", DeskState.PAUSED, 11, 12), pause_reason=Sentence("休息", "Break")),
    _agent("孙丽", DeskState.OFFLINE, 200, 0),
)  # fmt: skip


def campaigns() -> tuple[CampaignView, ...]:
    """One campaign at work, one stopped."""
    return (
        CampaignView(
            id=CAMPAIGN.id,
            name=CAMPAIGN.name,
            purpose=Purpose.CALLBACK,
            purpose_name=PURPOSE,
            mode=PacingMode.PROGRESSIVE,
            state=CampaignState.RUNNING,
            abandoned=AbandonedView(1, 166, 6_024, 10_000, 0),
            dialable=DialableView(now=14, later=23, never=9, unknown=6, opens_at=OPENS),
            agents_ready=1,
            agents_talking=2,
            ringing=2,
            attempts_today=212,
            pacer=Sentence(
                "为 1 名就绪坐席拨 2 通：近 20 分钟接通率 46%，再多一通可能没有坐席接。",
                "2 calls ring for 1 ready agent: 46 % answered in the last 20 minutes; one more might find no agent.",
            ),
            stops=(),
        ),
        CampaignView(
            id=SUPPORT.id,
            name=SUPPORT.name,
            purpose=Purpose.CALLBACK,
            purpose_name=PURPOSE,
            mode=PacingMode.PREVIEW,
            state=CampaignState.PAUSED,
            abandoned=AbandonedView(0, 31, 0, 0, 0),
            dialable=DialableView(now=0, later=3, never=2, unknown=0, opens_at=None),
            agents_ready=0,
            agents_talking=0,
            ringing=0,
            attempts_today=31,
            pacer=None,
            stops=(Sentence("话术第 2 版还没有备案", "Script version 2 is not filed yet"),),
        ),
    )


def floor() -> FloorView:
    """The whole floor."""
    return FloorView(
        at=NOW,
        agents=AGENTS,
        campaigns=campaigns(),
        totals=Totals(
            ready=1,
            incoming=0,
            talking=2,
            wrapping=1,
            paused=1,
            offline=1,
            ringing=2,
            attempts_today=243,
            answered_today=166,
            abandoned_today=1,
            refused_today=38,
            talk_share_ppm=842_000,
            dialable=DialableView(now=14, later=26, never=11, unknown=6, opens_at=OPENS),
        ),
    )


def leads() -> LeadPage:
    """Leads in every state, with the reasons of those that aren't called."""
    kinds = (
        ("王芳", "130****0007", "queued", ()),
        ("李静", "130****0012", "dropped", (("DNC_ORGANISATION", None), ("FREQUENCY_DAY", 14))),
        (None, "130****0021", "queued", (("CONSENT_EXPIRED", None),)),
        ("赵敏 Zhao Min", "130****0033", "queued", (("WINDOW_CLOSED", 1),)),
        ("钱伟", "130****0044", "dialing", ()),
        ("孙悦", "130****0045", "done", ()),
        ("Aleksandra Wójcik-Nowakowska", "+1 202 ***-0107", "queued", (("FREQUENCY_DAY", 14),)),
    )
    items = []
    for index, (name, number, state, codes) in enumerate(kinds):
        found = decision(f"decision-{index}", codes)
        items.append(
            LeadView(
                id=f"lead-{index}",
                campaign=CAMPAIGN,
                name=name,
                number=number,
                state=state,
                outcome="talked" if state == "done" else None,
                due_at=NOW - timedelta(minutes=5),
                promised_from=None,
                promised_until=None,
                decision_id=found.id if codes else None,
                decided_at=found.at if codes else None,
                attempt_id="att-notcalled-0002" if codes else None,
                objections=found.objections,
                lawful_from=found.lawful_from,
            )
        )
    return LeadPage(tuple(items), None)
