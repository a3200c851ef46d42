"""Clear sound whose attempt is over: a crash between hang-up and sealing, or a vault that was full, left it behind.

It is sealed as any other recording; where that is done already, only the clear files go.
"""

from collections.abc import Callable

import structlog

from dialer.calls.attempt import FINAL
from dialer.domain.errors import VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.ports.audio import AudioVault, Recordings
from dialer.ports.calls import Calls

_log = structlog.get_logger()


class LeftoverSound:
    """Seals what the spool still has."""

    def __init__(
        self,
        calls: Calls,
        audio: AudioVault,
        recordings: Recordings,
        is_under_way: Callable[[AttemptId], bool],
    ) -> None:
        """`is_under_way`: whether somebody else will seal this attempt's sound."""
        self._calls = calls
        self._audio = audio
        self._recordings = recordings
        self._is_under_way = is_under_way

    async def seal(self) -> int:
        """Seal all that belongs to attempts which are over; how many there were.

        Raises:
            StoreUnavailable: the rest waits for the next turn.
            VaultUnavailable: likewise; the spool still has it.
        """
        done = 0
        for attempt_id in await self._audio.waiting():
            if self._is_under_way(attempt_id):
                continue
            call = await self._calls.view(attempt_id)
            if call is None:
                _log.warning("spool.not_ours", attempt_id=attempt_id)
                continue
            if call.state not in FINAL:
                continue
            if not await self._recordings.has(attempt_id):
                audio = await self._audio.seal(attempt_id)
                if audio is None:
                    raise VaultUnavailable("sound that was there can't be found")
                await self._recordings.sealed(attempt_id, audio)
            await self._audio.discard_spool(attempt_id)
            _log.info("spool.sealed", attempt_id=attempt_id)
            done += 1
        return done
