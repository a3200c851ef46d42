"""When the proof of a call, and what is kept of a person, may be destroyed at the earliest."""

import json
from datetime import UTC, date, datetime, timedelta

from dialer.compliance.retention import UnknownLaw, statutory_days
from dialer.domain.organisation import Industry
from dialer.rules.pack import Place, applies
from dialer.rules.resolve import PackSet
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment

_ATTEMPTS = """
SELECT a.id, a.state, a.authorised_us, a.ended_us, a.connected_us, a.org_id, a.sid, s.wrapped_key,
       o.industry AS org_industry, o.packs, o.register_json AS org_register, g.industry, g.register_json, d.policy_json, r.state AS recording, r.path, r.id AS recording_id,
       EXISTS (SELECT 1 FROM leaf l WHERE l.attempt_id = a.id AND l.type = 'retention.purged') AS purged
FROM attempt a JOIN organisation o ON o.id = a.org_id JOIN campaign g ON g.id = a.campaign_id
JOIN subject s ON s.sid = a.sid
LEFT JOIN decision d ON d.attempt_id = a.id LEFT JOIN recording r ON r.attempt_id = a.id
"""
INBOUND_OF_SUBJECT = """
SELECT i.id, i.received_us, i.ended_us, i.ended_seq, o.packs, o.industry AS org_industry, o.register_json AS org_register
FROM inbound_call i JOIN organisation o ON o.id = i.org_id WHERE i.sid = :sid
"""
ATTEMPTS_OF_SUBJECT = f"{_ATTEMPTS} WHERE a.sid = :sid ORDER BY a.id"
ATTEMPT_OF_ID = f"{_ATTEMPTS} WHERE a.id = :id"
ATTEMPTS_BEFORE = f"{_ATTEMPTS} WHERE a.authorised_us < :before AND a.id > :after ORDER BY a.id LIMIT :rows"


def statutory_end(packs: PackSet, row: Row, now: datetime) -> datetime:
    """The end of the law's term for one attempt, by the packs under which it was decided.

    Raises:
        UnknownLaw: a pack isn't loaded any more; nothing may be destroyed.
    """
    at = moment(row.ended_us if row.ended_us is not None else row.authorised_us)
    return at + timedelta(days=_days(packs, row, at, now))


def kept_end(packs: PackSet, row: Row, now: datetime) -> datetime:
    """The end of the term for which the campaign keeps it: what was set, never less than the law's.

    Raises:
        UnknownLaw: neither is known.
    """
    at = moment(row.ended_us if row.ended_us is not None else row.authorised_us)
    kept = json.loads(row.register_json).get("kept_days")
    if not isinstance(kept, int):
        raise UnknownLaw("the campaign does not say how long")
    return at + timedelta(days=max(kept, _days(packs, row, at, now)))


def consent_end(packs: PackSet, row: Row, now: datetime) -> datetime:
    """The end of the law's term for a consent (`given_us`, `packs`, `org_industry`) without a call."""
    at = moment(row.given_us)
    ids = _of_organisation(packs, row)
    return at + timedelta(
        days=statutory_days(packs, ids, frozenset({Industry(row.org_industry)}), _both(at, now))
    )


def consent_kept_end(packs: PackSet, row: Row, now: datetime) -> datetime:
    """The end of the term that the consent's text promised (`register_json`), never less than the law's.

    Raises:
        UnknownLaw: the law's isn't known.
    """
    promised = json.loads(row.register_json).get("kept_days_promised")
    least = consent_end(packs, row, now)
    if not isinstance(promised, int):
        return least
    return max(least, moment(row.given_us) + timedelta(days=promised))


def inbound_end(packs: PackSet, row: Row, now: datetime) -> datetime:
    """The end of the law's term for a call that somebody made to us: that of the packs that bind the organisation.

    Raises:
        UnknownLaw: the law's isn't known; nothing may be destroyed.
    """
    at = moment(row.ended_us if row.ended_us is not None else row.received_us)
    ids = _of_organisation(packs, row)
    return at + timedelta(
        days=statutory_days(packs, ids, frozenset({Industry(row.org_industry)}), _both(at, now))
    )


def subject_end(tx: Tx, packs: PackSet, sid: str, now: datetime) -> datetime | None:
    """When the law lets everything of a person go; None: nothing is kept that has a term.

    Raises:
        UnknownLaw: a term isn't known; nothing may be destroyed.
    """
    ends = [statutory_end(packs, row, now) for row in tx.all(ATTEMPTS_OF_SUBJECT, sid=sid)]
    consents = tx.all(
        "SELECT c.given_us, o.packs, o.industry AS org_industry, o.register_json AS org_register FROM consent c"
        " JOIN organisation o ON o.id = c.org_id WHERE c.sid = :sid",
        sid=sid,
    )
    ends += [consent_end(packs, row, now) for row in consents]
    ends += [inbound_end(packs, row, now) for row in tx.all(INBOUND_OF_SUBJECT, sid=sid)]
    return max(ends, default=None)


def _days(packs: PackSet, row: Row, at: datetime, now: datetime) -> int:
    if row.policy_json is None:
        ids = _of_organisation(packs, row)
    else:
        # calendars and lists stand there, too, as kind:name
        named = (str(pack["id"]) for pack in json.loads(row.policy_json))
        ids = frozenset(name for name in named if ":" not in name)
    industries = frozenset({Industry(row.industry), Industry(row.org_industry)})
    return statutory_days(packs, ids, industries, _both(at, now))


def _of_organisation(packs: PackSet, row: Row) -> frozenset[str]:
    """The packs that bind the organisation whomever it calls, and those that it names."""
    named = frozenset(name.strip() for name in row.packs.split(",") if name.strip())
    country = str(json.loads(row.org_register).get("country", ""))
    place = Place(packs=named, organisation_country=country, callee_country="", regions=frozenset())
    return named | {pack.pack_id for pack in packs.packs if applies(pack, place)}


def _both(at: datetime, now: datetime) -> frozenset[date]:
    """The law of the day of the call and the law of today: whichever asks for longer."""
    return frozenset({at.astimezone(UTC).date(), now.astimezone(UTC).date()})
