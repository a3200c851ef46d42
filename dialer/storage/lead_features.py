"""What is known of leads before they are dialled, as far as it tells how likely they answer. No personal data."""

from collections.abc import Sequence
from typing import Final

from dialer.pacing.features import LeadFeatures, Promise
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.lead_queue import next_leads
from dialer.storage.sql import Row, Tx
from dialer.storage.times import moment

HOUR_US: Final = 3_600_000_000
AHEAD_SQL: Final = next_leads("state = 'queued'")
"""The next leads in the order of the claim."""


def features_ahead(tx: Tx, campaign: str, count: int) -> tuple[LeadFeatures, ...]:
    """Of the next `count` leads in queue order."""
    ids = [row.id for row in tx.all(AHEAD_SQL, campaign=campaign, count=count)]
    known = features_of(tx, ids)
    return tuple(known[lead] for lead in ids)


def features_of(tx: Tx, leads: Sequence[str]) -> dict[str, LeadFeatures]:
    """Of these leads (at most some hundred), by id."""
    if not leads:
        return {}
    names = {f"lead_{n}": lead for n, lead in enumerate(leads)}
    rows = tx.all(
        f"""
        SELECT l.id, l.requested_us, l.promised_from_us, l.promised_until_us, c.source_id, NOW_US AS now_us,
               (SELECT COUNT(*) FROM attempt a WHERE a.lead_id = l.id AND a.state NOT IN ('refused', 'lapsed')) AS tries
          FROM lead l LEFT JOIN consent c ON c.id = l.consent_id
         WHERE l.id IN ({", ".join(f":{name}" for name in names)})
        """,
        **names,
    )
    return {row.id: _features(row) for row in rows}


def _features(row: Row) -> LeadFeatures:
    now = moment(row.now_us)
    return LeadFeatures(
        list_key=row.source_id or "",
        request_age_hours=max(0.0, (row.now_us - row.requested_us) / HOUR_US),
        promise=_promise(row),
        attempts=int(row.tries),
        hour=now.astimezone(BUSINESS_ZONE).hour,
    )


def _promise(row: Row) -> Promise:
    if row.promised_from_us is None:
        return Promise.NONE
    closes_us = row.promised_until_us if row.promised_until_us is not None else row.now_us + 1
    return Promise.INSIDE if row.promised_from_us <= row.now_us < closes_us else Promise.OUTSIDE
