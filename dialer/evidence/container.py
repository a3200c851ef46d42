"""The ZIP of a bundle: exactly one byte string for given files, so that every other byte string is refused.

Entries are stored (not compressed: no bombs), in ascending order of name, dated 1980-01-01, without extra fields,
comments, ZIP64, data descriptors or gaps. The reader goes through the bytes once and compares each header with the one
the writer would have written: a flipped bit anywhere outside the files' own bytes is found here, with its place.
"""

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from dialer.evidence.canonical import EvidenceFormatError, first_difference

ZIP_BYTES_MAX = 1 << 30
FILES_MAX = 20_000
_ZIP32_BYTES_MAX = (1 << 32) - 1
_ZIP32_FILES_MAX = (1 << 16) - 2

_DATE_1980 = 0x0021
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a ZIP of one kind may hold: the form of its files' names, bytes and files at most."""

    name: re.Pattern[str]
    bytes_max: int
    files_max: int

    def __post_init__(self) -> None:
        if self.bytes_max > _ZIP32_BYTES_MAX or self.files_max > _ZIP32_FILES_MAX:
            raise ValueError("a ZIP without ZIP64 can't hold as much")


BUNDLE_LAYOUT = Layout(
    re.compile(
        r"manifest\.json|proofs\.json|opened\.json|dnc\.json|trust\.json|checkpoint|recording\.flac|VERIFY\.md"
        r"|leaves/[0-9]{16}\.json|consent/[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\.[A-Za-z0-9]{1,8})?"
        r"|tsr/[0-9]{16}\.tsr"
    ),
    ZIP_BYTES_MAX,
    FILES_MAX,
)


@dataclass(frozen=True, slots=True)
class Extent:
    """One file of the ZIP and where its own bytes lie in it: [start, end)."""

    name: str
    data: memoryview
    start: int
    end: int


def leaf_name(seq: int) -> str:
    """The file of leaf `seq`; sixteen digits, so that names sort as numbers do."""
    return f"leaves/{seq:016}.json"


def token_name(size: int) -> str:
    """The file of the time token over the checkpoint of that size."""
    return f"tsr/{size:016}.tsr"


class ZipWriter:
    """Writes the one ZIP of some files, entry by entry: nobody has to hold it whole."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._directory = bytearray()
        self._offset = 0
        self._files = 0
        self._last = ""

    def entry(self, name: str, data: bytes | memoryview) -> bytes:
        """The bytes that precede the file's own; call in ascending order of names.

        Raises:
            EvidenceFormatError: a name that this ZIP can't hold, out of order, or too much in all.
        """
        _check_name(self._layout, name, -1)
        if name <= self._last:
            raise EvidenceFormatError("a file stands twice or out of order")
        if self._files >= self._layout.files_max:
            raise EvidenceFormatError(f"more than {self._layout.files_max} files")
        crc = zlib.crc32(data)
        header = _local_header(name, len(data), crc)
        central = _central_header(name, len(data), crc, self._offset)
        after = self._offset + len(header) + len(data)
        if after + len(self._directory) + len(central) + _END.size > self._layout.bytes_max:
            raise EvidenceFormatError(f"over {self._layout.bytes_max} bytes")
        self._directory += central
        self._offset, self._last = after, name
        self._files += 1
        return header

    def end(self) -> bytes:
        """The bytes after the last file."""
        return bytes(self._directory) + _end_record(self._files, len(self._directory), self._offset)


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """The one ZIP of a bundle's files.

    Raises:
        EvidenceFormatError: a name that a bundle can't hold, or too much in all.
    """
    writer, body = ZipWriter(BUNDLE_LAYOUT), bytearray()
    for name in sorted(files):
        body += writer.entry(name, files[name])
        body += files[name]
    return bytes(body) + writer.end()


def read_zip(data: bytes | memoryview, layout: Layout = BUNDLE_LAYOUT) -> dict[str, Extent]:
    """The files of a ZIP by name. `data` may be a view of a mapped file: what is not looked at is not read.

    Raises:
        EvidenceFormatError: not byte for byte what `ZipWriter` writes, with the first byte that differs.
    """
    if len(data) > layout.bytes_max:
        raise EvidenceFormatError(f"over {layout.bytes_max} bytes")
    view = memoryview(data)
    extents: dict[str, Extent] = {}
    directory = bytearray()
    at, last = 0, ""
    while bytes(view[at : at + 4]) == b"PK\x03\x04":
        extent, crc = _read_entry(layout, view, at)
        if extent.name <= last:
            raise EvidenceFormatError("a file stands twice or out of order", at)
        if len(extents) >= layout.files_max:
            raise EvidenceFormatError(f"more than {layout.files_max} files", at)
        extents[extent.name] = extent
        directory += _central_header(extent.name, extent.end - extent.start, crc, at)
        at, last = extent.end, extent.name
    tail = bytes(directory) + _end_record(len(extents), len(directory), at)
    if view[at:] != tail:
        rest = bytes(view[at : at + len(tail)])
        raise EvidenceFormatError("the ZIP's directory is not as written", at + first_difference(rest, tail))
    return extents


def _read_entry(layout: Layout, view: memoryview, at: int) -> tuple[Extent, int]:
    if len(view) < at + _LOCAL.size:
        raise EvidenceFormatError("the ZIP is cut off", at)
    header = _LOCAL.unpack_from(view, at)
    size, name_bytes = header[8], header[9]
    start = at + _LOCAL.size + name_bytes
    end = start + size
    if end > len(view):
        raise EvidenceFormatError("a file reaches past the end of the ZIP", at)
    name = bytes(view[at + _LOCAL.size : start]).decode("latin-1")
    _check_name(layout, name, at + _LOCAL.size)
    crc = zlib.crc32(view[start:end])
    if header[6] != crc:
        raise EvidenceFormatError("a file's check sum differs", at + 14)
    written, found = _local_header(name, size, crc), bytes(view[at:start])
    if found != written:
        raise EvidenceFormatError("a file's header is not as written", at + first_difference(found, written))
    return Extent(name, view[start:end], start, end), crc


def _check_name(layout: Layout, name: str, offset: int) -> None:
    if layout.name.fullmatch(name) is None:
        raise EvidenceFormatError("a file name that this ZIP can't hold", offset)


def _local_header(name: str, size: int, crc: int) -> bytes:
    head = _LOCAL.pack(b"PK\x03\x04", 10, 0, 0, 0, _DATE_1980, crc, size, size, len(name), 0)
    return head + name.encode("ascii")


def _central_header(name: str, size: int, crc: int, offset: int) -> bytes:
    head = _CENTRAL.pack(
        *(b"PK\x01\x02", 20, 10, 0, 0, 0, _DATE_1980, crc, size, size, len(name), 0, 0, 0, 0, 0, offset)
    )
    return head + name.encode("ascii")


def _end_record(count: int, directory_bytes: int, offset: int) -> bytes:
    return _END.pack(b"PK\x05\x06", 0, 0, count, count, directory_bytes, offset, 0)
