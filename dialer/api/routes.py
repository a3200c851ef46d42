"""Every address of the product's web server, on one page. An address that is not here is not served."""

from typing import Final

from dialer.api import agent, auditor, auth, events, ops, sip_proxy, supervisor
from dialer.api.audit_routes import AUDITING
from dialer.api.consent_routes import CONSENTS
from dialer.api.errors import Fault
from dialer.api.events_models import DeskEvent, FloorEvent, StatusEvent
from dialer.api.export_routes import EXPORTS
from dialer.api.inbound_routes import INBOUND
from dialer.api.models import (
    AttemptSearch,
    ChosenLocale,
    Disposition,
    ImportQuery,
    LeadQuery,
    Login,
    Nothing,
    Pause,
    Question,
    Reveal,
)
from dialer.api.office_routes import OFFICE
from dialer.api.operations import KEEPING
from dialer.api.preview_routes import PREVIEWS
from dialer.api.refusal_routes import DO_NOT_CALL
from dialer.api.route import (
    AGENT,
    AGENT_OR_SUPERVISOR,
    ANY_ROLE,
    AUDITOR,
    SUPERVISOR,
    SUPERVISOR_OR_AUDITOR,
    UPLOAD_BYTES_MAX,
    Method,
    Route,
    Visitors,
    act,
    file_get,
    json_get,
    json_send,
    socket,
    upload,
)
from dialer.api.sign_on import SIGN_ON
from dialer.api.simulation_routes import SIMULATIONS
from dialer.api.talk_routes import LISTENING, TALKS
from dialer.api.verifiers import VERIFIERS
from dialer.services.views.decision import ExplainView
from dialer.services.views.desk import DeskView, PhoneView, RefusedView
from dialer.services.views.floor import CampaignView, FloorView, ImportView, LeadPage
from dialer.services.views.session import LoginList, SessionView, StatusView
from dialer.services.views.trail import (
    AttemptPage,
    AttemptView,
    FiltersView,
    PeaksView,
    Revealed,
)

EVERYONE: Final = Visitors.EVERYONE
GONE: Final = (Fault.NOT_FOUND,)

SESSION: Final = (
    json_send(
        "/api/session",
        "login",
        "Log in; the cookie of the session comes with the answer",
        EVERYONE,
        body=Login,
        answer=SessionView,
        handle=auth.login,
        errors=(Fault.LOGIN_FAILED, Fault.LOGIN_LOCKED),
    ),
    json_get(
        "/api/session",
        "getSession",
        "Who is logged in",
        ANY_ROLE,
        query=Nothing,
        answer=SessionView,
        handle=auth.session,
    ),
    act(Method.DELETE, "/api/session", "logout", "End this session", ANY_ROLE, handle=auth.logout),
    json_send(
        "/api/session/locale",
        "setLocale",
        "Choose the console's language",
        ANY_ROLE,
        body=ChosenLocale,
        answer=SessionView,
        handle=auth.choose_locale,
        method=Method.PUT,
    ),
    json_get(
        "/api/session/logins",
        "listLogins",
        "The person's own live logins",
        ANY_ROLE,
        query=Nothing,
        answer=LoginList,
        handle=auth.logins,
    ),
    act(
        Method.DELETE,
        "/api/session/logins/{login}",
        "endLogin",
        "End one of the person's own logins",
        ANY_ROLE,
        handle=auth.end_login,
        errors=GONE,
    ),
    json_get(
        "/api/status",
        "getStatus",
        "Clock, dialling and witness",
        ANY_ROLE,
        query=Nothing,
        answer=StatusView,
        handle=auth.status,
    ),
    socket(
        "/api/events",
        "events",
        "Whole views whenever they changed: desk for agents, floor for supervisors, status for all",
        ANY_ROLE,
        subprotocol="",
        messages=(DeskEvent, FloorEvent, StatusEvent),
        handle=events.serve,
    ),
)

DESK: Final = (
    json_get(
        "/api/agent/desk",
        "getDesk",
        "The whole desk",
        AGENT,
        query=Nothing,
        answer=DeskView,
        handle=agent.desk,
    ),
    json_send(
        "/api/agent/phone",
        "getPhone",
        "How this session's phone registers; a former session's password ends",
        AGENT,
        body=Nothing,
        answer=PhoneView,
        handle=agent.phone,
    ),
    json_send(
        "/api/agent/ready",
        "goReady",
        "Take calls",
        AGENT,
        body=Nothing,
        answer=DeskView,
        handle=agent.ready,
    ),
    json_send(
        "/api/agent/pause",
        "pause",
        "Take no further call",
        AGENT,
        body=Pause,
        answer=DeskView,
        handle=agent.pause,
    ),
    json_send(
        "/api/agent/calls/{attempt}/refused",
        "refused",
        "The person refused further calls: at once and for ever",
        AGENT,
        body=Nothing,
        answer=RefusedView,
        handle=agent.refused,
        errors=GONE,
    ),
    json_send(
        "/api/agent/calls/{attempt}/hangup",
        "hangUp",
        "End the call",
        AGENT,
        body=Nothing,
        answer=DeskView,
        handle=agent.hang_up,
        errors=GONE,
    ),
    json_send(
        "/api/agent/calls/{attempt}/disposition",
        "dispose",
        "Say what came of the call",
        AGENT,
        body=Disposition,
        answer=DeskView,
        handle=agent.dispose,
        errors=GONE,
    ),
    socket(
        "/ws",
        "sip",
        "SIP to the exchange, tied to the session's own endpoint",
        AGENT_OR_SUPERVISOR,
        subprotocol="sip",
        messages=(),
        handle=sip_proxy.serve,
    ),
)

