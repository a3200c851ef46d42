"""Calls to our numbers in the database: the gate takes them, the dialer closes them.

The caller's number stands in no column in the clear: the gate seals it to its own key, so the database alone names nobody,
and the dialer asks the gate for it. Closing makes subject, recording, consent and leaf in one transaction.
"""

import json
import secrets
from collections.abc import Callable
from datetime import datetime, time
from typing import Final

from dialer.calls.inbound import InboundMode, OpeningHours
from dialer.domain.ids import CampaignId, InboundId, OrganisationId, SeatId, UserId
from dialer.domain.phone import PhoneNumber, parse_phone
from dialer.domain.purpose import Purpose
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.evidence.record import Recording as RecordingInLeaf
from dialer.ports.audio import SealedAudio
from dialer.ports.inbound import InboundEnd, InboundNo, InboundRoute, InboundTalk, InboundView, InboundYes
from dialer.ports.keys import Keyring
from dialer.storage.consent_forms import campaign_of
from dialer.storage.inbound_consent import consent_by_call, line_of
from dialer.storage.intake import subject_of
from dialer.storage.log import Draft, LogWriter, Subject
from dialer.storage.recordings import KEY, recording_row
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_inbound import InboundCall
from dialer.storage.times import micros, moment

Seal = Callable[[bytes], bytes]
REFUSED: Final = "refused"
CALLBACK: Final = "callback"
_GATE: Final = Actor(ActorKind.PROCESS, "gate")
_DIALER: Final = Actor(ActorKind.PROCESS, "dialer")
_OURS: Final = """
SELECT k.id, k.org_id, o.register_json AS org_register FROM caller_id k JOIN organisation o ON o.id = k.org_id
WHERE k.number IN (:plain, :plus, :e164) ORDER BY k.id LIMIT 1
"""


def take(tx: Tx, log: LogWriter, seal: Seal, uid: str, called: str, caller: str) -> InboundYes | InboundNo:
    """A call that the carrier brought, by the gate. `called`, `caller`: as the carrier wrote them.

    A withheld or unreadable caller is on the log like any other call, and nothing can come of it.
    """
    line = _line(tx, called)
    if line is None:
        return InboundNo.NOT_OURS
    country = str(json.loads(line.org_register).get("country", "CN"))
    number = parse_phone(caller, country)
    known = isinstance(number, PhoneNumber)
    mode = _mode(tx, line.org_id)
    inbound_id = InboundId(secrets.token_hex(16))
    now_us = tx.now_us()
    says: dict[str, Json] = {
        "inbound": inbound_id,
        "line": line.id,
        "caller": "known" if known else "withheld",
        "mode": mode.name.lower(),
    }
    seq = log.append(
        tx, Draft(type=EventType.INBOUND_RECEIVED, actor=_GATE, says=says, org=line.org_id), now_us
    )
    tx.insert(
        InboundCall(
            id=inbound_id,
            org_id=line.org_id,
            line=line.id,
            mode=str(mode),
            egress_uid=uid,
            caller_sealed=seal(number.e164.encode()) if isinstance(number, PhoneNumber) else b"",
            received_us=now_us,
            received_seq=seq,
            ended_us=None if known else now_us,
            ended_seq=None if known else seq,
        )
    )
    return InboundYes(inbound_id, mode) if known else InboundNo.UNKNOWN_CALLER


def sealed_caller(tx: Tx, inbound_id: str) -> bytes | None:
    """What the gate sealed of who calls; None: there is no such call, or it is closed."""
    row = tx.one("SELECT caller_sealed FROM inbound_call WHERE id = :id AND ended_us IS NULL", id=inbound_id)
    return None if row is None else bytes(row.caller_sealed)


def _line(tx: Tx, called: str) -> Row | None:
    plain = "".join(c for c in called if c.isdigit())
    if not plain:
        return None
    parsed = parse_phone(called, "CN")
    e164 = parsed.e164 if isinstance(parsed, PhoneNumber) else f"+{plain}"
    return tx.one(_OURS, plain=plain, plus=f"+{plain}", e164=e164)


def _mode(tx: Tx, org: str) -> InboundMode:
    line = line_of(tx, org)
    if line is None:
        return InboundMode.REFUSALS_ONLY
    hours = _hours(json.loads(line.source.register_json).get("hours"))
    is_open = hours is not None and hours.is_open(moment(tx.now_us()))
    return InboundMode.OPEN if is_open else InboundMode.CLOSED


