"""The do-not-call desk: what is on the organisation's list, where it came from, what it stopped."""

from typing import Final

from dialer.domain.dnc import DncReason
from dialer.domain.ids import OrganisationId, UserId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.keys import Keyring
from dialer.services.views.caller import Stopped
from dialer.services.views.refusals import (
    DncEntryRow,
    DncPage,
)
from dialer.services.views.trail import Revealed
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.personal import HIDDEN_NUMBER, Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment, moment_or_none

REASONS: Final[dict[DncReason, Sentence]] = {
    DncReason.SAID: Sentence("通话中说的", "Said in a call"),
    DncReason.SPOKEN: Sentence("通话中说的（语音识别）", "Said in a call, heard by a recogniser"),
    DncReason.KEY: Sentence("按键退订", "Pressed the opt-out key"),
    DncReason.SIP_607: Sentence("运营商信令：不受欢迎", "SIP 607: unwanted"),
    DncReason.SIP_603: Sentence("运营商信令：拒接", "SIP 603: declined"),
    DncReason.FORM: Sentence("网页自助退订", "Self-service on the web"),
    DncReason.INBOUND_LINE: Sentence("来电退订", "Called the opt-out line"),
    DncReason.SMS: Sentence("短信回复", "Replied by SMS"),
    DncReason.COMPLAINT: Sentence("投诉", "Complaint"),
    DncReason.IMPORT: Sentence("名单导入", "Imported list"),
    DncReason.FRAUD_VERIFIED: Sentence("核实的诈骗", "Verified fraud"),
}
_ANYBODY: Final = Sentence(
    "网页自助退订（任何人可填号码）", "Self-service on the web, by whoever typed the number"
)
_ENTRIES: Final = """
SELECT d.*, s.sid, s.wrapped_key, s.number_ct AS own_number_ct, c.given_us, n.sent_us
FROM dnc_entry d
LEFT JOIN refusal_notice n ON n.entry_id = d.id
LEFT JOIN subject s ON s.org_id = :org
    AND ((d.org_id = :org AND s.number_hmac = d.number_hmac) OR (d.org_id IS NULL AND s.platform_hmac = d.number_hmac))
LEFT JOIN consent c ON c.id = d.lifted_by_consent
"""


class DncDesk:
    """The supervisor's and auditor's view of the list."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._personal = PersonalReader(keyring)

    async def search(
        self, org: OrganisationId, number: str | None, after: str | None, limit: int
    ) -> DncPage | Declined:
        """Entries, newest first: all of the organisation, or every one that binds a number, platform-wide ones too."""
        e164: str | None = None
        if number is not None:
            parsed = parse_phone(number, "CN")
            if isinstance(parsed, BadNumber):
                return Declined(f"number.{parsed.problem}", Sentence(parsed.zh, parsed.en))
            e164 = parsed.e164
        if after is not None and not after.isdigit():
            return DncPage((), None)
        rows = await self._store.read(lambda tx: self._rows(tx, org, e164, after, limit))
        page = rows[:limit]
        return DncPage(
            tuple(self._entry(row) for row in page), str(page[-1].leaf_seq) if len(rows) > limit else None
        )

    async def reveal(
        self, org: OrganisationId, user: UserId, entry_id: str, reason: str
    ) -> Revealed | Declined | None:
        """Show an entry's number; who, when and why are on the log first."""

        def work(tx: Tx) -> Revealed | Declined | None:
            row = tx.one(
                f"{_ENTRIES} WHERE d.id = :id AND (d.org_id = :org OR s.sid IS NOT NULL)",
                org=org,
                id=entry_id,
            )
            if row is None:
                return None
            number = (
                None
                if row.sid is None
                else self._personal.number(Key(row.sid, row.wrapped_key), row.own_number_ct)
            )
            if number is None:
                return Declined(
                    "person.erased", Sentence("此人的信息已删除。", "This person's data were erased.")
                )
            draft = Draft(
                type=EventType.NUMBER_REVEALED,
                actor=Actor(ActorKind.USER, user),
                says={"reason": reason, "entry": entry_id},
                org=org,
                subject=Subject(row.sid, bytes(row.wrapped_key)),
                sid=row.sid,
            )
            now_us = tx.now_us()
            return Revealed(number, moment(now_us), self._log.append(tx, draft, now_us))

        return await self._store.write(work)

    # -------------------------------------------------------------- inside

    def _rows(self, tx: Tx, org: str, e164: str | None, after: str | None, limit: int) -> list[Row]:
        if e164 is None:
            condition = "d.org_id = :org"
            hashes: dict[str, object] = {}
        else:
            condition = "((d.org_id = :org AND d.number_hmac = :own) OR (d.org_id IS NULL AND d.number_hmac = :platform))"
            hashes = {
                "own": self._keyring.number_hmac(org, e164),
                "platform": self._keyring.platform_hmac(e164),
            }
        return tx.all(
            f"{_ENTRIES} WHERE {condition} AND d.leaf_seq < :after ORDER BY d.leaf_seq DESC LIMIT :limit",
            org=org,
            after=int(after) if after is not None else 2**62,
            limit=limit + 1,
            **hashes,
        )

    def _entry(self, row: Row) -> DncEntryRow:
        number = HIDDEN_NUMBER
        if row.sid is not None:
            number = self._personal.masked(Key(row.sid, row.wrapped_key), row.own_number_ct)
        return DncEntryRow(
            id=row.id,
            number=number,
            platform_wide=row.org_id is None,
            purpose=row.purpose,
            reason=row.reason,
            reason_words=_words(row),
            actor_kind=str(row.actor).split(":", 1)[0],
            at=moment(row.at_us),
            attempt_id=row.attempt_id if row.org_id is not None else None,  # may be another organisation's
            leaf_seq=int(row.leaf_seq),
            stopped=Stopped(row.leads_dropped, row.permits_void, row.legs_cut),
            lifted_by_consent=row.lifted_by_consent,
            lifted_at=moment_or_none(row.given_us),
            told_at=moment_or_none(row.sent_us),
        )


def _words(row: Row) -> Sentence:
    """How it came on the list. On the open form nobody proves whose number it is: whoever reads the list sees that."""
    reason = DncReason(row.reason)
    is_open_form = reason is DncReason.FORM and str(row.actor).startswith("process:")
    return _ANYBODY if is_open_form else REASONS[reason]
