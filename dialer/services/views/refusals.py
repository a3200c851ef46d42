"""Refusals that came from outside a call, the do-not-call desk, and the partners who may report."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialer.services.views.caller import Stopped
from dialer.services.views.floor import RejectedRow
from dialer.services.views.words import Named, Sentence


class TakenAs(StrEnum):
    """What became of one refusal that was told to us."""

    ENTERED = "entered"
    KNOWN = "known"
    """The number was on the list already; moment and origin of the first entry stand."""
    SUPERSEDED = "superseded"
    """The person consented again after that refusal, with proof of ownership: it changes nothing."""
    WAITING = "waiting"
    """The database is away: kept on disk, every call stopped, entered as soon as it is back."""
    NOT_A_REFUSAL = "not_a_refusal"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RefusalTaken:
    """One refusal as it was taken. `number` is masked; `at`: when it took effect."""

    entry_id: str | None
    number: str
    state: TakenAs
    at: datetime
    took_ms: int
    stopped: Stopped


@dataclass(frozen=True, slots=True)
class RefusalImportView:
    """What became of a file of refusals.

    `rejected`: the first of the `unreadable` rows, without a number; `remarks`: rows taken, but not as written.
    """

    id: str
    at: datetime
    rows: int
    entered: int
    known: int
    superseded: int
    waiting: int
    unreadable: int
    rejected: tuple[RejectedRow, ...]
    remarks: tuple[RejectedRow, ...]


@dataclass(frozen=True, slots=True)
class HookItem:
    """What became of one refusal of a partner's message, in the message's order. `code`: why it was rejected."""

    state: TakenAs
    code: str | None


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """The answer to a partner's message; the same message gets the same answer again."""

    id: str
    items: tuple[HookItem, ...]


@dataclass(frozen=True, slots=True)
class PartnerView:
    """Someone who may report refusals by signed messages."""

    id: str
    name: str
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartnerList:
    """The organisation's partners, newest first."""

    items: tuple[PartnerView, ...]


@dataclass(frozen=True, slots=True)
class PartnerCreated:
    """A new partner with its secret (hex, 32 bytes), which is shown this once."""

    partner: PartnerView
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DncEntryRow:
    """An entry of the list. `lifted_at`: since when the person's own later consent has opened it; history stays."""

    id: str
    number: str
    platform_wide: bool
    purpose: str | None
    reason: str
    reason_words: Sentence
    actor_kind: str
    at: datetime
    attempt_id: str | None
    leaf_seq: int
    stopped: Stopped
    lifted_by_consent: str | None
    lifted_at: datetime | None
    told_at: datetime | None
    """When the person was told by a text message that it holds, where messages are set up."""


@dataclass(frozen=True, slots=True)
class DncPage:
    """One page of entries, newest first; `next` goes into `after`, empty at the end."""

    items: tuple[DncEntryRow, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class OutsideListState:
    """A national or platform list in the version that is used now. `as_of`: the moment it speaks for."""

    kind: str
    version: str
    entries: int
    sha256: str
    as_of: datetime
    age_hours: int


@dataclass(frozen=True, slots=True)
class WantedList:
    """A list that a shipped pack demands, and the age in days up to which the gate believes it."""

    kind: str
    age_days_max: int


@dataclass(frozen=True, slots=True)
class FeedView:
    """A list that is fetched by itself. `asked_at`: last; `well_at`: last time that went well; `why`: what went wrong."""

    kind: str
    source: str
    every_hours: int
    asked_at: datetime | None
    well_at: datetime | None
    why: Sentence | None


@dataclass(frozen=True, slots=True)
class OutsideLists:
    """Every list in use, those that packs may demand, and the sources that are asked by themselves."""

    items: tuple[OutsideListState, ...]
    wanted: tuple[WantedList, ...]
    feeds: tuple[FeedView, ...]


@dataclass(frozen=True, slots=True)
class OutsideListTaken:
    """A new version of a list, in use from now on. `rejected`: the first of the `unreadable` rows."""

    list: OutsideListState
    rows: int
    unreadable: int
    rejected: tuple[RejectedRow, ...]


class ImportState(StrEnum):
    """Where a file on its way in is."""

    RUNNING = "running"
    DONE = "done"
    DECLINED = "declined"
    INTERRUPTED = "interrupted"
    """The database or the disk was away: what was taken stands, and the file is simply sent again."""


@dataclass(frozen=True, slots=True)
class ImportJob:
    """A file that is being taken, or was. `list`: which outside list, None for a file of refusals; `percent`: of the file.

    One of `refusals` and `outside` is there when it is done; `why` when it was declined or interrupted.
    """

    id: str
    list: str | None
    state: ImportState
    started_at: datetime
    rows: int
    percent: int
    why: Sentence | None = None
    refusals: RefusalImportView | None = None
    outside: OutsideListTaken | None = None


@dataclass(frozen=True, slots=True)
class ImportJobs:
    """Files of this process's life, newest first."""

    items: tuple[ImportJob, ...]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A lead held until a person has looked. `decisions`: what may be said of it. `number` is masked."""

    lead_id: str
    campaign: Named
    number: str
    hold: str
    hold_words: Sentence
    attempt_id: str | None
    disposition: str | None
    sip_text: str | None
    ended_at: datetime | None
    decisions: tuple[str, ...]
    heard: str | None = field(default=None, repr=False)
    """The words, where a recogniser heard some; `heard_as`: what they may mean."""
    heard_as: Sentence | None = None
    due_at: datetime | None = None
    """Looked at by nobody until then, it counts as a refusal."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of the queue; `next` goes into `after`, empty at the end."""

    items: tuple[ReviewItem, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class ReviewDone:
    """A decision that was taken; `entry_id` of the list's entry, where it was a refusal."""

    lead_id: str
    decision: str
    entry_id: str | None
