"""The addresses of the office, in one tuple: accounts, registers, campaigns being made, reports, webhooks,
organisations and reasons to pause."""

from typing import Final

from dialer.api.campaign_routes import CAMPAIGNS
from dialer.api.entry_routes import ENTRIES
from dialer.api.organisation_routes import ORGANISATIONS
from dialer.api.pause_routes import PAUSE_CODES
from dialer.api.people import PEOPLE
from dialer.api.prompt_routes import PROMPTS
from dialer.api.register_routes import REGISTERS
from dialer.api.report_routes import REPORTS
from dialer.api.route import Route
from dialer.api.webhook_routes import WEBHOOKS

OFFICE: Final[tuple[Route, ...]] = (
    PEOPLE + REGISTERS + ENTRIES + PROMPTS + CAMPAIGNS + REPORTS + WEBHOOKS + ORGANISATIONS + PAUSE_CODES
)
