"""Between which places an installation calls: what decides which packs and calendars bind it."""

import json

from dialer.domain.ids import OrganisationId
from dialer.rules.pack import Place
from dialer.storage.sql import Row, Tx


def read_places(tx: Tx, org: OrganisationId | None = None) -> tuple[Place, ...]:
    """Between which places the campaigns of an organisation, or of all, call: what decides which packs bind them."""
    rows = tx.all(
        "SELECT o.packs, o.register_json AS organisation, c.register_json AS campaign FROM organisation o"
        " LEFT JOIN campaign c ON c.org_id = o.id WHERE CAST(:org AS TEXT) IS NULL OR o.id = :org",
        org=org,
    )
    return tuple(dict.fromkeys(_place(row) for row in rows))


def _place(row: Row) -> Place:
    home = str(json.loads(row.organisation).get("country", ""))
    abroad = str(json.loads(row.campaign).get("country", home)) if row.campaign is not None else home
    return Place(frozenset(row.packs.split(",")), home, abroad, frozenset())