FLOOR: Final = (
    json_get(
        "/api/floor",
        "getFloor",
        "The whole floor",
        SUPERVISOR,
        query=Nothing,
        answer=FloorView,
        handle=supervisor.floor,
    ),
    json_get(
        "/api/leads",
        "listLeads",
        "Leads with the reasons of their last decision",
        SUPERVISOR,
        query=LeadQuery,
        answer=LeadPage,
        handle=supervisor.leads,
    ),
    json_send(
        "/api/explain",
        "explain",
        "Why is this number not called? Permits nothing",
        SUPERVISOR_OR_AUDITOR,
        body=Question,
        answer=ExplainView,
        handle=supervisor.explain,
        errors=GONE,
    ),
    json_send(
        "/api/campaigns/{campaign}/start",
        "startCampaign",
        "Let a campaign dial",
        SUPERVISOR,
        body=Nothing,
        answer=CampaignView,
        handle=supervisor.start_campaign,
        errors=GONE,
    ),
    json_send(
        "/api/campaigns/{campaign}/pause",
        "pauseCampaign",
        "Stop a campaign; its issued permits are void at once",
        SUPERVISOR,
        body=Nothing,
        answer=CampaignView,
        handle=supervisor.pause_campaign,
        errors=GONE,
    ),
    upload(
        "/api/imports",
        "importLeads",
        "A CSV of leads and consents, or a ZIP of one with its artefacts: good rows are taken together, bad rows are named",
        SUPERVISOR,
        field="file",
        bytes_max=UPLOAD_BYTES_MAX,
        query=ImportQuery,
        answer=ImportView,
        handle=supervisor.take_import,
        errors=GONE,
    ),
)

TRAIL: Final = (
    json_send(
        "/api/attempts/search",
        "searchAttempts",
        "Attempts, newest first; numbers are searched in the body only",
        SUPERVISOR_OR_AUDITOR,
        body=AttemptSearch,
        answer=AttemptPage,
        handle=auditor.search,
    ),
    json_get(
        "/api/attempts/filters",
        "getFilters",
        "What a search may be narrowed by",
        SUPERVISOR_OR_AUDITOR,
        query=Nothing,
        answer=FiltersView,
        handle=auditor.filters,
    ),
    json_get(
        "/api/attempts/{attempt}",
        "getAttempt",
        "One attempt, from the consent to the seal",
        SUPERVISOR_OR_AUDITOR,
        query=Nothing,
        answer=AttemptView,
        handle=auditor.attempt,
        errors=GONE,
    ),
    file_get(
        "/api/attempts/{attempt}/recording.wav",
        "getRecording",
        "Both legs; the access is logged",
        AUDITOR,
        content_type="audio/wav",
        handle=auditor.recording,
        errors=GONE,
    ),
    json_get(
        "/api/attempts/{attempt}/peaks",
        "getPeaks",
        "Loudness of each leg",
        AUDITOR,
        query=Nothing,
        answer=PeaksView,
        handle=auditor.peaks,
        errors=GONE,
        may_decline=True,
    ),
    *EXPORTS,
    *VERIFIERS,
    json_send(
        "/api/attempts/{attempt}/reveal",
        "revealNumber",
        "Show the number; who and why is logged first",
        AUDITOR,
        body=Reveal,
        answer=Revealed,
        handle=auditor.reveal,
        errors=GONE,
    ),
)

OPERATIONS: Final = (
    file_get(
        "/api/openapi.json",
        "getOpenApi",
        "This document",
        EVERYONE,
        content_type="application/json",
        handle=ops.openapi,
    ),
    file_get(
        "/healthz",
        "healthz",
        "The process answers",
        EVERYONE,
        content_type="text/plain",
        handle=ops.healthz,
    ),
    json_get(
        "/readyz",
        "readyz",
        "Whether the process can do its work",
        EVERYONE,
        query=Nothing,
        answer=ops.ReadyView,
        handle=ops.readyz,
        errors=(Fault.UNAVAILABLE,),
    ),
    file_get(
        "/metrics",
        "metrics",
        "Prometheus metrics, without personal data",
        EVERYONE,
        content_type="text/plain",
        handle=ops.metrics,
    ),
)

ROUTES: Final[tuple[Route, ...]] = (
    SESSION
    + SIGN_ON
    + OFFICE
    + DESK
    + TALKS
    + INBOUND
    + PREVIEWS
    + FLOOR
    + LISTENING
    + KEEPING
    + CONSENTS
    + AUDITING
    + TRAIL
    + DO_NOT_CALL
    + SIMULATIONS
    + OPERATIONS
)
