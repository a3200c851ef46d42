"""Unlinks recordings whose keys were destroyed."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from dialer.domain.errors import VaultUnavailable


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """`services.subject_rights.RecordingFiles` on a local folder."""

    root: Path

    async def remove(self, path: str) -> None:
        """Unlink; no error when it is already gone.

        Raises:
            VaultUnavailable: it lies there still; without its key nobody opens it.
        """
        await asyncio.to_thread(self._remove, path)

    async def is_there(self, path: str) -> bool:
        """Whether the file can be read."""
        return await asyncio.to_thread((self.root / path).is_file)

    def _remove(self, path: str) -> None:
        file = (self.root / path).resolve()
        if not file.is_relative_to(self.root.resolve()):
            raise VaultUnavailable("a recording's path leads out of the vault")
        try:
            file.unlink(missing_ok=True)
        except OSError as failure:
            raise VaultUnavailable("a recording's file can't be unlinked") from failure
