"""Who is behind a batch of leads, asked for once: most people were never called and never refused, and that is soon said.

Of those who were, contacts, refusals and requests are read one by one, as a decision reads them (`facts_callee`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dialer.compliance.facts import ConsentFacts, ContactFacts, DncFacts, NoConsent, SourceFacts, Unknown
from dialer.domain.lead import SubjectCase
from dialer.storage.facts_callee import (
    consent_group,
    contact_facts,
    dnc_facts,
    dnc_group,
    source_group,
    subject_case,
    talks_under,
)
from dialer.storage.sql import Row, Tx

NEVER_CALLED: Final = ContactFacts(attempts_at=(), last_ended_at=None, open_attempts=0, abandoned_at=None)


@dataclass(frozen=True, slots=True)
class People:
    """The rows of a batch by their ids, and who has any contact, refusal, request or words on record."""

    subjects: Mapping[str, Row]
    consents: Mapping[str, Row]
    sources: Mapping[str, Row]
    lists: list[Row]
    talked: frozenset[str]
    called: frozenset[bytes]
    refused: frozenset[bytes]
    with_case: frozenset[str]
    with_words: frozenset[str]

    @classmethod
    def of(cls, tx: Tx, leads: list[Row]) -> "People":
        """Read them for these leads."""
        sids = [lead.sid for lead in leads]
        subjects = {r.sid: r for r in tx.all_in("SELECT * FROM subject WHERE sid IN", sids)}
        named = [lead.consent_id for lead in leads if lead.consent_id is not None]
        consents = {r.id: r for r in tx.all_in("SELECT * FROM consent WHERE id IN", named)}
        of_sources = [r.source_id for r in consents.values() if r.source_id is not None]
        platform = [bytes(s.platform_hmac) for s in subjects.values()]
        hashes = [*platform, *(bytes(s.number_hmac) for s in subjects.values())]
        talked = tx.all_in(
            "SELECT DISTINCT consent_id FROM attempt"
            " WHERE connected_us IS NOT NULL AND outcome = 'talked' AND consent_id IN",
            named,
        )
        called = tx.all_in("SELECT DISTINCT platform_hmac FROM attempt WHERE platform_hmac IN", platform)
        refused = tx.all_in("SELECT DISTINCT number_hmac FROM dnc_entry WHERE number_hmac IN", hashes)
        cases = tx.all_in("SELECT DISTINCT sid FROM subject_case WHERE sid IN", sids)
        words = tx.all_in("SELECT DISTINCT sid FROM heard_words WHERE state = 'open' AND sid IN", sids)
        return cls(
            subjects=subjects,
            consents=consents,
            sources={r.id: r for r in tx.all_in("SELECT * FROM consent_source WHERE id IN", of_sources)},
            lists=tx.all("SELECT * FROM outside_list WHERE current = :yes", yes=True),
            talked=frozenset(r.consent_id for r in talked),
            called=frozenset(bytes(r.platform_hmac) for r in called),
            refused=frozenset(bytes(r.number_hmac) for r in refused),
            with_case=frozenset(r.sid for r in cases),
            with_words=frozenset(r.sid for r in words),
        )

    def consent(self, tx: Tx, lead: Row) -> ConsentFacts | NoConsent:
        """The lead's consent."""
        if lead.consent_id is None:
            return NoConsent()
        row = self.consents[lead.consent_id]
        return consent_group(row, lead, talks_under(tx, row.id) if row.id in self.talked else 0)

    def source(self, lead: Row) -> SourceFacts | NoConsent | Unknown:
        """Where the lead's consent came from."""
        if lead.consent_id is None:
            return NoConsent()
        named = self.consents[lead.consent_id].source_id
        return source_group(None if named is None else self.sources.get(named))

    def case(self, tx: Tx, sid: str) -> SubjectCase:
        """What the person asked for."""
        return subject_case(tx, sid) if sid in self.with_case else SubjectCase.NONE

    def contact(self, tx: Tx, lead: Row, now: datetime) -> ContactFacts:
        """The person's attempts so far."""
        subject = self.subjects[lead.sid]
        return (
            contact_facts(tx, subject, now) if bytes(subject.platform_hmac) in self.called else NEVER_CALLED
        )

    def dnc(self, tx: Tx, lead: Row, purpose: str, reviewed_us: int | None) -> DncFacts:
        """The person's refusals, and the outside lists."""
        subject = self.subjects[lead.sid]
        if {bytes(subject.number_hmac), bytes(subject.platform_hmac)} & self.refused:
            return dnc_facts(tx, subject, purpose, reviewed_us)
        return dnc_group(subject, purpose, reviewed_us, [], self.lists)
