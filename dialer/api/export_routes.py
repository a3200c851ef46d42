"""What of one attempt's proof goes out or is checked, each a leaf of the log first; and the keys to verify it by."""

from typing import Final

from dialer.api import auditor
from dialer.api.errors import Fault
from dialer.api.models import Nothing
from dialer.api.route import AUDITOR, SUPERVISOR_OR_AUDITOR, file_get, json_send
from dialer.services.views.trail import VerifyView

GONE: Final = (Fault.NOT_FOUND,)

EXPORTS: Final = (
    file_get(
        "/api/trust.json",
        "getTrust",
        "The public keys that this installation's evidence is verified by",
        SUPERVISOR_OR_AUDITOR,
        content_type="application/json",
        handle=auditor.trust,
    ),
    file_get(
        "/api/attempts/{attempt}/bundle.zip",
        "getBundle",
        "The evidence bundle; the export is logged",
        AUDITOR,
        content_type="application/zip",
        handle=auditor.bundle,
        errors=GONE,
    ),
    file_get(
        "/api/attempts/{attempt}/redacted.zip",
        "getRedactedBundle",
        "The bundle without who, words and voice; the export is logged",
        AUDITOR,
        content_type="application/zip",
        handle=auditor.redacted_bundle,
        errors=GONE,
    ),
    file_get(
        "/api/attempts/{attempt}/vcon.json",
        "getVcon",
        "The bundle as a vCon for other tools; the export is logged",
        AUDITOR,
        content_type="application/vcon+json",
        handle=auditor.vcon,
        errors=GONE,
    ),
    json_send(
        "/api/attempts/{attempt}/verify",
        "verifyAttempt",
        "Verify the bundle here and now",
        AUDITOR,
        body=Nothing,
        answer=VerifyView,
        handle=auditor.verify,
        errors=GONE,
    ),
)
