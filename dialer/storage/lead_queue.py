"""Whose turn it is: the leads of a campaign in the order of service (`compliance/queue.py`), walked and not sorted.

Who was promised this very time comes first, earliest promise first, then the oldest request. The two are walked each in
the order of its own index, so that the next ten of a million leads cost what the next ten of a hundred do.
"""

from typing import Final

_PROMISED_NOW: Final = (
    "promised_from_us IS NOT NULL AND promised_from_us <= NOW_US"
    " AND NOW_US < COALESCE(promised_until_us, NOW_US + 1)"
)
_NOT_NOW: Final = (
    "(promised_from_us IS NULL OR promised_from_us > NOW_US"
    " OR NOW_US >= COALESCE(promised_until_us, NOW_US + 1))"
)
FREE: Final = "(state = 'queued' OR (state = 'claimed' AND lease_until_us < NOW_US))"
"""Nobody holds the lead, or whoever did is gone."""


def next_leads(condition: str) -> str:
    """SQL of the ids of the next `:count` due leads of `:campaign` for which `condition` holds, in their order."""
    # `+` keeps engines from looking them up by when they are due, which would leave all of them to be sorted
    eligible = (
        f"campaign_id = :campaign AND state IN ('queued', 'claimed') AND +due_us <= NOW_US AND {condition}"
    )
    return f"""
        SELECT id FROM (
            SELECT * FROM (SELECT id, 0 AS turn, promised_from_us AS since_us, requested_us FROM lead
                            WHERE {eligible} AND {_PROMISED_NOW}
                            ORDER BY promised_from_us, requested_us, id LIMIT :count) AS promised
            UNION ALL
            SELECT * FROM (SELECT id, 1 AS turn, 0 AS since_us, requested_us FROM lead
                            WHERE {eligible} AND {_NOT_NOW}
                            ORDER BY requested_us, id LIMIT :count) AS others
        ) AS turns
        ORDER BY turn, since_us, requested_us, id LIMIT :count"""
