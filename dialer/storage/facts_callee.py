"""Facts about who is called: number, consent and its source, contacts so far, refusals."""

from datetime import datetime, timedelta

from dialer.calls.attempt import NOT_COUNTED, OPEN
from dialer.compliance.facts import (
    CalleeFacts,
    ConsentFacts,
    ContactFacts,
    DncFacts,
    LeadFacts,
    NoConsent,
    SourceFacts,
    Unknown,
)
from dialer.domain.consent import ConsentState, Origin, Ownership, Promise, SourceKind, SourceState
from dialer.domain.dnc import DncEntryView, DncReason, OutsideListView
from dialer.domain.ids import ConsentId, LeadId, OrganisationId, SourceId, SubjectId
from dialer.domain.lead import Hold, LeadState, SubjectCase
from dialer.domain.phone import BadNumber, parse_phone
from dialer.domain.purpose import Purpose
from dialer.ports.keys import Keyring
from dialer.storage.outside_lists import open_list
from dialer.storage.registers import read_group
from dialer.storage.sql import Row, Tx
from dialer.storage.subject_rows import is_consented_since
from dialer.storage.times import micros, moment, moment_or_none

COUNTED_DAYS = 31


def _states(states: frozenset[str]) -> str:
    return ", ".join(f"'{s}'" for s in sorted(states))


_COUNTED = f"state NOT IN ({_states(frozenset(str(s) for s in NOT_COUNTED))})"
_OPEN = f"state IN ({_states(frozenset(str(s) for s in OPEN))})"


def callee_facts(
    tx: Tx, keyring: Keyring, subject: Row, register_json: str, case: SubjectCase | None = None
) -> CalleeFacts | Unknown:
    """From the number itself, opened for this moment, and what the lead's register says of the person.

    `case`: what is known of the person's requests already; None: it is read.
    """
    if subject.wrapped_key is None or subject.number_ct is None:
        return Unknown("the subject was erased")
    text = keyring.decrypt(
        bytes(subject.wrapped_key), subject.sid, "number", bytes(subject.number_ct)
    ).decode()
    number = parse_phone(text, "ZZ")
    if isinstance(number, BadNumber):
        return Unknown("the number is not one that may be dialled")
    return read_group(
        CalleeFacts,
        register_json,
        subject_id=SubjectId(subject.sid),
        country=number.country,
        regions=frozenset(),
        zones=number.zones,
        number_type=number.number_type,
        number_range=number.number_range,
        subject_case=case if case is not None else subject_case(tx, subject.sid),
    )


def subject_case(tx: Tx, sid: str) -> SubjectCase:
    """Whether the person asked for deletion, and gave no consent of their own since."""
    asked = tx.one(
        "SELECT MAX(opened_us) AS at FROM subject_case WHERE sid = :sid AND kind = 'delete' AND state = 'open'",
        sid=sid,
    )
    if asked is None or asked.at is None or is_consented_since(tx, sid, asked.at):
        return SubjectCase.NONE
    return SubjectCase.DELETION_OPEN


def lead_facts(tx: Tx, lead: Row) -> LeadFacts:
    """From the lead's row. In T1 the lead is already `dialing`: what the gate judges is that it was claimed.

    Words of the person that nobody has looked at hold every lead of the person, whatever the row says.
    """
    return lead_group(lead, has_open_words(tx, lead.sid))


def lead_group(lead: Row, words_wait: bool) -> LeadFacts:
    """The same, where it is known already whether words of the person wait for somebody."""
    state = LeadState.CLAIMED if lead.state == "dialing" else LeadState(lead.state)
    hold = Hold(lead.hold)
    if hold is Hold.NONE and words_wait:
        hold = Hold.WORDS_HEARD
    return LeadFacts(lead_id=LeadId(lead.id), state=state, hold=hold, due_at=moment(lead.due_us))


def has_open_words(tx: Tx, sid: str) -> bool:
    """Whether words of the person wait for somebody's review."""
    return (
        tx.one("SELECT 1 AS there FROM heard_words WHERE sid = :sid AND state = 'open' LIMIT 1", sid=sid)
        is not None
    )


def consent_facts(tx: Tx, lead: Row) -> ConsentFacts | NoConsent:
    """From the consent that the lead names."""
    if lead.consent_id is None:
        return NoConsent()
    row = tx.sole("SELECT * FROM consent WHERE id = :id", id=lead.consent_id)
    return consent_group(row, lead, talks_under(tx, row.id))


def talks_under(tx: Tx, consent_id: str) -> int:
    """Conversations that were held under a consent."""
    talks = tx.sole(
        "SELECT COUNT(*) AS n FROM attempt WHERE consent_id = :id AND connected_us IS NOT NULL AND outcome = 'talked'",
        id=consent_id,
    )
    return int(talks.n)


