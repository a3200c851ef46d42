"""The do-not-call desk: what is on the organisation's list, where it came from, what it stopped; and outside lists."""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from dialer.domain.dnc import DncReason
from dialer.domain.ids import OrganisationId, UserId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.services.lead_rows import FileRefused, decode_file
from dialer.services.views.caller import Stopped
from dialer.services.views.floor import RejectedRow
from dialer.services.views.refusals import (
    DncEntryRow,
    DncPage,
    OutsideLists,
    OutsideListState,
    OutsideListTaken,
)
from dialer.services.views.trail import Revealed
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.outside_lists import write_list
from dialer.storage.personal import HIDDEN_NUMBER, Key, PersonalReader
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables import OutsideList
from dialer.storage.times import micros, moment, moment_or_none

REJECTED_SHOWN_MAX: Final = 1_000
_PLAIN_CN: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
"""Most rows of a Chinese list: read without the numbering plan, which takes a hundred times as long."""
REASONS: Final[dict[DncReason, Sentence]] = {
    DncReason.SAID: Sentence("通话中说的", "Said in a call"),
    DncReason.SPOKEN: Sentence("通话中说的（语音识别）", "Said in a call, heard by a recogniser"),
    DncReason.KEY: Sentence("按键退订", "Pressed the opt-out key"),
    DncReason.SIP_607: Sentence("运营商信令：不受欢迎", "SIP 607: unwanted"),
    DncReason.SIP_603: Sentence("运营商信令：拒接", "SIP 603: declined"),
    DncReason.FORM: Sentence("网页退订", "Web form"),
    DncReason.INBOUND_LINE: Sentence("来电退订", "Called the opt-out line"),
    DncReason.SMS: Sentence("短信回复", "Replied by SMS"),
    DncReason.COMPLAINT: Sentence("投诉", "Complaint"),
    DncReason.IMPORT: Sentence("名单导入", "Imported list"),
    DncReason.FRAUD_VERIFIED: Sentence("核实的诈骗", "Verified fraud"),
}
_ENTRIES: Final = """
SELECT d.*, s.sid, s.wrapped_key, s.number_ct AS own_number_ct, c.given_us, n.sent_us
FROM dnc_entry d
LEFT JOIN refusal_notice n ON n.entry_id = d.id
LEFT JOIN subject s ON s.org_id = :org
    AND ((d.org_id = :org AND s.number_hmac = d.number_hmac) OR (d.org_id IS NULL AND s.platform_hmac = d.number_hmac))
LEFT JOIN consent c ON c.id = d.lifted_by_consent
"""
_EMPTY: Final = Declined(
    "list.empty",
    Sentence("名单里没有可读的号码，未启用。", "The list has no readable number and is not taken into use."),
)
_SHRUNK: Final = Declined(
    "list.shrunk",
    Sentence(
        "新名单不到现用名单的一半，未启用。请核对文件。",
        "The new list has less than half of the one in use and is not taken; please check the file.",
    ),
)
_OLDER: Final = Declined(
    "list.older",
    Sentence(
        "名单的时间不晚于现用名单，或晚于现在。",
        "The list is not newer than the one in use, or from the future.",
    ),
)


@dataclass(slots=True)
class _Written:
    """A version's file on its way into use."""

    path: Path
    entries: int = 0
    sha256: str = ""
    rows: int = 0
    unreadable: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)

    def digests(self, text: str, country: str, hashed: Callable[[str], bytes]) -> Iterator[bytes]:
        """The hashes of a file's numbers, while its rows are counted; a first line without digits is its heading."""
        for line, raw in enumerate(text.splitlines(), start=1):
            cell = raw.strip().strip('"')
            if not cell or (line == 1 and not any(c.isdigit() for c in cell)):
                continue
            self.rows += 1
            number = _number(cell, country)
            if isinstance(number, str):
                yield hashed(number)
                continue
            self.unreadable += 1
            if len(self.rejected) < REJECTED_SHOWN_MAX:
                sentence = Sentence(number.zh, number.en)
                self.rejected.append(RejectedRow(line, "number", f"number.{number.problem}", sentence))


