"""A list with the files that prove its consents: a ZIP of one CSV and the artefacts that its rows name. Pure.

Nothing is unpacked to a disk. Every bound is checked against the bytes that come out, not against what the archive says
of itself, so that neither a bomb nor a forged directory gets past it.
"""

import io
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Final

from dialer.services.lead_rows import ARTEFACT_MISSING, FILE_BYTES_MAX, ArtefactFile, FileRefused
from dialer.services.views.words import Sentence

ARCHIVE_BYTES_MAX: Final = 256 * 1024 * 1024
FILES_MAX: Final = 100_000
ARTEFACT_BYTES_MAX: Final = 8 * 1024 * 1024
UNPACKED_BYTES_MAX: Final = 512 * 1024 * 1024
RATIO_MAX: Final = 200
"""A file that grows by more than this is a bomb; scans, recordings and tables don't."""
NAME_CHARACTERS_MAX: Final = 200
MAGIC: Final = b"PK\x03\x04"
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BAD_PATH: Final = re.compile(r"(^|/)\.\.?(/|$)|^/|\\|^[A-Za-z]:|[\x00-\x1f]|//")
_HEADS: Final[dict[str, tuple[bytes, ...]]] = {
    "pdf": (b"%PDF-",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "wav": (b"RIFF",),
    "flac": (b"fLaC",),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "txt": (b"",),
    "json": (b"{", b"["),
}
"""Kinds of artefact, and how their files begin. Nothing that a browser would run."""


def _refused(code: str, zh: str, en: str) -> FileRefused:
    return FileRefused(code, Sentence(zh, en))


NOT_A_ZIP: Final = _refused("archive.unreadable", "压缩包无法读取。", "The archive can't be read.")
TOO_LARGE: Final = _refused(
    "archive.too_large", "压缩包或解压后的内容过大。", "The archive, or what it unpacks to, is too large."
)
BOMB: Final = _refused(
    "archive.bomb",
    "压缩包的压缩比异常，已拒绝。",
    "The archive unpacks to far more than it is: it was refused.",
)
BAD_NAME: Final = _refused(
    "archive.path",
    "压缩包含有不安全的路径、链接或重名文件。",
    "The archive holds an unsafe path, a link, or one name twice.",
)
LOCKED: Final = _refused(
    "archive.encrypted",
    "压缩包已加密或使用不支持的压缩方式。",
    "The archive is encrypted or packed in another way.",
)
NO_LIST: Final = _refused(
    "archive.list_missing",
    "压缩包根目录应恰好有一个 CSV 文件。",
    "The archive needs exactly one CSV at its root.",
)
ARTEFACT_TOO_LARGE: Final = _refused("artefact.too_large", "凭证文件过大。", "The artefact is too large.")
ARTEFACT_KIND: Final = _refused(
    "artefact.kind",
    "凭证文件类型不在允许范围内，或内容与扩展名不符。",
    "An artefact is a pdf, png, jpg, wav, flac, mp3, txt or json, and begins as one.",
)


@dataclass(slots=True)
class Archive:
    """An opened archive: its list, and its artefacts by name. `unused` counts those that no row has named so far."""

    table: bytes
    _zip: zipfile.ZipFile
    _files: dict[str, zipfile.ZipInfo]
    _room: int
    _named: set[str] = field(default_factory=set)

    @property
    def unused(self) -> int:
        """Files that no row named: they are not kept."""
        return len(self._files.keys() - self._named)

    def open(self, name: str) -> ArtefactFile | FileRefused:
        """The artefact of that name; one file may prove several rows."""
        info = self._files.get(name)
        if info is None:
            return ARTEFACT_MISSING
        self._named.add(name)
        ending = name.rpartition(".")[2].lower()
        ending = "jpg" if ending == "jpeg" else ending
        if ending not in _HEADS:
            return ARTEFACT_KIND
        content = _unpacked(self._zip, info, min(ARTEFACT_BYTES_MAX, self._room))
        if isinstance(content, FileRefused):
            return ARTEFACT_TOO_LARGE if content is TOO_LARGE else content
        self._room -= len(content)
        if not content or not content.startswith(_HEADS[ending]):
            return ARTEFACT_KIND
        return ArtefactFile(ending, content)


def is_archive(content: bytes) -> bool:
    """Whether these bytes are a ZIP rather than a table."""
    return content.startswith(MAGIC)


def open_archive(content: bytes) -> Archive | FileRefused:
    """The archive's list, with its artefacts to be opened by name. Nothing of a bad archive is taken."""
    if len(content) > ARCHIVE_BYTES_MAX:
        return TOO_LARGE
    try:
        opened = zipfile.ZipFile(io.BytesIO(content))
        entries = opened.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
        return NOT_A_ZIP
    if len(entries) > FILES_MAX:
        return TOO_LARGE
    files: dict[str, zipfile.ZipInfo] = {}
    for info in entries:
        refused = _refused_entry(info, files)
        if refused is not None:
            return refused
        if not info.is_dir():
            files[info.filename] = info
    if sum(info.file_size for info in files.values()) > UNPACKED_BYTES_MAX:
        return TOO_LARGE
    tables = [name for name in files if "/" not in name and name.lower().endswith(".csv")]
    if len(tables) != 1:
        return NO_LIST
    table = _unpacked(opened, files.pop(tables[0]), FILE_BYTES_MAX)
    if isinstance(table, FileRefused):
        return table
    return Archive(table, opened, files, UNPACKED_BYTES_MAX)


def _refused_entry(info: zipfile.ZipInfo, files: dict[str, zipfile.ZipInfo]) -> FileRefused | None:
    name = info.filename
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if is_link or name in files or len(name) > NAME_CHARACTERS_MAX or _BAD_PATH.search(name):
        return BAD_NAME
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
        return LOCKED
    if info.file_size > RATIO_MAX * max(info.compress_size, 1024):
        return BOMB
    return None


def _unpacked(opened: zipfile.ZipFile, info: zipfile.ZipInfo, bytes_max: int) -> bytes | FileRefused:
    """The bytes of one file, read no further than one byte past its bound."""
    if info.file_size > bytes_max:
        return TOO_LARGE
    try:
        with opened.open(info) as stream:
            content = stream.read(bytes_max + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError):
        return NOT_A_ZIP
    return TOO_LARGE if len(content) > bytes_max else content
