"""线索: someone who asked to be called, on the list of one campaign."""

from enum import StrEnum


class LeadState(StrEnum):
    """queued → claimed → dialing → done | dropped."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    DIALING = "dialing"
    DONE = "done"
    DROPPED = "dropped"


class Hold(StrEnum):
    """Why a lead waits for a person's word. Time alone doesn't end a hold."""

    NONE = "none"
    DECLINED = "declined"
    """“没兴趣”: it ends that purpose; twice is DNC."""
    PROOF_DOUBTED = "proof_doubted"
    WRONG_PERSON = "wrong_person"
    PAIR_BLOCKED = "pair_blocked"
    THREAT = "threat"
    DECLINED_603 = "declined_603"
    """A 603 without a trustworthy 180 before it: for review, not DNC (RFC 3261)."""
    RECORDING_OBJECTED = "recording_objected"
    UNCERTAIN_CALL = "uncertain_call"
    WORDS_HEARD = "words_heard"
    """A recogniser heard words that may be a refusal, in this lead's call or another to the same person."""


class Age(StrEnum):
    """What is known of the person's age (D25)."""

    ADULT = "adult"
    MINOR = "minor"
    GUARDIAN_OF_STUDENT = "guardian_of_student"


class SubjectCase(StrEnum):
    """A request of the person that touches calls (D13)."""

    NONE = "none"
    DELETION_OPEN = "deletion_open"
    ERASED = "erased"


class Relation(StrEnum):
    """Whether the callee is the organisation's own customer: an exempt licence may call nobody else (D1)."""

    OWN_CUSTOMER = "own_customer"
    OTHER = "other"


class Person(StrEnum):
    """Who is reached: a natural person or the line of an enterprise customer (row 28h of the banned business)."""

    NATURAL = "natural"
    ENTERPRISE = "enterprise"
