"""The legal person that calls (客户, by 统一社会信用代码): its industry, licence, standing and channel."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Industry(StrEnum):
    """The industry of an organisation or campaign, as far as a rule tells industries apart."""

    GENERAL = "general"
    FINANCE = "finance"
    INSURANCE = "insurance"
    EDUCATION = "education"
    HEALTH = "health"
    TELECOM = "telecom"
    REAL_ESTATE = "real_estate"
    RETAIL = "retail"


class LicenceKind(StrEnum):
    """How the organisation may run a call centre (D1)."""

    LICENSED = "licensed"
    EXEMPT_OWN_CUSTOMERS = "exempt_own_customers"
    EXEMPT_STAFFING = "exempt_staffing"
    EXEMPT_TECHNOLOGY = "exempt_technology"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence, or the proof of exemption. `expires_on` is the last valid day; None: it doesn't expire."""

    kind: LicenceKind
    number: str
    expires_on: date | None
    evidence_sha256: str


class Standing(StrEnum):
    """What verified violations did to the organisation (A5, A7, B16, D23)."""

    GOOD = "good"
    OFFLINE_GRAVE = "offline_grave"
    CUT_OFF_HARASSMENT = "cut_off_harassment"
    TERMINATED = "terminated"


class ChannelState(StrEnum):
    """The channel (渠道) through which the organisation or its outsourcer calls (B15, B16)."""

    ACTIVE = "active"
    PERMISSIONS_OFF = "permissions_off"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class Attestation:
    """等保 (graded protection) of the organisation's systems: grade 0 means none. `expires_on` is the last valid day."""

    protection_grade: int
    protection_expires_on: date | None
    iso27001_expires_on: date | None


@dataclass(frozen=True, slots=True)
class PlatformTerms:
    """The terms of one carrier or platform the call passes: version in force and the one acknowledged ("": none)."""

    platform: str
    version_in_force: str
    version_acknowledged: str
