"""Words that rules use. In each enum the strictest word comes first: that is the order in which they combine."""

from enum import StrEnum


class Effect(StrEnum):
    """What a breach of the rule does at the moment of dialling."""

    REFUSE = "refuse"
    WARN = "warn"


class Day(StrEnum):
    """Whether a kind of day may be dialled on."""

    CLOSED = "closed"
    OPEN = "open"


class Period(StrEnum):
    """Over what an abandon rate is counted."""

    DAY = "day"
    DAYS_30 = "30_days"


class Unproven(StrEnum):
    """What a consent is worth whose phone ownership isn't proven (decision 25)."""

    REFUSED = "refused"
    SCRIPT_STEP = "script_step"
    """Dialable when the script makes the agent confirm that the person asked."""
    DIALABLE = "dialable"


class RecordingNotice(StrEnum):
    """When the callee hears that the call is recorded; `before`: recording begins after the notice (decision 22)."""

    BEFORE = "before"
    AT_START = "at_start"
    NONE = "none"


class SipMeaning(StrEnum):
    """What a SIP refusal means (decision 10)."""

    DNC = "dnc"
    DNC_AFTER_RINGING_ON_TRUSTED_TRUNK = "dnc_after_ringing_on_trusted_trunk"
    REVIEW = "review"
    CALLER_ID_RISK = "caller_id_risk"


class Need(StrEnum):
    """Whether something must be there."""

    REQUIRED = "required"
    NOT_REQUIRED = "not_required"


class Link(StrEnum):
    """Places that must name one purpose."""

    CONSENT = "consent"
    SCRIPT = "script"
    CALLER_ID = "caller_id"


class RecordPart(StrEnum):
    """Parts of an organisation's record."""

    LEGAL_NAME = "legal_name"
    CREDIT_CODE = "credit_code"
    BUSINESS_SCOPE = "business_scope"


class Binding(StrEnum):
    """To what a caller ID must be bound."""

    ORGANISATION = "organisation"
    CAMPAIGN = "campaign"
    AGENTS = "agents"
