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

_DATE_1980 = 0x0021
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_FILE_NAME = re.compile(
    r"manifest\.json|proofs\.json|opened\.json|dnc\.json|trust\.json|checkpoint|recording\.flac|VERIFY\.md"
    r"|leaves/[0-9]{16}\.json|consent/[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\.[A-Za-z0-9]{1,8})?"
    r"|tsr/[0-9]{16}\.tsr"
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


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """The one ZIP of these files.

    Raises:
        EvidenceFormatError: a name that a bundle can't hold, or too much in all.
    """
    body, directory = bytearray(), bytearray()
    if len(files) > FILES_MAX:
        raise EvidenceFormatError(f"more than {FILES_MAX} files")
    for name in sorted(files):
        _check_name(name, -1)
        data, offset = files[name], len(body)
        if offset + len(data) > ZIP_BYTES_MAX:
            raise EvidenceFormatError(f"bundle over {ZIP_BYTES_MAX} bytes")
        crc = zlib.crc32(data)
        body += _local_header(name, len(data), crc)
        body += data
        directory += _central_header(name, len(data), crc, offset)
    return bytes(body + directory + _end_record(len(files), len(directory), len(body)))


def read_zip(data: bytes) -> dict[str, Extent]:
    """The files of a bundle's ZIP by name.

    Raises:
        EvidenceFormatError: not byte for byte what `write_zip` writes, with the first byte that differs.
    """
    if len(data) > ZIP_BYTES_MAX:
        raise EvidenceFormatError(f"bundle over {ZIP_BYTES_MAX} bytes")
    view = memoryview(data)
    extents: dict[str, Extent] = {}
    directory = bytearray()
    at, last = 0, ""
    while data[at : at + 4] == b"PK\x03\x04":
        extent, crc = _read_entry(data, view, at)
        if extent.name <= last:
            raise EvidenceFormatError("a file stands twice or out of order", at)
        if len(extents) >= FILES_MAX:
            raise EvidenceFormatError(f"more than {FILES_MAX} files", at)
        extents[extent.name] = extent
        directory += _central_header(extent.name, extent.end - extent.start, crc, at)
        at, last = extent.end, extent.name
    tail = bytes(directory) + _end_record(len(extents), len(directory), at)
    if data[at:] != tail:
        raise EvidenceFormatError(
            "the ZIP's directory is not as written", at + first_difference(data[at:], tail)
        )
    return extents


def _read_entry(data: bytes, view: memoryview, at: int) -> tuple[Extent, int]:
    if len(data) < at + _LOCAL.size:
        raise EvidenceFormatError("the ZIP is cut off", at)
    header = _LOCAL.unpack_from(data, at)
    size, name_bytes = header[8], header[9]
    start = at + _LOCAL.size + name_bytes
    end = start + size
    if end > len(data):
        raise EvidenceFormatError("a file reaches past the end of the ZIP", at)
    name = data[at + _LOCAL.size : start].decode("latin-1")
    _check_name(name, at + _LOCAL.size)
    crc = zlib.crc32(view[start:end])
    if header[6] != crc:
        raise EvidenceFormatError("a file's check sum differs", at + 14)
    written = _local_header(name, size, crc)
    if data[at:start] != written:
        raise EvidenceFormatError(
            "a file's header is not as written", at + first_difference(data[at:start], written)
        )
    return Extent(name, view[start:end], start, end), crc


def _check_name(name: str, offset: int) -> None:
    if _FILE_NAME.fullmatch(name) is None:
        raise EvidenceFormatError("a file name that a bundle can't hold", offset)


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
