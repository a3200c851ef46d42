"""The smallest pieces of the second verifier: canonical JSON by `rfc8785`, objects with exact fields, ids, base64."""

import base64
import binascii
import json
import re
from typing import Any

import rfc8785

MAX = 2**53 - 1
HEX64 = re.compile(r"[0-9a-f]{64}\Z")
IDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@~+-]{0,127}\Z")


class Bad(Exception):
    """A check does not hold."""


class Skip(Exception):
    """There is nothing to look at."""


def canonical(data: bytes, limit: int = 1 << 24) -> Any:
    """The value of canonical JSON."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(items)) != len(items):
            raise Bad("a key twice")
        return dict(items)

    def walk(value: Any, depth: int) -> None:
        if isinstance(value, bool) or not isinstance(value, dict | list | str | int):
            raise Bad("a value of another kind")
        if isinstance(value, int) and abs(value) > MAX:
            raise Bad("a large integer")
        if isinstance(value, dict | list):
            if depth == 16:
                raise Bad("too deep")
            for item in value.values() if isinstance(value, dict) else value:
                walk(item, depth + 1)

    if len(data) > limit:
        raise Bad("too long")
    try:
        value = json.loads(data.decode(), object_pairs_hook=pairs)
        walk(value, 0)
        again = rfc8785.dumps(value)
    except (ValueError, RecursionError) as error:
        raise Bad(str(error)) from None
    if again != data:
        raise Bad("not canonical")
    return value


def fields(value: Any, always: str, maybe: str = "") -> dict[str, Any]:
    """An object with exactly these fields."""
    if not isinstance(value, dict):
        raise Bad("no object")
    wanted = set(always.split())
    if not wanted <= set(value) or set(value) - wanted - set(maybe.split()):
        raise Bad("other fields")
    return value


def number(value: Any, lowest: int = 0) -> int:
    """An integer from `lowest` on."""
    if not isinstance(value, int) or value < lowest:
        raise Bad("no such integer")
    return value


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise Bad("no text")
    return value


def digest(value: Any) -> bytes:
    """32 bytes in hex."""
    if not HEX64.match(text(value)):
        raise Bad("no hash")
    return bytes.fromhex(value)


def items(value: Any, most: int) -> list[Any]:
    """A list of at most so many."""
    if not isinstance(value, list) or len(value) > most:
        raise Bad("no such list")
    return value


def ident(value: Any) -> str:
    """An id."""
    if not IDENT.match(text(value)):
        raise Bad("no id")
    return str(value)


def b64(value: str) -> bytes:
    """Strict base64."""
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Bad("no base64") from None
    if base64.b64encode(data).decode() != value:
        raise Bad("no canonical base64")
    return data