class DncDesk:
    """The supervisor's and auditor's view of the list, and the register of outside lists."""

    def __init__(
        self, store: Store, log: LogWriter, keyring: Keyring, clock: Clock, lists_folder: Path
    ) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._personal = PersonalReader(keyring)
        self._clock = clock
        self._folder = lists_folder

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

    async def lists(self) -> OutsideLists:
        """Every outside list in use, with its age."""
        rows = await self._store.read(
            lambda tx: tx.all("SELECT * FROM outside_list WHERE current = :yes ORDER BY kind", yes=True)
        )
        return OutsideLists(tuple(self._state(row) for row in rows))

    async def take_list(
        self, org: OrganisationId, user: UserId, kind: str, as_of: datetime, country: str, content: bytes
    ) -> OutsideListTaken | Declined:
        """A file of numbers, one a line, in use from now on.

        Not taken: one that is empty, not newer than the one in use, or has less than half of its entries.
        """
        text = decode_file(content)
        if isinstance(text, FileRefused):
            return Declined(text.code, text.sentence)
        written = await asyncio.to_thread(self._write, kind, text, country)
        state = await self._switch(org, user, kind, as_of, written)
        if isinstance(state, Declined):
            written.path.unlink(missing_ok=True)
            return state
        return OutsideListTaken(state, written.rows, written.unreadable, tuple(written.rejected))

    def _write(self, kind: str, text: str, country: str) -> _Written:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = _Written(self._folder / f"{kind}-{secrets.token_hex(8)}.hashes")
        digests = written.digests(text, country, self._keyring.platform_hmac)
        written.entries, written.sha256 = write_list(written.path, digests)
        return written

    async def _switch(
        self, org: OrganisationId, user: UserId, kind: str, as_of: datetime, written: _Written
    ) -> OutsideListState | Declined:
        now = self._clock.now()

        def work(tx: Tx) -> Row | Declined:
            used = tx.one(
                "SELECT * FROM outside_list WHERE kind = :kind AND current = :yes", kind=kind, yes=True
            )
            declined = _declined(used, written.entries, as_of, now)
            if declined is not None:
                return declined
            version = f"{as_of:%Y-%m-%dT%H:%M:%SZ}"
            tx.run(
                "UPDATE outside_list SET current = :no WHERE kind = :kind AND current = :yes",
                kind=kind,
                yes=True,
                no=False,
            )
            row = OutsideList(
                id=secrets.token_hex(8),
                kind=kind,
                version=version,
                sha256=written.sha256,
                path=str(written.path),
                entries=written.entries,
                as_of_us=micros(as_of),
                current=True,
            )
            tx.insert(row)
            says: dict[str, Json] = {
                "what": "outside_list.switched",
                "list": kind,
                "version": version,
                "sha256": written.sha256,
                "entries": written.entries,
            }
            actor = Actor(ActorKind.USER, user)
            draft = Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org)
            self._log.append(tx, draft, tx.now_us())
            return tx.sole("SELECT * FROM outside_list WHERE id = :id", id=row.id)

        done = await self._store.write(work)
        return done if isinstance(done, Declined) else self._state(done)

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
            reason_words=REASONS[DncReason(row.reason)],
            actor_kind=str(row.actor).split(":", 1)[0],
            at=moment(row.at_us),
            attempt_id=row.attempt_id if row.org_id is not None else None,  # may be another organisation's
            leaf_seq=int(row.leaf_seq),
            stopped=Stopped(row.leads_dropped, row.permits_void, row.legs_cut),
            lifted_by_consent=row.lifted_by_consent,
            lifted_at=moment_or_none(row.given_us),
            told_at=moment_or_none(row.sent_us),
        )

    def _state(self, row: Row) -> OutsideListState:
        as_of = moment(row.as_of_us)
        hours = int((self._clock.now() - as_of).total_seconds() // 3600)
        return OutsideListState(row.kind, row.version, int(row.entries), row.sha256, as_of, hours)


def _declined(used: Row | None, entries: int, as_of: datetime, now: datetime) -> Declined | None:
    """Why a version is not taken into use; a list that lost most of its numbers would open them all to calls."""
    if entries == 0:
        return _EMPTY
    if as_of > now or (used is not None and micros(as_of) <= used.as_of_us):
        return _OLDER
    if used is not None and entries * 2 < used.entries:
        return _SHRUNK
    return None


def _number(cell: str, country: str) -> str | BadNumber:
    plain = _PLAIN_CN.fullmatch(cell)
    if plain is not None and (country == "CN" or cell.startswith("+86")):
        return f"+86{plain.group(1)}"
    number = parse_phone(cell, country)
    return number if isinstance(number, BadNumber) else number.e164
