"""`ports.PacingMemory` on the database: a row a campaign."""

from typing import Final

import structlog
from pydantic import TypeAdapter, ValidationError

from dialer.domain.ids import CampaignId
from dialer.pacing.knowledge import Learned
from dialer.pacing.why import Sentence
from dialer.ports.pacing import Said
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.tables_pacing import PacingMemoryRow
from dialer.storage.times import moment

_LEARNED: Final = TypeAdapter(Learned)
_log = structlog.get_logger()


class StoredPacingMemory:
    """Reads and writes `pacing_memory`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def recall(self, campaign_id: CampaignId) -> Learned | None:
        """What an earlier run learned; None: nothing, or a shape that this version no longer reads."""

        def read(tx: Tx) -> str | None:
            row = tx.one("SELECT learned_json FROM pacing_memory WHERE campaign_id = :id", id=campaign_id)
            return None if row is None else row.learned_json

        text = await self._store.read(read)
        if text is None:
            return None
        try:
            return _LEARNED.validate_json(text)
        except ValidationError:
            _log.warning("pacing.forgotten", campaign_id=campaign_id)
            return None

    async def keep(self, campaign_id: CampaignId, learned: Learned | None, sentence: Sentence) -> None:
        """Replace the row; without laws the kept ones stay."""
        text = None if learned is None else _LEARNED.dump_json(learned).decode()

        def write(tx: Tx) -> None:
            changed = tx.run(
                "UPDATE pacing_memory SET learned_json = COALESCE(:learned, learned_json), said_zh = :zh, said_en = :en,"
                " said_us = NOW_US WHERE campaign_id = :id",
                learned=text,
                zh=sentence.zh,
                en=sentence.en,
                id=campaign_id,
            )
            if changed == 0:
                tx.put(
                    PacingMemoryRow,
                    campaign_id=campaign_id,
                    learned_json=text,
                    said_zh=sentence.zh,
                    said_en=sentence.en,
                    said_us=tx.now_us(),
                )

        await self._store.write(write)

    async def said(self, campaign_id: CampaignId) -> Said | None:
        """The pacer's last sentence about the campaign; None: it has never looked at it."""

        def read(tx: Tx) -> Said | None:
            row = tx.one(
                "SELECT said_zh, said_en, said_us FROM pacing_memory WHERE campaign_id = :id", id=campaign_id
            )
            return None if row is None else Said(Sentence(row.said_zh, row.said_en), moment(row.said_us))

        return await self._store.read(read)
