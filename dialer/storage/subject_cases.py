"""People's requests in the database: each step one transaction with its leaf (`services.subject_rights.Cases`)."""

import asyncio
import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from dialer.compliance.retention import UnknownLaw
from dialer.domain.ids import AttemptId, OrganisationId, SubjectId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.rules.resolve import PackSet
from dialer.services.subject_rights import CaseKind, CaseView, Erased
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.moves import void_unused
from dialer.storage.personal import LEAD, PersonalReader
from dialer.storage.shred import forget_journal, shred_subject
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.subject_copy import write_copy
from dialer.storage.subject_rows import is_consented_since, is_held
from dialer.storage.tables_calls import OPEN_ATTEMPT_STATES
from dialer.storage.tables_rights import SubjectCaseRow
from dialer.storage.terms import subject_end
from dialer.storage.times import micros, moment, moment_or_none

CASES_MAX: Final = 500
NAME_LETTERS_MAX: Final = 100
_OPEN_STATES: Final = ", ".join(f"'{s}'" for s in OPEN_ATTEMPT_STATES)

NOT_KNOWN: Final = Declined(
    "person.unknown",
    Sentence("没有保存此号码的个人信息。", "Nothing is kept of this number."),
)
NOT_OPEN: Final = Declined("case.not_open", Sentence("该请求已处理完毕。", "This request is closed."))
OTHER_KIND: Final = Declined(
    "case.other_kind", Sentence("该请求不是这一类。", "This is a request of another kind.")
)
BAD_NAME: Final = Declined(
    "name.malformed", Sentence("姓名须为 1 至 100 个字符。", "A name has 1 to 100 characters.")
)
HELD: Final = Declined(
    "erasure.held", Sentence("存在法律保留，暂不得删除。", "A legal hold stands: nothing may be erased yet.")
)
TOO_SOON: Final = Declined(
    "erasure.term",
    Sentence(
        "法定保存期限未满：仅存储、不使用，期满自动删除。",
        "The statutory term is not over: stored and not used; it is erased when the term ends.",
    ),
)
IN_A_CALL: Final = Declined(
    "erasure.call_open", Sentence("该号码正在通话中。", "A call to this number is still open.")
)
NO_TERM: Final = Declined(
    "erasure.term_unknown",
    Sentence("适用规则包缺失，保存期限未知。", "A rule pack is missing: the statutory term isn't known."),
)
CONSENTED_AGAIN: Final = Declined(
    "erasure.consented_again",
    Sentence(
        "本人在请求之后重新作出了授权，请求已终结。",
        "The person consented anew since: the request is closed.",
    ),
)


