"""`services.outside_lists.OutsideListStore`: versions of outside lists, written beside the one in use and switched by one row."""

import asyncio
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from dialer.domain.ids import OrganisationId
from dialer.domain.phone import BadNumber, parse_phone
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, EventType
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.services.import_progress import Progress
from dialer.services.outside_lists import NewVersion
from dialer.services.views.floor import RejectedRow
from dialer.services.views.refusals import OutsideListState, OutsideListTaken
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.outside_lists import write_list
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_people import OutsideList
from dialer.storage.times import micros, moment

REJECTED_SHOWN_MAX: Final = 1_000
LINE_BYTES_MAX: Final = 1_000
_PLAIN_CN: Final = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
"""Most rows of a Chinese list: read without the numbering plan, which takes a hundred times as long."""
_EMPTY: Final = Declined(
    "list.empty",
    Sentence("名单里没有可读的号码，未启用。", "The list has no readable number and is not taken into use."),
)
_SHRUNK: Final = Declined(
    "list.shrunk",
    Sentence(
        "新名单不到现用名单的一半，未启用。请核对文件。",
        "The new list has less than half of the one in use and is not taken; please check the file.",
    ),
)
_OLDER: Final = Declined(
    "list.older",
    Sentence(
        "名单的时间不晚于现用名单，或晚于现在。",
        "The list is not newer than the one in use, or from the future.",
    ),
)


@dataclass(slots=True)
class _Written:
    """A version's file on its way into use."""

    path: Path
    entries: int = 0
    sha256: str = ""
    rows: int = 0
    unreadable: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)

    def digests(
        self, file: BinaryIO, country: str, hashed: Callable[[str], bytes], progress: Progress
    ) -> Iterator[bytes]:
        """The hashes of a file's numbers, while its rows are counted; a first line without digits is its heading.

        Read line by line, for a national registry is larger than memory. Digits are the same bytes in every encoding
        that such lists come in; what isn't a number is counted, whatever it says.
        """
        for line, raw in enumerate(_lines(file), start=1):
            cell = raw.decode("utf-8", "replace").lstrip("\ufeff").strip().strip('"')
            progress.done += len(raw)
            if not cell or (line == 1 and not any(c.isdigit() for c in cell)):
                continue
            self.rows += 1
            progress.rows = self.rows
            number = _number(cell, country)
            if isinstance(number, str):
                yield hashed(number)
                continue
            self.unreadable += 1
            if len(self.rejected) < REJECTED_SHOWN_MAX:
                sentence = Sentence(number.zh, number.en)
                self.rejected.append(RejectedRow(line, "number", f"number.{number.problem}", sentence))


class StoredOutsideLists:
    """The lists in use, and new versions of them."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring, clock: Clock, folder: Path) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._clock = clock
        self._folder = folder

    async def lists(self) -> tuple[OutsideListState, ...]:
        """Every list in use, with its age."""
        rows = await self._store.read(
            lambda tx: tx.all("SELECT * FROM outside_list WHERE current = :yes ORDER BY kind", yes=True)
        )
        return tuple(self._state(row) for row in rows)

    async def take(
        self, org: OrganisationId | None, actor: Actor, new: NewVersion, progress: Progress
    ) -> OutsideListTaken | Declined:
        """A file of numbers, one a line, in use from now on.

        Not taken: one that is empty, not newer than the one in use, or has less than half of its entries.
        """
        written = await asyncio.to_thread(self._write, new, progress)
        state = await self._switch(org, actor, new, written)
        if isinstance(state, Declined):
            written.path.unlink(missing_ok=True)
            return state
        return OutsideListTaken(state, written.rows, written.unreadable, tuple(written.rejected))

    def incoming(self) -> Path:
        """A path in the lists' own folder for a file on its way in; it names nobody and is the caller's to unlink."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / f"{secrets.token_hex(8)}.incoming"

    def sweep(self) -> None:
        """Remove what a process that fell left on its way in: it holds numbers in the clear."""
        for left in (*self._folder.glob("*.incoming"), *self._folder.glob("*.part")):
            left.unlink(missing_ok=True)

    def _write(self, new: NewVersion, progress: Progress) -> _Written:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = _Written(self._folder / f"{new.kind}-{secrets.token_hex(8)}.hashes")
        progress.whole = new.path.stat().st_size
        with new.path.open("rb") as file:
            digests = written.digests(file, new.country, self._keyring.platform_hmac, progress)
            written.entries, written.sha256 = write_list(written.path, digests)
        return written

    async def _switch(
        self, org: OrganisationId | None, actor: Actor, new: NewVersion, written: _Written
    ) -> OutsideListState | Declined:
        now = self._clock.now()

        def work(tx: Tx) -> Row | Declined:
            used = tx.one(
                "SELECT * FROM outside_list WHERE kind = :kind AND current = :yes", kind=new.kind, yes=True
            )
            declined = _declined(used, written.entries, new.as_of, now)
            if declined is not None:
                return declined
            version = f"{new.as_of:%Y-%m-%dT%H:%M:%SZ}"
            tx.run(
                "UPDATE outside_list SET current = :no WHERE kind = :kind AND current = :yes",
                kind=new.kind,
                yes=True,
                no=False,
            )
            row = OutsideList(
                id=secrets.token_hex(8),
                kind=new.kind,
                version=version,
                sha256=written.sha256,
                path=str(written.path),
                entries=written.entries,
                as_of_us=micros(new.as_of),
                current=True,
            )
            tx.insert(row)
            says: dict[str, Json] = {
                "what": "outside_list.switched",
                "list": new.kind,
                "version": version,
                "sha256": written.sha256,
                "entries": written.entries,
            }
            draft = Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org)
            self._log.append(tx, draft, tx.now_us())
            return tx.sole("SELECT * FROM outside_list WHERE id = :id", id=row.id)

        done = await self._store.write(work)
        return done if isinstance(done, Declined) else self._state(done)

    def _state(self, row: Row) -> OutsideListState:
        as_of = moment(row.as_of_us)
        hours = int((self._clock.now() - as_of).total_seconds() // 3600)
        return OutsideListState(row.kind, row.version, int(row.entries), row.sha256, as_of, hours)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of a file, a longer one in pieces: a file without line ends doesn't fill the memory."""
    while raw := file.readline(LINE_BYTES_MAX):
        yield raw


def _declined(used: Row | None, entries: int, as_of: datetime, now: datetime) -> Declined | None:
    """Why a version is not taken into use; a list that lost most of its numbers would open them all to calls."""
    if entries == 0:
        return _EMPTY
    if as_of > now or (used is not None and micros(as_of) <= used.as_of_us):
        return _OLDER
    if used is not None and entries * 2 < used.entries:
        return _SHRUNK
    return None


def _number(cell: str, country: str) -> str | BadNumber:
    plain = _PLAIN_CN.fullmatch(cell)
    if plain is not None and (country == "CN" or cell.startswith("+86")):
        return f"+86{plain.group(1)}"
    number = parse_phone(cell, country)
    return number if isinstance(number, BadNumber) else number.e164
