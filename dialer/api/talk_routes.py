"""What agents and supervisors do within a talk: the part of the route table that needs a talk that is up."""

from typing import Final

from dialer.api import agent, supervisor
from dialer.api.errors import Fault
from dialer.api.models import (
    AgentCampaigns,
    CallBack,
    CallBackWeek,
    HeardSaid,
    Listen,
    Nothing,
    ScriptTick,
    Transfer,
)
from dialer.api.route import AGENT, SUPERVISOR, Method, Route, act, json_get, json_send
from dialer.services.listening import ListeningView
from dialer.services.views.desk import CallbackSlots, CallbackView, Colleagues, DeskView, PhoneView
from dialer.services.views.floor import FloorView

GONE: Final = (Fault.NOT_FOUND,)

TALKS: Final[tuple[Route, ...]] = (
    json_send(
        "/api/agent/calls/{attempt}/hold",
        "hold",
        "Let the callee hear music, for a bounded time",
        AGENT,
        body=Nothing,
        answer=DeskView,
        handle=agent.hold,
        errors=GONE,
    ),
    json_send(
        "/api/agent/calls/{attempt}/resume",
        "takeBack",
        "Take the callee back from hold",
        AGENT,
        body=Nothing,
        answer=DeskView,
        handle=agent.take_back,
        errors=GONE,
    ),
    json_send(
        "/api/agent/calls/{attempt}/script",
        "tickScript",
        "Say that a sentence of the script was said, or that its tick was a slip; each is on the log",
        AGENT,
        body=ScriptTick,
        answer=DeskView,
        handle=agent.tick,
        errors=GONE,
    ),
    json_get(
        "/api/agent/calls/{attempt}/colleagues",
        "listColleagues",
        "Ready agents of the organisation to whom the talk may be handed",
        AGENT,
        query=Nothing,
        answer=Colleagues,
        handle=agent.colleagues,
        errors=GONE,
    ),
    json_send(
        "/api/agent/calls/{attempt}/transfer",
        "transfer",
        "Hand the talk to a ready agent of the organisation",
        AGENT,
        body=Transfer,
        answer=DeskView,
        handle=agent.transfer,
        errors=GONE,
    ),
    json_send(
        "/api/agent/calls/{attempt}/callback",
        "agreeCallback",
        "Agree on a callback at a lawful time; the talk's recording is its proof",
        AGENT,
        body=CallBack,
        answer=CallbackView,
        handle=agent.call_back,
        errors=GONE,
    ),
    json_get(
        "/api/agent/calls/{attempt}/callback-slots",
        "listCallbackSlots",
        "A week of half hours; each unlawful one says what the gate objects to",
        AGENT,
        query=CallBackWeek,
        answer=CallbackSlots,
        handle=agent.call_back_week,
        errors=GONE,
        may_decline=True,
    ),
    json_send(
        "/api/agent/calls/{attempt}/heard/{heard}",
        "answerHeard",
        "Say of words that were heard whether they were said; a refusal can't be taken back",
        AGENT,
        body=HeardSaid,
        answer=DeskView,
        handle=agent.answer_heard,
        errors=GONE,
    ),
)

LISTENING: Final[tuple[Route, ...]] = (
    json_send(
        "/api/floor/agents/{agent}/campaigns",
        "assignAgent",
        "Move an agent between campaigns; who is being rung for keeps counting on the agent until then",
        SUPERVISOR,
        body=AgentCampaigns,
        answer=FloorView,
        handle=supervisor.assign,
        errors=GONE,
        method=Method.PUT,
    ),
    json_send(
        "/api/floor/phone",
        "getListeningPhone",
        "How a supervisor's phone registers; a former session's password ends",
        SUPERVISOR,
        body=Nothing,
        answer=PhoneView,
        handle=supervisor.phone,
    ),
    json_send(
        "/api/floor/agents/{agent}/listen",
        "listen",
        "Listen to, whisper in or join an agent's talk; it is on the log first",
        SUPERVISOR,
        body=Listen,
        answer=ListeningView,
        handle=supervisor.listen,
        errors=GONE,
    ),
    act(
        Method.DELETE,
        "/api/floor/listening",
        "endListening",
        "Leave the talk",
        SUPERVISOR,
        handle=supervisor.end_listening,
    ),
)
