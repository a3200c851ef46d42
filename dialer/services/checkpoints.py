"""Signing and cosigning the log's head, behind the log and never in its way (decision 13)."""

import structlog

from dialer.domain.errors import SignerUnavailable
from dialer.ports.signatures import Heads, Signer, WitnessDoor

COSIGN_EVERY_SECONDS = 2
_log = structlog.get_logger()


class Checkpoints:
    """Signs each second what is new, has it cosigned at least every `COSIGN_EVERY_SECONDS`."""

    def __init__(self, heads: Heads, signer: Signer, witness: WitnessDoor) -> None:
        self._heads = heads
        self._signer = signer
        self._witness = witness
        self._signer_size: int | None = None
        self._witness_size: int | None = None
        self.conflict = ""
        """What the signer or the witness objects to: the log no longer extends what they saw. Empty: nothing."""

    async def sign(self) -> int:
        """Sign the head of this moment, if it is new; its size.

        Raises:
            SignerUnavailable: no note was made.
        """
        size, body = await self._heads.checkpoint_body()
        signed, _ = await self._heads.sizes()
        if size == signed:
            return size
        known = self._signer_size if self._signer_size is not None else signed
        for _ in range(2):
            answer = await self._signer.sign(body, await self._proof(known, size))
            if isinstance(answer, bytes):
                self._signer_size = size
                self.conflict = ""
                await self._heads.keep_note(size, answer)
                return size
            if answer == known or answer > size:
                break
            known = answer
        self.conflict = "signer"
        _log.error("checkpoint.conflict", by="signer")
        raise SignerUnavailable("the log does not extend what the signer signed")

    async def cosign(self) -> int:
        """Have the newest signed head cosigned, if it isn't; its size.

        Raises:
            SignerUnavailable: the witness does not answer or objects.
        """
        signed, cosigned = await self._heads.sizes()
        if signed == 0 or signed == cosigned:
            return cosigned
        note = await self._heads.note(signed)
        known = self._witness_size if self._witness_size is not None else cosigned
        for _ in range(2):
            answer = await self._witness.add(known, note, await self._proof(known, signed))
            if isinstance(answer, str):
                self._witness_size = signed
                await self._heads.keep_cosignature(signed, answer)
                return signed
            if answer == known or answer > signed:
                break
            known = answer
        self.conflict = "witness"
        _log.error("checkpoint.conflict", by="witness")
        raise SignerUnavailable("the log does not extend what the witness saw")

    async def _proof(self, old_size: int, new_size: int) -> tuple[bytes, ...]:
        return await self._heads.consistency(old_size, new_size)
