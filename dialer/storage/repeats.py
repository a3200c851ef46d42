"""Answers kept for repeated requests, each encrypted under a key that goes with its row."""

from typing import Final

from dialer.ports.keys import Keyring
from dialer.services.repeats import KEPT_HOURS, KeptAnswer, Met, Repeatable
from dialer.storage.sql import Tx
from dialer.storage.store import Store

PURPOSE: Final = "api-answer"
_KEPT_US: Final = KEPT_HOURS * 3600 * 1_000_000
_OF: Final = "org_id = :org AND user_id = :user AND key = :key"


class StoredRepeats:
    """`services.repeats.Repeats` on the database."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def begin(self, request: Repeatable) -> KeptAnswer | Met:
        def work(tx: Tx) -> KeptAnswer | Met:
            now_us = tx.now_us()
            tx.run(
                f"DELETE FROM api_repeat WHERE {_OF} AND begun_us <= :old",
                **_of(request),
                old=now_us - _KEPT_US,
            )
            inserted = tx.run(
                "INSERT INTO api_repeat (org_id, user_id, key, fingerprint, begun_us)"
                " VALUES (:org, :user, :key, :fingerprint, :now) ON CONFLICT (org_id, user_id, key) DO NOTHING",
                **_of(request),
                fingerprint=request.fingerprint,
                now=now_us,
            )
            if inserted == 1:
                return Met.FIRST
            row = tx.sole(f"SELECT * FROM api_repeat WHERE {_OF}", **_of(request))
            if row.fingerprint != request.fingerprint:
                return Met.REUSED
            if row.answer_ct is None or row.wrapped_key is None:
                return Met.UNANSWERED
            opened = self._keyring.decrypt(
                bytes(row.wrapped_key), _name(request), PURPOSE, bytes(row.answer_ct)
            )
            content_type, _, body = opened.partition(b"\n")
            return KeptAnswer(int(row.status), content_type.decode(), body)

        return await self._store.write(work)

    async def answered(self, request: Repeatable, answer: KeptAnswer) -> None:
        wrapped = self._keyring.new_subject_key(_name(request))
        plain = answer.content_type.encode() + b"\n" + answer.body
        ciphertext = self._keyring.encrypt(wrapped, _name(request), PURPOSE, plain)
        await self._store.write(
            lambda tx: tx.run(
                f"UPDATE api_repeat SET status = :status, wrapped_key = :wrapped, answer_ct = :ct WHERE {_OF}",
                **_of(request),
                status=answer.status,
                wrapped=wrapped,
                ct=ciphertext,
            )
        )

    async def forget(self, request: Repeatable) -> None:
        await self._store.write(
            lambda tx: tx.run(f"DELETE FROM api_repeat WHERE {_OF} AND answer_ct IS NULL", **_of(request))
        )

    async def purge(self) -> int:
        return await self._store.write(
            lambda tx: tx.run("DELETE FROM api_repeat WHERE begun_us <= :old", old=tx.now_us() - _KEPT_US)
        )


def _of(request: Repeatable) -> dict[str, object]:
    return {"org": request.org, "user": request.user, "key": request.key}


def _name(request: Repeatable) -> str:
    return f"{request.org}/{request.user}/{request.key}"
