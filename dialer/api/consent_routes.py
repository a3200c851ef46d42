"""The addresses of captured consents and of whole lists explained. Part of the table in `routes`."""

from typing import Final

from dialer.api import consents
from dialer.api.errors import Fault
from dialer.api.models import Nothing
from dialer.api.route import SUPERVISOR_OR_AUDITOR, Visitors, json_send
from dialer.services.views.captured import CapturedView
from dialer.services.views.listed import ListView, ReplayView

CONSENTS: Final = (
    json_send(
        "/api/consents",
        "captureConsent",
        "A consent that its source signed; no login, the signature is the authority",
        Visitors.EVERYONE,
        body=consents.SignedConsent,
        answer=CapturedView,
        handle=consents.capture,
    ),
    json_send(
        "/api/explain/list",
        "explainList",
        "How many leads of a campaign are dialable now, today, later or never, and why not the rest",
        SUPERVISOR_OR_AUDITOR,
        body=consents.ListQuestion,
        answer=ListView,
        handle=consents.explain_list,
        errors=(Fault.NOT_FOUND,),
    ),
    json_send(
        "/api/attempts/{attempt}/replay",
        "replayDecision",
        "A past decision made again from its evidence, under the rule packs of now",
        SUPERVISOR_OR_AUDITOR,
        body=Nothing,
        answer=ReplayView,
        handle=consents.replay,
        errors=(Fault.NOT_FOUND,),
    ),
)
