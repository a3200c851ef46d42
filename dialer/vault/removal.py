"""Takes objects away whose keys were destroyed."""

import asyncio
from dataclasses import dataclass

from dialer.vault.objects import Objects


@dataclass(frozen=True, slots=True)
class VaultFiles:
    """`services.subject_rights.RecordingFiles` on the vault's objects."""

    objects: Objects

    async def remove(self, path: str) -> None:
        """Take it away; no error when it is already gone.

        Raises:
            VaultUnavailable: it lies there still; without its key nobody opens it.
        """
        await asyncio.to_thread(self.objects.remove, path)

    async def is_there(self, path: str) -> bool:
        """Whether it can be read."""
        return await asyncio.to_thread(self.objects.is_there, path)
