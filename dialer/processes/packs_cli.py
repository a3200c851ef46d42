"""Rule packs on the command line: cases decided, and packs that are only tried."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dialer.compliance.casebook import check_cases
from dialer.domain.errors import InstallationError
from dialer.processes.commands import Form, Say
from dialer.rules.cases import CaseResult
from dialer.rules.change import with_pack
from dialer.rules.pack import PackError
from dialer.rules.parse import parse_pack
from dialer.rules.resolve import PackSet
from dialer.rules.shipped import shipped_cases, shipped_packs

PACK_BYTES_MAX: Final = 1024 * 1024
CASES_BYTES_MAX: Final = 4 * 1024 * 1024


def changed_packs(files: Sequence[Path]) -> PackSet | None:
    """The shipped packs with those of the files in place of theirs or beside them; None: none was given.

    Raises:
        InstallationError: a file can't be read or isn't a pack; the sentence says the line.
    """
    try:
        return trying(files) if files else None
    except PackError as wrong:
        raise InstallationError(str(wrong)) from wrong


def trying(files: Sequence[Path]) -> PackSet:
    """The shipped packs with those of the files in place of theirs or beside them.

    Raises:
        InstallationError: a file can't be read.
        PackError: a file isn't a pack.
    """
    packs = shipped_packs()
    for path in files:
        try:
            if path.stat().st_size > PACK_BYTES_MAX:
                raise InstallationError(f"{path.name} is larger than a pack may be")
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise InstallationError(f"{path.name} can't be read") from wrong
        packs = with_pack(packs, parse_pack(text, path.name))
    return packs


def check_packs(files: Sequence[Path], packs_tried: Sequence[Path], form: Form, say: Say) -> int:
    """Decide every case of the named files, or of all that ship. 0: all as written, 1: not, 2: a file doesn't load.

    `packs_tried`: files of packs that stand in for those of their ids, or beside the others, in this run.
    """
    try:
        packs = trying(packs_tried)
        texts = {str(path): _cases_text(path) for path in files} or shipped_cases()
        results = [result for file, text in texts.items() for result in check_cases(text, file, packs)]
    except PackError as wrong:
        if form is Form.JSON:
            say(
                json.dumps(
                    {"file": wrong.file, "line": wrong.line, "trouble": wrong.said}, ensure_ascii=False
                )
            )
        else:
            say(str(wrong))
        return 2
    troubled = [result for result in results if result.trouble]
    if form is Form.JSON:
        say(json.dumps([_plain(result) for result in results], ensure_ascii=False, indent=1))
    else:
        for result in troubled:
            say(f"{result.row.file}:{result.row.line}: {result.row.name}: {result.trouble}")
            say(f"    {result.row.why}")
        say(f"{len(results)} cases, {len(troubled)} not as written")
    return 1 if troubled else 0


def _cases_text(path: Path) -> str:
    try:
        if path.stat().st_size > CASES_BYTES_MAX:
            raise InstallationError(f"{path.name} is too large for a cases file")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise InstallationError(f"{path.name} can't be read as a cases file") from wrong


def _plain(result: CaseResult) -> dict[str, object]:
    said = sorted(result.outcome.codes) if result.outcome is not None else None
    return {
        "file": result.row.file,
        "line": result.row.line,
        "name": result.row.name,
        "why": result.row.why,
        "expected": sorted(result.row.expect),
        "said": said,
        "trouble": result.trouble,
    }
