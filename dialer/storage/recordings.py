"""What the database and the log keep of recordings."""

import json
from typing import Final

from dialer.domain.errors import VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.evidence.record import Recording as RecordingInLeaf
from dialer.ports.audio import SealedAudio
from dialer.ports.keys import Keyring
from dialer.storage.callbacks import prove_by_recording
from dialer.storage.log import LogWriter
from dialer.storage.moves import leaf_of_attempt, read_attempt
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.tables_calls import Recording

KEY: Final = "recording"
_PROCESS: Final = Actor(ActorKind.PROCESS, "dialer")


class StoredRecordings:
    """`ports.Recordings` on the database."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring

    async def sealed(self, attempt_id: AttemptId, audio: SealedAudio) -> None:
        await self._store.write(lambda tx: self._sealed(tx, attempt_id, audio))

    async def missing(self, attempt_id: AttemptId, why: str) -> None:
        def work(tx: Tx) -> None:
            if _there(tx, attempt_id):
                return
            attempt = read_attempt(tx, attempt_id)
            leaf_of_attempt(tx, self._log, attempt, EventType.RECORDING_MISSING, _PROCESS, {"why": why})
            tx.insert(Recording(id=f"missing-{attempt_id}", attempt_id=attempt_id, state="missing"))

        await self._store.write(work)

    async def has(self, attempt_id: AttemptId) -> bool:
        return await self._store.read(lambda tx: _there(tx, attempt_id))

    def _sealed(self, tx: Tx, attempt_id: AttemptId, audio: SealedAudio) -> None:
        if _there(tx, attempt_id):
            return
        attempt = read_attempt(tx, attempt_id)
        gaps: list[Json] = [{"from_ms": g.from_ms, "to_ms": g.to_ms, "why": g.why} for g in audio.gaps]
        says: dict[str, Json] = {
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
        leaf_of_attempt(tx, self._log, attempt, EventType.RECORDING_SEALED, _PROCESS, says, recording=in_leaf)
        wrapped = self._keyring.encrypt(bytes(attempt.wrapped_key), attempt.sid, KEY, audio.key)
        tx.insert(recording_row(audio, wrapped, gaps, attempt_id=attempt_id))
        prove_by_recording(tx, attempt_id)


class StoredRegions:
    """In which regions organisations keep their data (D10)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_attempt(self, attempt_id: AttemptId) -> str:
        """The region of the organisation of an attempt, or of a call to its number.

        Raises:
            VaultUnavailable: there is no such call, so nobody says where its recording may lie.
        """
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT o.region FROM organisation o WHERE o.id = (SELECT a.org_id FROM attempt a WHERE a.id = :id"
                " UNION ALL SELECT i.org_id FROM inbound_call i WHERE i.id = :id)",
                id=attempt_id,
            )
        )
        if row is None:
            raise VaultUnavailable("a recording of no attempt")
        return str(row.region)

    async def all(self) -> tuple[str, ...]:
        """Every organisation's region, once."""
        rows = await self._store.read(
            lambda tx: tx.all("SELECT DISTINCT region FROM organisation ORDER BY region")
        )
        return tuple(str(row.region) for row in rows)


def recording_row(
    audio: SealedAudio,
    wrapped_key: bytes,
    gaps: list[Json],
    *,
    attempt_id: str | None = None,
    inbound_id: str | None = None,
) -> Recording:
    """The row of sealed audio, of an attempt or of a call to our number."""
    return Recording(
        id=audio.recording_id,
        attempt_id=attempt_id,
        inbound_id=inbound_id,
        state="sealed",
        path=audio.path,
        wrapped_key=wrapped_key,
        pcm_sha256=audio.pcm_sha256,
        flac_sha256=audio.flac_sha256,
        ct_sha256=audio.ct_sha256,
        ct_bytes=audio.ct_bytes,
        frames=audio.frames,
        rate=audio.rate_hz,
        channels=audio.channels,
        gaps_json=json.dumps(gaps),
    )


def _there(tx: Tx, attempt_id: AttemptId) -> bool:
    return tx.one("SELECT 1 AS there FROM recording WHERE attempt_id = :id", id=attempt_id) is not None
