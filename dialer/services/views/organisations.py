"""Organisations as the platform's operator sees them: who they are and whether they may dial, nothing of their calls."""

from dataclasses import dataclass
from datetime import datetime

from dialer.services.views.people import TicketView
from dialer.services.views.words import Sentence


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """One organisation. `people`: accounts in office; `operates`: its administrators operate the platform.

    `suspended_at`: since when nothing is dialled for it, because the operator said so.
    """

    id: str
    name: Sentence
    uscc: str
    region: str
    people: int
    campaigns_running: int
    operates: bool
    suspended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganisationList:
    """Every organisation of this installation, by id."""

    items: tuple[OrganisationView, ...]


@dataclass(frozen=True, slots=True)
class OrganisationMade:
    """A new organisation and the link for its first administrator, shown this once."""

    organisation: OrganisationView
    administrator: TicketView


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation to be. `country`: ISO 3166, two capitals; `uscc`: its number in the register of companies."""

    name_zh: str
    name_en: str
    uscc: str
    country: str
