"""拒接名单: who must not be called. Sticky: only the person's own later consent with proof of ownership opens it again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DncScope(StrEnum):
    """How far a refusal reaches."""

    ORGANISATION = "organisation"
    """The organisation with all brands and shared caller IDs; at an outsourcer: that client and the work for it."""
    PLATFORM = "platform"
    PURPOSE = "purpose"


class DncReason(StrEnum):
    """How a number came on the list."""

    SAID = "said"
    SPOKEN = "spoken"
    """Said in a call and heard by a recogniser that the operator answers for."""
    KEY = "key"
    SIP_607 = "sip_607"
    SIP_603 = "sip_603"
    FORM = "form"
    INBOUND_LINE = "inbound_line"
    SMS = "sms"
    COMPLAINT = "complaint"
    IMPORT = "import"
    FRAUD_VERIFIED = "fraud_verified"


@dataclass(frozen=True, slots=True)
class DncEntryView:
    """An entry that binds this call: when it was made and how. Says nothing of the person."""

    since: datetime
    reason: DncReason


@dataclass(frozen=True, slots=True)
class OutsideListView:
    """A national or platform list at the moment of looking: its version, the moment it speaks for, the look-up."""

    name: str
    version: str
    as_of: datetime
    hit: bool
