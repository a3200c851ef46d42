"""The addresses of preview: the agent decides about the lead on the screen. Part of the table in `routes`."""

from typing import Final

from dialer.api import agent
from dialer.api.models import Nothing, PreviewSkip
from dialer.api.route import AGENT, Route, json_send
from dialer.services.views.desk import DeskView

PREVIEWS: Final[tuple[Route, ...]] = (
    json_send(
        "/api/agent/preview/call",
        "callPreviewed",
        "Dial the lead on the screen; the gate decides as for every call",
        AGENT,
        body=Nothing,
        answer=DeskView,
        handle=agent.preview_call,
    ),
    json_send(
        "/api/agent/preview/skip",
        "skipPreviewed",
        "Put the lead on the screen back for later, with a reason",
        AGENT,
        body=PreviewSkip,
        answer=DeskView,
        handle=agent.preview_skip,
    ),
)
"""Why it can't be done now is a 409 with its sentence."""