class StoredCases:
    """`services.subject_rights.Cases`."""

    def __init__(
        self, store: Store, log: LogWriter, keyring: Keyring, clock: Clock, packs: Callable[[], PackSet]
    ) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._clock = clock
        self._packs = packs
        self._personal = PersonalReader(keyring)

    async def open_case(
        self, org: OrganisationId, user: UserId, number: str, kind: CaseKind, due: datetime
    ) -> CaseView | Declined:
        return await self._store.write(lambda tx: self._open(tx, org, user, number, kind, due))

    async def listed(self, org: OrganisationId) -> tuple[CaseView, ...]:
        def work(tx: Tx) -> tuple[CaseView, ...]:
            rows = tx.all(
                "SELECT * FROM subject_case WHERE org_id = :org"
                " ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, due_us, id LIMIT :rows",
                org=org,
                rows=CASES_MAX,
            )
            return tuple(self._view(tx, row) for row in rows)

        return await self._store.read(work)

    async def copy(self, org: OrganisationId, user: UserId, case_id: str) -> str | Declined | None:
        def work(tx: Tx) -> str | Declined | None:
            case = _case(tx, org, case_id, CaseKind.QUERY)
            if not isinstance(case, tuple):
                return case
            row, subject = case
            if subject.wrapped_key is None:
                return NOT_KNOWN
            text = write_copy(tx, self._personal, subject, moment(tx.now_us()))
            says: dict[str, Json] = {"what": "own_copy", "case": case_id}
            self._leaf(tx, subject, EventType.EVIDENCE_EXPORTED, user, says)
            self._close(tx, row.id, user, "copied")
            return text

        return await self._store.write(work)

    async def correct(
        self, org: OrganisationId, user: UserId, case_id: str, name: str
    ) -> CaseView | Declined | None:
        def work(tx: Tx) -> CaseView | Declined | None:
            if not 0 < len(name.strip()) <= NAME_LETTERS_MAX:
                return BAD_NAME
            case = _case(tx, org, case_id, CaseKind.CORRECT)
            if not isinstance(case, tuple):
                return case
            row, subject = case
            if subject.wrapped_key is None:
                return NOT_KNOWN
            self._rename(tx, subject, name.strip())
            says: dict[str, Json] = {"corrected": "name", "case": case_id, "name": name.strip()}
            self._leaf(tx, subject, EventType.CONFIG_CHANGED, user, says)
            self._close(tx, row.id, user, "corrected")
            return self._view(tx, _row(tx, row.id))

        return await self._store.write(work)

    async def erase(self, org: OrganisationId, user: UserId, case_id: str) -> Erased | Declined | None:
        done = await self._store.write(lambda tx: self._erase(tx, org, user, case_id))
        if isinstance(done, Erased):
            await asyncio.to_thread(forget_journal, self._store.url)
        return done

    async def ripe(self) -> tuple[tuple[OrganisationId, str], ...]:
        def work(tx: Tx) -> tuple[tuple[OrganisationId, str], ...]:
            rows = tx.all(
                "SELECT * FROM subject_case WHERE kind = 'delete' AND state = 'open' ORDER BY opened_us LIMIT :rows",
                rows=CASES_MAX,
            )
            return tuple(
                (OrganisationId(row.org_id), str(row.id))
                for row in rows
                if not isinstance(self._barred(tx, row), Declined)
                or is_consented_since(tx, row.sid, row.opened_us)
            )

        return await self._store.read(work)

    async def files_gone(self, paths: tuple[str, ...]) -> None:
        def work(tx: Tx) -> None:
            for path in paths:
                tx.run(
                    "UPDATE recording SET path = NULL WHERE path = :path AND state IN ('erased', 'purged')",
                    path=path,
                )

        await self._store.write(work)

    async def files_left(self) -> tuple[str, ...]:
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT path FROM recording WHERE state IN ('erased', 'purged') AND path IS NOT NULL LIMIT 1000"
            )
        )
        return tuple(str(row.path) for row in rows)

    # ---------------------------------------------------------------- steps

    def _open(
        self, tx: Tx, org: OrganisationId, user: UserId, number: str, kind: CaseKind, due: datetime
    ) -> CaseView | Declined:
        subject = tx.one(
            "SELECT * FROM subject WHERE org_id = :org AND number_hmac = :hmac",
            org=org,
            hmac=self._keyring.number_hmac(org, number),
        )
        if subject is None or subject.wrapped_key is None:
            return NOT_KNOWN
        known = tx.one(
            "SELECT * FROM subject_case WHERE sid = :sid AND kind = :kind AND state = 'open'",
            sid=subject.sid,
            kind=str(kind),
        )
        if known is not None:
            return self._view(tx, known)
        case_id = secrets.token_hex(8)
        says: dict[str, Json] = {"case": case_id, "kind": str(kind), "due": micros(due)}
        seq = self._leaf(tx, subject, EventType.CONFIG_CHANGED, user, says)
        tx.insert(
            SubjectCaseRow(
                id=case_id,
                org_id=org,
                sid=subject.sid,
                kind=str(kind),
                state="open",
                opened_us=tx.now_us(),
                opened_by=user,
                due_us=micros(due),
                leaf_seq=seq,
            )
        )
        if kind is CaseKind.DELETE:
            self._stop_using(tx, subject.sid)
        return self._view(tx, _row(tx, case_id))

    def _stop_using(self, tx: Tx, sid: str) -> None:
        """Storage only from now on: nobody is on the way to be dialled any more."""
        issued = tx.all(
            "SELECT p.attempt_id FROM permit p JOIN attempt a ON a.id = p.attempt_id"
            " WHERE p.state = 'issued' AND a.sid = :sid",
            sid=sid,
        )
        actor = Actor(ActorKind.PROCESS, "dialer")
        for permit in issued:
            void_unused(tx, self._log, AttemptId(permit.attempt_id), actor, "subject deletion")
        tx.run(
            "UPDATE lead SET state = 'dropped', outcome = 'subject_deletion', owner = NULL"
            " WHERE sid = :sid AND state IN ('queued', 'claimed', 'staged')",
            sid=sid,
        )

    def _erase(self, tx: Tx, org: OrganisationId, user: UserId, case_id: str) -> Erased | Declined | None:
        case = _case(tx, org, case_id, CaseKind.DELETE)
        if not isinstance(case, tuple):
            return case
        row, subject = case
        if is_consented_since(tx, row.sid, row.opened_us):
            self._close(tx, row.id, user, "consented_again")
            return CONSENTED_AGAIN
        barred = self._barred(tx, row)
        if barred is not None:
            return barred
        gone = shred_subject(tx, row.sid)
        says: dict[str, Json] = {
            "case": case_id,
            "payloads": gone.payloads,
            "recordings": gone.recordings,
        }
        # the person's own key is gone: what is said of the erasure names nobody and stays in clear
        draft = Draft(
            type=EventType.SUBJECT_ERASED,
            actor=Actor(ActorKind.USER, user),
            says=says,
            org=subject.org_id,
            sid=subject.sid,
        )
        self._log.append(tx, draft, tx.now_us())
        self._close(tx, row.id, user, "erased")
        return Erased(case_id, gone.payloads, gone.recordings, gone.paths)

    def _barred(self, tx: Tx, case: Row) -> Declined | None:
        """Why the person can't be erased now; None: nothing bars it."""
        if is_held(tx, case.sid):
            return HELD
        calls = tx.one(
            f"SELECT 1 AS there FROM attempt WHERE sid = :sid AND state IN ({_OPEN_STATES}) LIMIT 1",
            sid=case.sid,
        )
        if calls is not None:
            return IN_A_CALL
        now = moment(tx.now_us())
        try:
            end = subject_end(tx, self._packs(), case.sid, now)
        except UnknownLaw:
            return NO_TERM
        return TOO_SOON if end is not None and end > now else None

    def _rename(self, tx: Tx, subject: Row, name: str) -> None:
        key = bytes(subject.wrapped_key)
        for lead in tx.all("SELECT id, payload_ct FROM lead WHERE sid = :sid", sid=subject.sid):
            if lead.payload_ct is None:
                continue
            words = json.loads(self._keyring.decrypt(key, subject.sid, LEAD, bytes(lead.payload_ct)))
            closed = json.dumps(words | {"name": name}, ensure_ascii=False).encode()
            tx.run(
                "UPDATE lead SET payload_ct = :ct WHERE id = :id",
                ct=self._keyring.encrypt(key, subject.sid, LEAD, closed),
                id=lead.id,
            )

    def _leaf(self, tx: Tx, subject: Row, kind: EventType, user: UserId, says: dict[str, Json]) -> int:
        draft = Draft(
            type=kind,
            actor=Actor(ActorKind.USER, user),
            says=says,
            org=subject.org_id,
            subject=Subject(subject.sid, bytes(subject.wrapped_key)),
        )
        return self._log.append(tx, draft, tx.now_us())

    @staticmethod
    def _close(tx: Tx, case_id: str, user: UserId, outcome: str) -> None:
        tx.run(
            "UPDATE subject_case SET state = 'done', closed_us = NOW_US, closed_by = :user, outcome = :outcome"
            " WHERE id = :id",
            user=user,
            outcome=outcome,
            id=case_id,
        )

    def _view(self, tx: Tx, row: Row) -> CaseView:
        waits: datetime | None = None
        if row.kind == CaseKind.DELETE and row.state == "open":
            now = moment(tx.now_us())
            try:
                waits = subject_end(tx, self._packs(), row.sid, now)
            except UnknownLaw:
                waits = None
            waits = waits if waits is not None and waits > now else None
        return CaseView(
            id=row.id,
            sid=SubjectId(row.sid),
            kind=CaseKind(row.kind),
            state=row.state,
            opened_at=moment(row.opened_us),
            due_on=moment(row.due_us),
            closed_at=moment_or_none(row.closed_us),
            outcome=row.outcome,
            waits_until=waits,
            held=is_held(tx, row.sid),
        )


def _row(tx: Tx, case_id: str) -> Row:
    return tx.sole("SELECT * FROM subject_case WHERE id = :id", id=case_id)


def _case(tx: Tx, org: OrganisationId, case_id: str, kind: CaseKind) -> tuple[Row, Row] | Declined | None:
    """The open case with its subject; None: that organisation has no such case."""
    row = tx.one("SELECT * FROM subject_case WHERE id = :id AND org_id = :org", id=case_id, org=org)
    if row is None:
        return None
    if row.kind != kind:
        return OTHER_KIND
    if row.state != "open":
        return NOT_OPEN
    return row, tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=row.sid)
