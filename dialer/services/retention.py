"""Destroys what has been kept long enough: no call before its term, none whose proof isn't whole, nobody under a hold (D12)."""

from dataclasses import dataclass
from typing import Final, Protocol

from dialer.services.subject_rights import gone_of

PURGES_A_RUN_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class Due:
    """A call whose term is over and whose proof is whole in the database. `path`: its recording's file, if it has one."""

    attempt_id: str
    path: str | None


@dataclass(frozen=True, slots=True)
class Purge:
    """What one run did. `kept_back`: calls whose term is over but whose recording's file is missing."""

    calls: int
    people: int
    kept_back: tuple[str, ...]


class Kept(Protocol):
    """What is kept, in the database."""

    async def due(self, limit: int) -> tuple[Due, ...]: ...

    async def purge(self, attempt_id: str) -> tuple[str, ...] | None:
        """Destroy with its leaf; the vault's paths that have to go. None: it is no longer due."""
        ...

    async def people_due(self, limit: int) -> tuple[str, ...]: ...

    async def erase(self, sid: str) -> tuple[str, ...] | None: ...

    async def files_gone(self, paths: tuple[str, ...]) -> None: ...


class Files(Protocol):
    """The vault's files."""

    async def is_there(self, path: str) -> bool: ...

    async def remove(self, path: str) -> None: ...


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """The verb of the timer."""

    kept: Kept
    files: Files

    async def run(self) -> Purge:
        """One run over what is due now."""
        calls, kept_back = 0, []
        for due in await self.kept.due(PURGES_A_RUN_MAX):
            if due.path is not None and not await self.files.is_there(due.path):
                kept_back.append(due.attempt_id)
                continue
            calls += await self._destroyed(await self.kept.purge(due.attempt_id))
        people = 0
        for sid in await self.kept.people_due(PURGES_A_RUN_MAX):
            people += await self._destroyed(await self.kept.erase(sid))
        return Purge(calls, people, tuple(kept_back))

    async def _destroyed(self, paths: tuple[str, ...] | None) -> bool:
        if paths is None:
            return False
        gone = await gone_of(self.files, paths)
        if gone:
            await self.kept.files_gone(gone)
        return True
