"""Refusals whose commit is not known, on disk before anybody is told that they were heard (decision 13).

One file, its blocks taken when the dialer starts, so that a full disk can't keep a refusal out. Everything in it is
encrypted: numbers lie nowhere in the clear. Slots of one size, each written by one `pwrite` and `fdatasync`:

    header   magic (8) ‖ length of the wrapped key (4) ‖ wrapped key
    slot     length (4; 0: free) ‖ SHA-256 of the ciphertext (32) ‖ ciphertext of a JSON object
"""

import asyncio
import json
import os
import struct
import threading
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import structlog

from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.errors import InstallationError, SealBroken, StoreUnavailable
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.keys import Keyring
from dialer.services.refusals import HeardInCall, Spooled, ToldRefusal

MAGIC: Final = b"refusal1"
SLOT_BYTES: Final = 1024
SLOTS: Final = 2047
FILE_BYTES: Final = SLOT_BYTES * (SLOTS + 1)
_HEAD: Final = struct.Struct(">I32s")
_OWNER: Final = "refusal-spool"
_log = structlog.get_logger()


class RefusalSpool:
    """`services.refusals.Spool`: one process opens the file and keeps it open."""

    def __init__(self, path: Path, keyring: Keyring) -> None:
        """Open the file or make it.

        Raises:
            InstallationError: it can't be made, isn't ours, or holds a refusal that can't be read; nothing may start.
        """
        self._keyring = keyring
        self._lock = threading.Lock()
        self._waiting: dict[int, Spooled] = {}
        self._in_memory = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self._wrapped = self._header(path)
            self._load()
        except OSError as failure:
            raise InstallationError("the spool of refusals can't be opened or has no room") from failure
        except (SealBroken, ValueError, KeyError) as damaged:
            raise InstallationError(
                "the spool of refusals holds what can't be read: a refusal may be lost, look before dialling"
            ) from damaged

    def close(self) -> None:
        """Close the file; what waits in it is read again at the next start."""
        os.close(self._file)

    async def keep(self, refusal: Spooled) -> None:
        """Keep it, fsynced before this returns. The same refusal takes one place.

        Raises:
            StoreUnavailable: the disk failed, too; it is kept in memory and still stops every call.
        """
        await asyncio.to_thread(self._keep, refusal)

    def waiting(self) -> tuple[tuple[int, Spooled], ...]:
        """What waits, oldest first; negative places are in memory alone."""
        with self._lock:
            return tuple(self._waiting.items())

    async def committed(self, place: int) -> None:
        """Free a place."""
        await asyncio.to_thread(self._free, place)

    # -------------------------------------------------------------- the file

    def _header(self, path: Path) -> bytes:
        head = os.pread(self._file, SLOT_BYTES, 0)
        if head[: len(MAGIC)] == MAGIC:
            size = int.from_bytes(head[8:12], "big")
            return head[12 : 12 + size]
        if any(head):
            raise ValueError("not a spool of refusals")
        os.posix_fallocate(self._file, 0, FILE_BYTES)
        wrapped = self._keyring.new_subject_key(_OWNER)
        self._write(0, MAGIC + len(wrapped).to_bytes(4, "big") + wrapped)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(self._file)
            os.fsync(folder)
        finally:
            os.close(folder)
        return wrapped

    def _load(self) -> None:
        for place in range(1, SLOTS + 1):
            slot = os.pread(self._file, SLOT_BYTES, place * SLOT_BYTES)
            size, digest = _HEAD.unpack_from(slot.ljust(_HEAD.size, b"\0"))
            if size == 0:
                continue
            ciphertext = slot[_HEAD.size : _HEAD.size + size]
            if sha256(ciphertext).digest() != digest:
                raise ValueError("a torn slot")
            said = json.loads(self._keyring.decrypt(self._wrapped, _OWNER, _OWNER, ciphertext))
            self._waiting[place] = _refusal(said)

    def _keep(self, refusal: Spooled) -> None:
        with self._lock:
            known = next((p for p, waiting in self._waiting.items() if waiting == refusal), None)
            if known is not None and known > 0:
                return
            try:
                place = next(p for p in range(1, SLOTS + 1) if p not in self._waiting)
                plaintext = json.dumps(_said(refusal), ensure_ascii=False).encode()
                ciphertext = self._keyring.encrypt(self._wrapped, _OWNER, _OWNER, plaintext)
                self._write(place, _HEAD.pack(len(ciphertext), sha256(ciphertext).digest()) + ciphertext)
            except (OSError, StopIteration, ValueError) as failure:
                if known is None:
                    self._in_memory -= 1
                    self._waiting[self._in_memory] = refusal
                _log.error("refusal.in_memory_alone", failure=type(failure).__name__)
                raise StoreUnavailable("a refusal could not be written to the spool") from failure
            self._waiting.pop(known or 0, None)
            self._waiting[place] = refusal

    def _free(self, place: int) -> None:
        with self._lock:
            if place > 0:
                try:
                    self._write(place, bytes(_HEAD.size))
                except OSError as failure:
                    # it is read again at the next start and committed again, which changes nothing
                    _log.error("refusal.not_freed", failure=type(failure).__name__)
            self._waiting.pop(place, None)

    def _write(self, place: int, content: bytes) -> None:
        if len(content) > SLOT_BYTES:
            raise ValueError("a refusal is larger than its slot")
        if os.pwrite(self._file, content.ljust(SLOT_BYTES, b"\0"), place * SLOT_BYTES) != SLOT_BYTES:
            raise OSError("a short write")
        os.fdatasync(self._file)


def _said(refusal: Spooled) -> dict[str, str | None]:
    if isinstance(refusal, HeardInCall):
        return {
            "attempt": refusal.attempt_id,
            "reason": str(refusal.reason),
            "scope": str(refusal.scope),
            "actor": _actor_text(refusal.actor),
        }
    return {
        "org": refusal.org_id,
        "number": refusal.number,
        "purpose": refusal.purpose,
        "reason": str(refusal.reason),
        "actor": _actor_text(refusal.actor),
        "said_at": refusal.said_at.isoformat() if refusal.said_at is not None else None,
        "via": refusal.via,
    }


def _refusal(said: dict[str, str]) -> Spooled:
    actor = _actor(said["actor"])
    if "attempt" in said:
        return HeardInCall(
            AttemptId(said["attempt"]), DncReason(said["reason"]), DncScope(said["scope"]), actor
        )
    if actor is None:
        raise ValueError("nobody told of it")
    return ToldRefusal(
        org_id=OrganisationId(said["org"]),
        number=said["number"],
        purpose=said["purpose"],
        reason=DncReason(said["reason"]),
        actor=actor,
        said_at=datetime.fromisoformat(said["said_at"]) if said["said_at"] else None,
        via=said["via"],
    )


def _actor_text(actor: Actor | None) -> str | None:
    return None if actor is None else f"{actor.kind}:{actor.id}"


def _actor(text: str | None) -> Actor | None:
    if text is None:
        return None
    kind, _, name = text.partition(":")
    return Actor(ActorKind(kind), name)
