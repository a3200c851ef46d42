"""Gathers the parts of one attempt's bundle from the database, in one snapshot."""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.bundle import Parts, inclusions_of
from dialer.evidence.checkpoint import Note, parse_note
from dialer.evidence.dnc_proof import PLATFORM_SCOPE, org_scope
from dialer.evidence.dnc_tree import prove_place
from dialer.evidence.manifest import Missing
from dialer.evidence.parts import Dnc, DncPlace, Earlier
from dialer.evidence.payload import Payload
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.tree import consistency_proof
from dialer.evidence.trust import KeyUse, Trust
from dialer.ports.bundle import Gathered, NotYetSigned, SealedRecording
from dialer.ports.keys import Keyring
from dialer.storage.access import LOOKS
from dialer.storage.dnc import dnc_node
from dialer.storage.intake_rows import ARTEFACT_FILE, RECORD_FILE, SHOWN_FILE
from dialer.storage.log import get_node, open_payload
from dialer.storage.personal import CONSENT, NUMBER
from dialer.storage.recordings import KEY
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store

ERASED: Final = "erased"
KEY_LOST: Final = "key_lost"


class StoredBundleParts:
    """`ports.BundleParts` on the database."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        trust: Trust,
        software: str,
        verifiers: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._trust = trust
        self._software = software
        self._verifiers = verifiers

    async def gather(
        self, org: OrganisationId, attempt_id: AttemptId, *, is_final_try: bool
    ) -> Gathered | NotYetSigned | None:
        found = await self._store.read(
            lambda tx: gather(
                tx, self._keyring, self._trust, org, attempt_id, self._software, is_final_try=is_final_try
            )
        )
        if isinstance(found, Gathered):
            return replace(found, parts=replace(found.parts, verifiers=self._verifiers))
        return found

    async def recording(self, org: OrganisationId, attempt_id: AttemptId) -> SealedRecording | None:
        def work(tx: Tx) -> SealedRecording | None:
            attempt = tx.one(
                "SELECT a.id, a.sid, s.wrapped_key FROM attempt a JOIN subject s ON s.sid = a.sid"
                " WHERE a.id = :id AND a.org_id = :org",
                id=attempt_id,
                org=org,
            )
            return None if attempt is None else _recording(tx, self._keyring, attempt)

        return await self._store.read(work)


def gather(
    tx: Tx,
    keyring: Keyring,
    trust: Trust,
    org: OrganisationId,
    attempt_id: AttemptId,
    software: str,
    *,
    is_final_try: bool,
) -> Gathered | NotYetSigned | None:
    """Everything that the bundle of one attempt holds; None: that organisation has no such attempt."""
    attempt = tx.one(
        "SELECT a.*, s.wrapped_key, s.number_ct FROM attempt a JOIN subject s ON s.sid = a.sid"
        " WHERE a.id = :id AND a.org_id = :org",
        id=attempt_id,
        org=org,
    )
    if attempt is None:
        return None
    rows = tx.all(
        "SELECT seq, body, type FROM leaf WHERE attempt_id = :attempt"
        " OR (consent_id = :consent AND type LIKE 'consent.%') OR type = 'key.rotated' ORDER BY seq",
        attempt=attempt_id,
        consent=attempt.consent_id or "",
    )
    happened = [int(r.seq) for r in rows if r.type not in LOOKS and r.type != EventType.KEY_ROTATED]
    note = _note(tx, max(happened), is_final_try=is_final_try)
    if note is None:
        return NotYetSigned()
    size = note.checkpoint().size
    # who looked since that checkpoint is in the next bundle; it changes nothing of what is proven here
    leaves = {int(r.seq): bytes(r.body) for r in rows if int(r.seq) < size}
    payloads: dict[int, Payload] = {}
    missing: list[Missing] = []
    for seq in leaves:
        payload = open_payload(tx, keyring, seq)
        if payload is not None:
            payloads[seq] = payload
        elif parse_leaf(leaves[seq]).event.commit is not None:
            missing.append(Missing(f"payload:{seq}", ERASED))
    decided = tx.one(
        "SELECT leaf_seq FROM decision WHERE attempt_id = :id ORDER BY at_us LIMIT 1", id=attempt_id
    )
    before = _note_before(tx, int(decided.leaf_seq) if decided is not None else min(happened))
    recording = _recording(tx, keyring, attempt)
    if recording is None and attempt.answered_us is not None:
        missing.append(Missing("recording", _why_no_sound(tx, attempt_id)))
    dnc = _dnc(tx, keyring, trust, attempt, note, before)
    if dnc is None:
        missing.append(Missing("dnc", KEY_LOST if keyring.dnc_lost_until else ERASED))
    parts = Parts(
        attempt_id=attempt_id,
        org=org,
        made_us=tx.now_us(),
        sw=software,
        leaves=leaves,
        note=note,
        inclusions=inclusions_of(leaves, size, lambda level, index: get_node(tx, level, index)),
        payloads=payloads,
        trust=trust,
        earlier=_earlier(tx, before, size),
        consent=_consent_files(tx, keyring, attempt),
        dnc=dnc,
        missing=tuple(missing),
    )
    return Gathered(parts, recording)


def _note(tx: Tx, last_seq: int, *, is_final_try: bool) -> Note | None:
    """The newest cosigned checkpoint over what happened; on the final try a signed one will do, and verifiers say so."""
    row = tx.one(
        "SELECT note FROM checkpoint WHERE size > :last AND cosigned_us IS NOT NULL ORDER BY size DESC LIMIT 1",
        last=last_seq,
    )
    if row is None and is_final_try:
        row = tx.one(
            "SELECT note FROM checkpoint WHERE size > :last ORDER BY size DESC LIMIT 1", last=last_seq
        )
    return None if row is None else parse_note(str(row.note).encode())


def _note_before(tx: Tx, seq: int) -> Note | None:
    row = tx.one("SELECT note FROM checkpoint WHERE size <= :seq ORDER BY size DESC LIMIT 1", seq=seq)
    return None if row is None else parse_note(str(row.note).encode())


def _earlier(tx: Tx, before: Note | None, size: int) -> tuple[Earlier, ...]:
    if before is None:
        return ()
    old = before.checkpoint().size
    return (Earlier(before, consistency_proof(lambda level, index: get_node(tx, level, index), old, size)),)


def _dnc(tx: Tx, keyring: Keyring, trust: Trust, attempt: Row, note: Note, before: Note | None) -> Dnc | None:
    if attempt.wrapped_key is None or attempt.number_ct is None or keyring.dnc_lost_until:
        return None
    number = keyring.decrypt(
        bytes(attempt.wrapped_key), attempt.sid, NUMBER, bytes(attempt.number_ct)
    ).decode()
    after_head = note.checkpoint().dnc
    before_head = before.checkpoint().dnc if before is not None else None
    if after_head is None:
        return None
    ids = {key.public: key.id() for key in trust.of(KeyUse.VRF)}
    places = []
    for scope in (org_scope(attempt.org_id), PLATFORM_SCOPE):
        for under in keyring.dnc_places(scope, number):

            def get(digest: bytes) -> bytes:
                return dnc_node(tx, digest)

            places.append(
                DncPlace(
                    scope=scope,
                    key=ids[under.public],
                    vrf_proof=under.proof,
                    before=prove_place(before_head.root, under.place, get) if before_head else None,
                    after=prove_place(after_head.root, under.place, get),
                )
            )
    before_size = before.checkpoint().size if before is not None and before_head is not None else None
    return Dnc(before_size, tuple(places))


def _consent_files(tx: Tx, keyring: Keyring, attempt: Row) -> dict[str, bytes]:
    row = tx.one("SELECT payload_ct, sid FROM consent WHERE id = :id", id=attempt.consent_id or "")
    if row is None or row.payload_ct is None or attempt.wrapped_key is None:
        return {}
    words = json.loads(keyring.decrypt(bytes(attempt.wrapped_key), row.sid, CONSENT, bytes(row.payload_ct)))
    texts = {SHOWN_FILE: words.get("text", ""), RECORD_FILE: words.get("record", "")}
    files = {name: text.encode() for name, text in texts.items() if text}
    artefact = tx.one("SELECT name, ct FROM consent_artefact WHERE consent_id = :id", id=attempt.consent_id)
    if artefact is not None and artefact.ct is not None:
        key = bytes(attempt.wrapped_key)
        files[str(artefact.name)] = keyring.decrypt(key, row.sid, ARTEFACT_FILE, bytes(artefact.ct))
    return files


def _why_no_sound(tx: Tx, attempt_id: AttemptId) -> str:
    """Destroyed as a leaf says (`erased`, `purged`), or never recorded."""
    row = tx.one("SELECT state FROM recording WHERE attempt_id = :id", id=attempt_id)
    return str(row.state) if row is not None and row.state in ("erased", "purged") else "not_recorded"


def _recording(tx: Tx, keyring: Keyring, attempt: Row) -> SealedRecording | None:
    row = tx.one("SELECT * FROM recording WHERE attempt_id = :id AND state = 'sealed'", id=attempt.id)
    if row is None or attempt.wrapped_key is None:
        return None
    key = keyring.decrypt(bytes(attempt.wrapped_key), attempt.sid, KEY, bytes(row.wrapped_key))
    return SealedRecording(path=row.path, key=key, ct_sha256=row.ct_sha256)