def _hours(said: object) -> OpeningHours | None:
    """Opening hours of the register: {"zone", "opens", "closes", "weekdays"}; None: never open."""
    if not isinstance(said, dict):
        return None
    try:
        return OpeningHours(
            zone=str(said["zone"]),
            opens=time.fromisoformat(said["opens"]),
            closes=time.fromisoformat(said["closes"]),
            weekdays=frozenset(int(day) for day in said["weekdays"]),
        )
    except (KeyError, TypeError, ValueError):
        return None


class StoredInbound:
    """`ports.InboundCalls` on the database."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring

    async def view(self, inbound_id: InboundId) -> InboundView | None:
        row = await self._store.read(
            lambda tx: tx.one("SELECT * FROM inbound_call WHERE id = :id", id=inbound_id)
        )
        if row is None:
            return None
        return InboundView(
            inbound_id=inbound_id,
            org_id=OrganisationId(row.org_id),
            is_over=row.ended_us is not None,
            wants_callback=row.wish == CALLBACK,
            was_refused=row.wish == REFUSED,
        )

    async def wishes_callback(self, inbound_id: InboundId, at: datetime) -> bool:
        changed = await self._store.write(
            lambda tx: tx.run(
                "UPDATE inbound_call SET wish = :wish, wish_us = :at"
                " WHERE id = :id AND ended_us IS NULL AND wish IS NULL AND mode <> :only",
                wish=CALLBACK,
                at=micros(at),
                id=inbound_id,
                only=str(InboundMode.REFUSALS_ONLY),
            )
        )
        return changed == 1

    async def unwished(self, inbound_id: InboundId) -> None:
        await self._store.write(
            lambda tx: tx.run(
                "UPDATE inbound_call SET wish = NULL, wish_us = NULL WHERE id = :id AND wish = :wish",
                wish=CALLBACK,
                id=inbound_id,
            )
        )

    async def refused(self, inbound_id: InboundId, at: datetime) -> None:
        await self._store.write(
            lambda tx: tx.run(
                "UPDATE inbound_call SET wish = :wish, wish_us = :at WHERE id = :id AND wish IS DISTINCT FROM :wish",
                wish=REFUSED,
                at=micros(at),
                id=inbound_id,
            )
        )

    async def asks_agent(self, inbound_id: InboundId, number: str, at: datetime) -> InboundRoute | None:
        return await self._store.write(lambda tx: self._asks_agent(tx, inbound_id, number, at))

    async def connected(self, talk: InboundTalk) -> bool:
        def work(tx: Tx) -> bool:
            changed = tx.run(
                "UPDATE inbound_call SET agent_id = :agent, seat_id = :seat, connected_us = :at"
                " WHERE id = :id AND connected_us IS NULL AND sid IS NOT NULL",
                agent=talk.agent_id,
                seat=talk.seat_id,
                at=micros(talk.at),
                id=talk.inbound_id,
            )
            if changed:
                says: dict[str, Json] = {"agent": talk.agent_id, "seat": talk.seat_id, "at": micros(talk.at)}
                self._says(tx, EventType.INBOUND_CONNECTED, talk.inbound_id, _DIALER, says)
            return changed == 1

        return await self._store.write(work)

    async def disposed(self, inbound_id: InboundId, code: str, actor: Actor) -> bool:
        def work(tx: Tx) -> bool:
            changed = tx.run(
                "UPDATE inbound_call SET disposition = :code WHERE id = :id AND disposition IS NULL"
                " AND connected_us IS NOT NULL",
                code=code,
                id=inbound_id,
            )
            if changed:
                self._says(tx, EventType.INBOUND_DISPOSED, inbound_id, actor, {"code": code})
            return changed == 1

        return await self._store.write(work)

    async def close(self, end: InboundEnd) -> bool:
        return await self._store.write(lambda tx: self._close(tx, end))

    async def talking(self) -> tuple[InboundTalk, ...]:
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT * FROM inbound_call WHERE ended_us IS NULL AND connected_us IS NOT NULL"
            )
        )
        return tuple(
            InboundTalk(InboundId(r.id), UserId(r.agent_id), SeatId(r.seat_id), moment(r.connected_us))
            for r in rows
        )

    async def left_open(self, older_than_seconds: float) -> tuple[InboundId, ...]:
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT id FROM inbound_call WHERE ended_us IS NULL AND received_us < NOW_US - :age LIMIT 1000",
                age=int(older_than_seconds * 1_000_000),
            )
        )
        return tuple(InboundId(row.id) for row in rows)

    def _asks_agent(self, tx: Tx, inbound_id: str, number: str, at: datetime) -> InboundRoute | None:
        call = tx.one("SELECT * FROM inbound_call WHERE id = :id AND ended_us IS NULL", id=inbound_id)
        if call is None or call.mode != InboundMode.OPEN:
            return None
        line = line_of(tx, call.org_id)
        org = OrganisationId(call.org_id)
        campaign = None if line is None else campaign_of(tx, org, Purpose(line.text.purpose))
        if line is None or campaign is None:
            return None
        subject = subject_of(tx, self._keyring, call.org_id, number)
        tx.run(
            "UPDATE inbound_call SET asked_us = COALESCE(asked_us, :at), sid = :sid WHERE id = :id",
            at=micros(at),
            sid=subject.sid,
            id=call.id,
        )
        language = str(json.loads(line.text.register_json).get("language", ""))
        return InboundRoute(org, CampaignId(campaign.id), language)

    def _says(self, tx: Tx, kind: EventType, inbound_id: str, actor: Actor, says: dict[str, Json]) -> None:
        call = tx.sole(
            "SELECT i.*, s.wrapped_key FROM inbound_call i JOIN subject s ON s.sid = i.sid WHERE i.id = :id",
            id=inbound_id,
        )
        draft = _draft(kind, call, call, {"inbound": call.id} | says, actor=actor)
        self._log.append(tx, draft, tx.now_us())

    def _close(self, tx: Tx, end: InboundEnd) -> bool:
        call = tx.one("SELECT * FROM inbound_call WHERE id = :id AND ended_us IS NULL", id=end.inbound_id)
        if call is None:
            return False
        now_us = tx.now_us()
        subject = subject_of(tx, self._keyring, call.org_id, end.number)
        sealed_seq = None if end.audio is None else self._recording(tx, call, subject, end.audio, now_us)
        consent_id = None
        if call.wish == CALLBACK and end.audio is not None:
            consent_id = consent_by_call(tx, self._log, self._keyring, call, subject, end.audio)
        says: dict[str, Json] = {
            "inbound": call.id,
            "wish": call.wish or "none",
            "asked_agent": "yes" if call.asked_us is not None else "no",
            "recording": end.audio.recording_id if end.audio is not None else "",
            "received_at": call.received_us,
        }
        seq = self._log.append(tx, _draft(EventType.INBOUND_ENDED, call, subject, says), now_us)
        tx.run(
            "UPDATE inbound_call SET ended_us = :now, sid = :sid, caller_sealed = :nothing, consent_id = :consent,"
            " sealed_seq = :sealed, ended_seq = :seq WHERE id = :id",
            now=now_us,
            sid=subject.sid,
            nothing=b"",
            consent=consent_id,
            sealed=sealed_seq,
            seq=seq,
            id=call.id,
        )
        return True

    def _recording(self, tx: Tx, call: Row, subject: Row, audio: SealedAudio, now_us: int) -> int:
        gaps: list[Json] = [{"from_ms": g.from_ms, "to_ms": g.to_ms, "why": g.why} for g in audio.gaps]
        says: dict[str, Json] = {
            "inbound": call.id,
            "rec.pcm_sha256": audio.pcm_sha256,
            "rec.flac_sha256": audio.flac_sha256,
            "gaps": gaps,
        }
        in_leaf = RecordingInLeaf(
            id=audio.recording_id,
            ct_sha256=bytes.fromhex(audio.ct_sha256),
            ct_bytes=audio.ct_bytes,
            frames=audio.frames,
            rate_hz=audio.rate_hz,
            channels=audio.channels,
        )
        seq = self._log.append(tx, _draft(EventType.RECORDING_SEALED, call, subject, says, in_leaf), now_us)
        wrapped = self._keyring.encrypt(bytes(subject.wrapped_key), subject.sid, KEY, audio.key)
        tx.insert(recording_row(audio, wrapped, gaps, inbound_id=call.id))
        return seq


def _draft(
    kind: EventType,
    call: Row,
    subject: Row,
    says: dict[str, Json],
    recording: RecordingInLeaf | None = None,
    actor: Actor = _DIALER,
) -> Draft:
    """A leaf of a call. `subject`: a row with `sid` and `wrapped_key`."""
    return Draft(
        type=kind,
        actor=actor,
        says=says,
        org=call.org_id,
        subject=Subject(subject.sid, bytes(subject.wrapped_key)),
        recording=recording,
    )
