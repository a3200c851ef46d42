"""Where in a TOML text a table or key stands, so that a complaint about a value can name its line."""

import re
from dataclasses import dataclass

_HEADER = re.compile(r"^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")


@dataclass(frozen=True, slots=True)
class LineMap:
    """Line numbers, from 1, of headers and keys. Tables of an array are counted from 0 under their name."""

    headers: dict[tuple[str, int], int]
    keys: dict[tuple[str, int, str], int]

    def at(self, table: str, index: int = 0, key: str = "") -> int:
        """The line of the key, or of its table's header, or 1."""
        return self.keys.get((table, index, key)) or self.headers.get((table, index)) or 1


def map_lines(text: str) -> LineMap:
    """Read headers and keys of `text`. Multi-line values can't hide a header that tomllib accepted as one."""
    headers: dict[tuple[str, int], int] = {}
    keys: dict[tuple[str, int, str], int] = {}
    counts: dict[str, int] = {}
    table, index = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = header.group(1)
            index = counts.get(table, 0)
            counts[table] = index + 1
            headers[(table, index)] = number
            continue
        key = _KEY.match(line)
        if key:
            keys.setdefault((table, index, key.group(1).strip("\"'")), number)
    return LineMap(headers=headers, keys=keys)
