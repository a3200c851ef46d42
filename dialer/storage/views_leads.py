"""Leads and why each is or is not called: its last decision's objections."""

from dataclasses import dataclass
from typing import Final

from dialer.domain.ids import OrganisationId
from dialer.services.views.floor import LeadPage, LeadView
from dialer.services.views.queries import LeadFilter
from dialer.services.views.words import Named, Sentence
from dialer.storage.personal import LEAD, Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment, moment_or_none
from dialer.storage.views_decision import DECISION_COLUMNS, stored_objections
from dialer.storage.views_trail import like_code

_SELECT: Final = f"""
    SELECT l.id, l.campaign_id, l.state, l.outcome, l.due_us, l.promised_from_us, l.promised_until_us, l.payload_ct,
           c.name_zh, c.name_en, s.sid, s.wrapped_key, s.number_ct, {DECISION_COLUMNS}
      FROM lead l
      JOIN campaign c ON c.id = l.campaign_id
      JOIN subject s ON s.sid = l.sid
      LEFT JOIN decision d ON d.id = l.last_decision_id
"""


@dataclass(frozen=True, slots=True)
class LeadsReader:
    """The supervisor's list of leads."""

    store: Store
    personal: PersonalReader

    async def page(self, org: OrganisationId, wanted: LeadFilter) -> LeadPage:
        """One page, the earliest due first."""
        return await self.store.read(lambda tx: self._page(tx, org, wanted))

    def _page(self, tx: Tx, org: OrganisationId, wanted: LeadFilter) -> LeadPage:
        conditions, values = (
            ["l.org_id = :org AND l.state <> 'staged'"],
            dict[str, object](org=org, most=wanted.limit + 1),
        )
        if wanted.campaign is not None:
            conditions.append("l.campaign_id = :campaign")
            values["campaign"] = wanted.campaign
        if wanted.state is not None:
            conditions.append("l.state = :state")
            values["state"] = wanted.state
        if wanted.code is not None:
            conditions.append("d.outcome = 'refused' AND (',' || d.codes || ',') LIKE :code ESCAPE '!'")
            values["code"] = like_code(wanted.code)
        place = _place(wanted.after)
        if place is not None:
            conditions.append("(l.due_us > :due OR (l.due_us = :due AND l.id > :id))")
            values["due"], values["id"] = place
        rows = tx.all(
            f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY l.due_us, l.id LIMIT :most", **values
        )
        shown = rows[: wanted.limit]
        more = len(rows) > wanted.limit
        return LeadPage(
            items=tuple(self._lead(row) for row in shown),
            next=f"{shown[-1].due_us}:{shown[-1].id}" if more else None,
        )

    def _lead(self, row: Row) -> LeadView:
        key = Key(row.sid, row.wrapped_key)
        decided = row.decision_id is not None
        return LeadView(
            id=row.id,
            campaign=Named(row.campaign_id, Sentence(row.name_zh, row.name_en)),
            name=self.personal.words(key, LEAD, row.payload_ct).get("name"),
            number=self.personal.masked(key, row.number_ct),
            state=row.state,
            outcome=row.outcome,
            due_at=moment(row.due_us),
            promised_from=moment_or_none(row.promised_from_us),
            promised_until=moment_or_none(row.promised_until_us),
            decision_id=row.decision_id,
            decided_at=moment_or_none(row.decided_us),
            attempt_id=row.decision_attempt_id if decided else None,
            objections=stored_objections(row.rules_json),
            lawful_from=moment_or_none(row.lawful_from_us),
        )


def _place(after: str | None) -> tuple[int, str] | None:
    due, colon, lead_id = (after or "").partition(":")
    # an `after` that we never gave starts at the beginning: the list itself stays inside the organisation
    return (int(due), lead_id) if colon and due.isdigit() and len(due) < 19 else None
