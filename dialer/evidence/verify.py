"""Verify bundles and dossiers: with no network and no database, and every check named.

    python -m dialer.evidence.verify FILE… [--json] [--trust trust.json] [--lang en|zh]

The checks run in the order in which they are printed; docs/evidence.md says the same in prose. Exit code 0: every check
holds and the signer is pinned by --trust; 1: a check fails; 2: wrong use; 3: consistent, signer not established.
`python -m dialer.evidence.onefile` writes the same verifier as one file that needs Python and `cryptography` alone.
"""

import argparse
import json
import mmap
import sys
from collections.abc import Sequence
from pathlib import Path

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import NOWHERE, DecodeSound, Outcome, Where
from dialer.evidence.check_dossier import DossierReport, is_dossier, verify_dossier
from dialer.evidence.checks import verify_bundle
from dialer.evidence.container import ZIP_BYTES_MAX
from dialer.evidence.dossier import DOSSIER_BYTES_MAX
from dialer.evidence.sound import sound_decoder
from dialer.evidence.steps import CheckResult, Report
from dialer.evidence.trust import Trust, parse_trust
from dialer.evidence.wording import in_chinese


def report_json(name: str, report: Report | DossierReport) -> dict[str, object]:
    """A report as plain JSON, as `--json` prints it; of a dossier with the outcome of each bundle in it."""
    said: dict[str, object] = {
        "file": name,
        "exit": report.exit_code,
        "verdict": report.verdict,
        "pinned": report.is_pinned,
        "demo": report.is_demo,
        "checks": [_check_json(number, check) for number, check in enumerate(report.checks, 1)],
    }
    if isinstance(report, DossierReport):
        said["bundles"] = [
            {
                "file": inside,
                "exit": one.exit_code,
                "failed": [_check_json(n, c) for n, c in enumerate(one.checks, 1) if c.outcome == "fail"],
            }
            for inside, one in report.bundles
        ]
    return said


def _check_json(number: int, check: CheckResult) -> dict[str, object]:
    return {
        "n": number,
        "id": check.id,
        "outcome": str(check.outcome),
        "title": {"en": check.title_en, "zh": check.title_zh},
        "detail": {"en": check.detail, "zh": in_chinese(check.detail)},
        "where": _where_json(check.where),
    }


def report_text(name: str, report: Report | DossierReport, language: str) -> str:
    """A report as lines for a person; of a dossier's bundles those that fail are said in full."""
    lines = [name, *_check_lines(report.checks, language)]
    if isinstance(report, DossierReport):
        for inside, one in report.bundles:
            if one.exit_code == 1:
                lines += [f"  {inside}", *(f"  {line}" for line in _check_lines(one.checks, language))]
    verdicts = {0: "验证通过", 1: "验证未通过", 3: "内容一致，签署方未确认（未用 --trust 指定密钥）"}
    verdict = verdicts[report.exit_code] if language == "zh" else report.verdict
    passed = sum(check.outcome is Outcome.PASSED for check in report.checks)
    lines.append(f"  = {verdict} ({passed}/{len(report.checks)})")
    if report.is_demo:
        lines.append(
            "  ! 演示日志：时钟已调整" if language == "zh" else "  ! a demo log: its clock was shifted"
        )
    return "\n".join(lines)


def _check_lines(checks: Sequence[CheckResult], language: str) -> list[str]:
    marks = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "·", Outcome.UNREACHED: "-"}
    lines = []
    for number, check in enumerate(checks, 1):
        title = check.title_zh if language == "zh" else check.title_en
        detail = in_chinese(check.detail) if language == "zh" else check.detail
        lines.append(f"  {marks[check.outcome]} {number:2} {check.id:21} {title}: {detail}")
        if check.outcome is Outcome.FAILED and check.where != NOWHERE:
            lines.append(f"       {_where_text(check.where, language)}")
    return lines


def _where_json(where: Where) -> dict[str, object]:
    parts = {"file": where.file, "from": where.start, "to": where.end, "seq": where.seq}
    return {name: value for name, value in parts.items() if value is not None}


def _where_text(where: Where, language: str) -> str:
    words = {
        "en": ("in {}", "bytes {} to {} of the bundle", "log entry {}"),
        "zh": ("文件 {}", "证据包第 {} 至 {} 字节", "日志记录 {}"),
    }[language]
    parts = []
    if where.file is not None:
        parts.append(words[0].format(where.file))
    if where.start is not None:
        parts.append(words[1].format(where.start, where.end))
    if where.seq is not None:
        parts.append(words[2].format(where.seq))
    return ", ".join(parts)


def verify_file(path: Path, pinned: Trust | None, decode_sound: DecodeSound | None) -> Report | DossierReport:
    """Verify one file, a bundle or a dossier; a dossier is mapped, not read into memory.

    Raises:
        OSError: it can't be read, or is larger than either may be.
    """
    size = path.stat().st_size
    if size > DOSSIER_BYTES_MAX:
        raise OSError(f"over {DOSSIER_BYTES_MAX} bytes")
    if size > 0:
        with path.open("rb") as file:
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if is_dossier(mapped):
            return verify_dossier(mapped, pinned, decode_sound)
    if size > ZIP_BYTES_MAX:
        raise OSError(f"over {ZIP_BYTES_MAX} bytes")
    return verify_bundle(path.read_bytes(), pinned, decode_sound)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. The only part that reads files and prints."""
    parser = argparse.ArgumentParser(
        prog="verify", description="Verify evidence bundles and dossiers offline."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--trust", type=Path, help="the keys you believe (trust.json), got by another way")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--lang", choices=("en", "zh"), default="en")
    options = parser.parse_args(arguments)
    try:
        pinned = parse_trust(options.trust.read_bytes()) if options.trust is not None else None
    except (OSError, EvidenceFormatError) as error:
        print(f"--trust: {error}", file=sys.stderr)
        return 2
    decode_sound = sound_decoder()
    reports = []
    for path in options.files:
        try:
            report = verify_file(path, pinned, decode_sound)
        except OSError as error:
            print(f"{path}: {error.strerror or error}", file=sys.stderr)
            return 2
        reports.append(report)
        if not options.json:
            print(report_text(str(path), report, options.lang))
    if options.json:
        shown = [report_json(str(p), r) for p, r in zip(options.files, reports, strict=True)]
        print(json.dumps({"v": 1, "bundles": shown}, ensure_ascii=False, indent=1))
    codes = {report.exit_code for report in reports}
    return next(code for code in (1, 3, 0) if code in codes)


if __name__ == "__main__":
    sys.exit(main())
