"""Canonical JSON (RFC 8785, JCS) in the narrow profile that all evidence is written in.

The profile: objects, arrays, strings and integers. No floats, no `null`, no booleans (write "yes" or "no"),
integers within ±(2^53 − 1) so that a browser reads the same number, nesting at most 16 deep.

The decoder is strict by construction: what it accepts is byte for byte what the encoder writes. Duplicate keys,
blanks, other escapes, another order of keys, `-0` and `1e3` therefore cannot pass as the same document.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeAlias


@dataclass(frozen=True, slots=True)
class Written:
    """A value that is canonical text already, `depth` levels deep in itself: what recurs is written once. By `written`."""

    text: str
    depth: int


Json: TypeAlias = str | int | Written | Sequence["Json"] | Mapping[str, "Json"]

INTEGER_MAX = 2**53 - 1
DEPTH_MAX = 16
DOCUMENT_BYTES_MAX = 16 * 1024 * 1024


def written(value: Json) -> Written:
    """`value` as text, to stand in larger documents.

    Raises:
        EvidenceFormatError: as `encode`.
    """
    text = _written(value, 0)
    as_bytes(text)
    return Written(text, _depth(value))


def _depth(value: Json) -> int:
    if isinstance(value, Written):
        return value.depth
    if isinstance(value, dict):
        return 1 + max((_depth(item) for item in value.values()), default=0)
    if isinstance(value, (list, tuple)):
        return 1 + max((_depth(item) for item in value), default=0)
    return 0


_quote = json.encoder.encode_basestring
"""A string in quotes with exactly the escapes of RFC 8785: \\b \\t \\n \\f \\r \\" \\\\ and \\u00xx for other controls."""


class EvidenceFormatError(ValueError):
    """These bytes are not what the evidence format says; nothing was accepted from them.

    `offset` is the first byte at fault where that is known, else -1. The message names fields and positions, never
    values, because values may be personal.
    """

    def __init__(self, what: str, offset: int = -1) -> None:
        super().__init__(what if offset < 0 else f"{what} (at byte {offset})")
        self.what = what
        self.offset = offset


def encode(value: Json) -> bytes:
    """The RFC 8785 bytes of `value`.

    Raises:
        EvidenceFormatError: the value holds something outside the profile; nothing was encoded.
    """
    return as_bytes(_written(value, 0))


def encode_text(value: Json, depth: int) -> str:
    """The text of `encode(value)` for a value that stands `depth` deep in a larger document.

    Raises:
        EvidenceFormatError: as `encode`, but for half surrogates, which `as_bytes` finds.
    """
    return _written(value, depth)


def as_bytes(text: str) -> bytes:
    """Canonical text as bytes.

    Raises:
        EvidenceFormatError: a string holds half of a surrogate pair.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise EvidenceFormatError("a string holds half of a surrogate pair") from None


def decode(data: bytes, bytes_max: int = DOCUMENT_BYTES_MAX) -> Json:
    """The value of canonical bytes; refuses every other way to write the same value.

    Raises:
        EvidenceFormatError: not JSON, outside the profile, or not canonical, with the first byte that differs.
    """
    if len(data) > bytes_max:
        raise EvidenceFormatError(f"document over {bytes_max} bytes")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_float=_refuse_float,
            parse_constant=_refuse_float,
            parse_int=_small_integer,
        )
    except UnicodeDecodeError as error:
        raise EvidenceFormatError("not UTF-8", error.start) from None
    except json.JSONDecodeError as error:
        raise EvidenceFormatError("not JSON", len(error.doc[: error.pos].encode("utf-8"))) from None
    except RecursionError:
        raise EvidenceFormatError(f"nested deeper than {DEPTH_MAX}") from None
    again = encode(value)
    if again != data:
        raise EvidenceFormatError(_why_not_canonical(data), first_difference(again, data))
    return value  # type: ignore[no-any-return]  # encode() has just walked it: every part is in the profile


def first_difference(left: bytes, right: bytes) -> int:
    """The first position at which two byte strings differ; the shorter one's length if it is a prefix."""
    shorter = min(len(left), len(right))
    if left[:shorter] == right[:shorter]:
        return shorter
    low, high = 0, shorter
    while high - low > 1:
        middle = (low + high) // 2
        if left[:middle] == right[:middle]:
            low = middle
        else:
            high = middle
    return low


def _written(value: Json, depth: int) -> str:
    """`value` as text, keys in JCS order (by UTF-16 code units), after every part was found in the profile."""
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, int):
        if isinstance(value, bool) or not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise EvidenceFormatError("a number is not an integer within ±(2^53 − 1)")
        return int.__repr__(value)
    if isinstance(value, Written):
        if depth + value.depth > DEPTH_MAX:
            raise EvidenceFormatError(f"nested deeper than {DEPTH_MAX}")
        return value.text
    if depth >= DEPTH_MAX:
        raise EvidenceFormatError(f"nested deeper than {DEPTH_MAX}")
    if isinstance(value, (list, tuple)):
        return f"[{','.join([_written(item, depth + 1) for item in value])}]"
    if isinstance(value, dict):
        keys = list(value)
        if not all(isinstance(key, str) for key in keys):
            raise EvidenceFormatError("a key is not a string")
        keys.sort(key=None if all(map(str.isascii, keys)) else _utf16)
        return f"{{{','.join([f'{_quote(key)}:{_written(value[key], depth + 1)}' for key in keys])}}}"
    raise EvidenceFormatError("a value is neither object, array, string nor integer")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _refuse_float(_text: str) -> NoReturn:
    raise EvidenceFormatError("a number is not an integer within ±(2^53 − 1)")


def _small_integer(text: str) -> int:
    # 17 characters hold every integer of the profile; longer ones are refused before they cost time.
    if len(text) > 17:
        raise EvidenceFormatError("a number is not an integer within ±(2^53 − 1)")
    return int(text)


def _why_not_canonical(data: bytes) -> str:
    """Names the usual reasons, so that a reader of the report need not compare bytes."""
    doubled: list[str] = []

    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        if len({key for key, _ in items}) != len(items):
            doubled.append("key")
        return dict(items)

    json.loads(data.decode("utf-8"), object_pairs_hook=pairs)
    return "an object holds one key twice" if doubled else "not in canonical form"