def consent_group(row: Row, lead: Row, conversations: int) -> ConsentFacts:
    """From a consent's row and the promise that stands with its lead."""
    promise = None
    if lead.promised_from_us is not None and lead.promised_until_us is not None:
        promise = Promise(opens=moment(lead.promised_from_us), closes=moment(lead.promised_until_us))
    return read_group(
        ConsentFacts,
        row.register_json,
        consent_id=ConsentId(row.id),
        organisation_id=OrganisationId(row.org_id),
        subject_id=SubjectId(row.sid),
        state=ConsentState.GIVEN if row.withdrawn_us is None else ConsentState.WITHDRAWN,
        purpose=Purpose(row.purpose),
        origin=Origin(row.origin),
        ownership=Ownership(row.ownership),
        given_at=moment(row.given_us),
        expires_at=moment_or_none(row.expires_us),
        conversations=conversations,
        promise=promise,
    )


def source_facts(tx: Tx, lead: Row) -> SourceFacts | NoConsent | Unknown:
    """From the register of sources."""
    if lead.consent_id is None:
        return NoConsent()
    row = tx.one(
        "SELECT s.* FROM consent c JOIN consent_source s ON s.id = c.source_id WHERE c.id = :id",
        id=lead.consent_id,
    )
    return source_group(row)


def source_group(row: Row | None) -> SourceFacts | Unknown:
    """From a source's row; None: the consent names none."""
    if row is None:
        return Unknown("the consent names no registered source")
    return read_group(
        SourceFacts,
        row.register_json,
        source_id=SourceId(row.id),
        organisation_id=OrganisationId(row.org_id),
        kind=SourceKind(row.kind),
        state=SourceState(row.state),
    )


def contact_facts(tx: Tx, subject: Row, now: datetime) -> ContactFacts:
    """Every attempt that may have rung this number's phone, over all organisations (rule 14)."""
    rows = tx.all(
        f"SELECT authorised_us, ended_us FROM attempt WHERE platform_hmac = :hmac AND authorised_us > :since AND {_COUNTED}"
        " ORDER BY authorised_us",
        hmac=bytes(subject.platform_hmac),
        since=micros(now - timedelta(days=COUNTED_DAYS)),
    )
    still_open = tx.sole(
        f"SELECT COUNT(*) AS n FROM attempt WHERE platform_hmac = :hmac AND {_OPEN}",
        hmac=bytes(subject.platform_hmac),
    )
    abandoned = tx.sole(
        "SELECT MAX(a.answered_us) AS at FROM attempt a WHERE a.number_hmac = :hmac AND a.org_id = :org"
        " AND a.abandon_cause IS NOT NULL AND NOT EXISTS (SELECT 1 FROM attempt b WHERE b.number_hmac = a.number_hmac"
        " AND b.org_id = a.org_id AND b.connected_us > a.answered_us)",
        hmac=bytes(subject.number_hmac),
        org=subject.org_id,
    )
    # A clock stepped back during the call would let it end before it began.
    ended = [max(r.ended_us or 0, r.authorised_us) for r in rows]
    return ContactFacts(
        attempts_at=tuple(moment(r.authorised_us) for r in rows),
        last_ended_at=moment(max(ended)) if ended else None,
        open_attempts=int(still_open.n),
        abandoned_at=moment_or_none(abandoned.at),
    )


def dnc_facts(tx: Tx, subject: Row, purpose: str, reviewed_us: int | None) -> DncFacts:
    """Read at this moment, never from a cached list (C1)."""
    entries = tx.all(
        """
        SELECT org_id, purpose, reason, at_us FROM dnc_entry
        WHERE lifted_by_consent IS NULL
          AND ((org_id = :org AND number_hmac = :number) OR (org_id IS NULL AND number_hmac = :platform))
        ORDER BY at_us
        """,
        org=subject.org_id,
        number=bytes(subject.number_hmac),
        platform=bytes(subject.platform_hmac),
    )

    lists = tx.all("SELECT * FROM outside_list WHERE current = :yes", yes=True)
    return dnc_group(subject, purpose, reviewed_us, entries, lists)


def dnc_group(
    subject: Row, purpose: str, reviewed_us: int | None, entries: list[Row], lists: list[Row]
) -> DncFacts:
    """From the person's entries, oldest first, and the outside lists in use."""

    def first(rows: list[Row]) -> DncEntryView | None:
        return DncEntryView(since=moment(rows[0].at_us), reason=DncReason(rows[0].reason)) if rows else None

    return DncFacts(
        organisation=first([e for e in entries if e.org_id is not None and e.purpose is None]),
        platform=first([e for e in entries if e.org_id is None and e.purpose is None]),
        purpose=first([e for e in entries if e.purpose == purpose]),
        outside=tuple(_outside(row, subject) for row in lists),
        own_list_reviewed_at=moment(reviewed_us) if reviewed_us is not None else Unknown("never reviewed"),
    )


def _outside(row: Row, subject: Row) -> OutsideListView:
    hit = bytes(subject.platform_hmac) in open_list(row.path)
    return OutsideListView(name=row.kind, version=row.version, as_of=moment(row.as_of_us), hit=hit)
