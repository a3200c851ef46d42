"""The log's heads: checkpoints, proofs, notes."""

from dialer.evidence.checkpoint import Checkpoint, parse_note
from dialer.evidence.tree import consistency_proof
from dialer.storage.dnc import dnc_head
from dialer.storage.log import get_node
from dialer.storage.sql import Tx
from dialer.storage.store import Store


class StoredHeads:
    """`ports.Heads` on the database."""

    def __init__(self, store: Store, origin: str) -> None:
        self._store = store
        self._origin = origin

    async def checkpoint_body(self) -> tuple[int, bytes]:
        def work(tx: Tx) -> tuple[int, bytes]:
            head = tx.sole("SELECT size, root FROM log_head WHERE id = 1")
            checkpoint = Checkpoint(self._origin, int(head.size), bytes(head.root), dnc_head(tx))
            return checkpoint.size, checkpoint.body()

        return await self._store.read(work)

    async def consistency(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        return await self._store.read(
            lambda tx: consistency_proof(lambda level, index: get_node(tx, level, index), old_size, new_size)
        )

    async def keep_note(self, size: int, note: bytes) -> None:
        await self._store.write(
            lambda tx: tx.run(
                "INSERT INTO checkpoint (size, note, signed_us) VALUES (:size, :note, NOW_US) ON CONFLICT (size) DO NOTHING",
                size=size,
                note=note.decode(),
            )
        )

    async def keep_cosignature(self, size: int, line: str) -> None:
        def work(tx: Tx) -> None:
            row = tx.sole("SELECT note FROM checkpoint WHERE size = :size", size=size)
            note = parse_note((row.note + line).encode())
            tx.run(
                "UPDATE checkpoint SET note = :note, cosigned_us = NOW_US WHERE size = :size",
                note=note.to_bytes().decode(),
                size=size,
            )

        await self._store.write(work)

    async def sizes(self) -> tuple[int, int]:
        def work(tx: Tx) -> tuple[int, int]:
            row = tx.sole(
                "SELECT COALESCE(MAX(size), 0) AS signed,"
                " COALESCE(MAX(CASE WHEN cosigned_us IS NOT NULL THEN size ELSE 0 END), 0) AS cosigned FROM checkpoint"
            )
            return int(row.signed), int(row.cosigned)

        return await self._store.read(work)

    async def note(self, size: int) -> bytes:
        row = await self._store.read(
            lambda tx: tx.sole("SELECT note FROM checkpoint WHERE size = :size", size=size)
        )
        return str(row.note).encode()
