"""授权: one act of one person for one purpose of one organisation, with what proves it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConsentState(StrEnum):
    """given → withdrawn | erased. Expiry is a matter of time and is decided, not stored."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Origin(StrEnum):
    """How the person asked to be called (A15: only requests for a callback)."""

    WEB_FORM = "web_form"
    MESSAGE = "message"
    INBOUND_CALL = "inbound_call"
    SMS = "sms"
    PAPER = "paper"
    AGENT_PROMISE = "agent_promise"
    """A new callback promised in a call, with its recording."""
    OTHER = "other"


class Ownership(StrEnum):
    """Whether it is proven that the person who asked has the phone."""

    PROVEN = "proven"
    UNPROVEN = "unproven"


class Artefact(StrEnum):
    """What the proof is. A consent without one is visible, never dialable."""

    NONE = "none"
    FILE = "file"
    SOURCE_SIGNED = "source_signed"


class ConsentField(StrEnum):
    """What a record must hold to be complete (D6; PIPL 17). A field is present when it has a value."""

    TEXT_SHOWN = "text_shown"
    TEXT_VERSION = "text_version"
    LANGUAGE = "language"
    CONTROLLER = "controller"
    CONTROLLER_CONTACT = "controller_contact"
    PURPOSE = "purpose"
    METHOD = "method"
    KINDS_OF_DATA = "kinds_of_data"
    RECORDING_NOTICE = "recording_notice"
    RETENTION = "retention"
    RIGHTS = "rights"
    WITHDRAWAL_WAYS = "withdrawal_ways"
    ACT = "act"
    TIME = "time"
    CHANNEL = "channel"
    ADDRESS = "address"
    ARTEFACT_SHA256 = "artefact_sha256"


class SourceKind(StrEnum):
    """Where consents come from. The last five are never dialable (A11, A13)."""

    FILED_SITE = "filed_site"
    CERTIFIED_ACCOUNT = "certified_account"
    PREMISES = "premises"
    CONTRACT = "contract"
    INBOUND_LINE = "inbound_line"
    OWN_CALL = "own_call"
    THIRD_PARTY = "third_party"
    BOUGHT = "bought"
    GUESSED = "guessed"
    SHORT_VIDEO = "short_video"
    STREET_OR_FAIR = "street_or_fair"


class SourceState(StrEnum):
    """A source is paused by blind-call hits (A10) or held with all its leads (A11)."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    PAUSED = "paused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Promise:
    """The time window that the person was promised, [opens, closes), UTC. It narrows and never widens."""

    opens: datetime
    closes: datetime
