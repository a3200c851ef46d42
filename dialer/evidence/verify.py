"""Verify bundles: with no network and no database, and every check named.

    python -m dialer.evidence.verify FILE… [--json] [--trust trust.json] [--lang en|zh]

The numbered checks below run in this order; docs/evidence.md says the same in prose. Exit code 0: every check holds and
the signer is pinned by --trust; 1: a check fails; 2: wrong use; 3: consistent, signer not established.
`python -m dialer.evidence.onefile` writes the same verifier as one file that needs Python and `cryptography` alone.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import (
    NOWHERE,
    Case,
    CheckFailedError,
    CheckSkippedError,
    DecodeSound,
    Outcome,
    Where,
)
from dialer.evidence.check_content import (
    check_consent_files,
    check_payloads,
    check_policies,
    check_recording,
    check_recording_shape,
    check_recording_sound,
    check_time_tokens,
    check_withheld,
)
from dialer.evidence.check_dnc import check_absence, check_places
from dialer.evidence.check_files import (
    check_container,
    check_listed_files,
    check_manifest,
    check_manifest_signature,
    check_rotations,
    check_trust,
)
from dialer.evidence.check_log import (
    check_chain,
    check_checkpoint,
    check_checkpoint_signature,
    check_cosignature,
    check_earlier,
    check_inclusion,
    check_leaves,
    check_story,
)
from dialer.evidence.container import ZIP_BYTES_MAX
from dialer.evidence.record import DEMO_ORIGIN_PREFIX
from dialer.evidence.sound import sound_decoder
from dialer.evidence.trust import Trust, parse_trust
from dialer.evidence.wording import in_chinese


@dataclass(frozen=True, slots=True)
class Step:
    """One check: stable id, what it establishes (en, zh), the steps it stands on, and the check itself."""

    id: str
    title_en: str
    title_zh: str
    needs: tuple[str, ...]
    run: Callable[[Case], str]


STEPS: tuple[Step, ...] = (
    Step("zip.container", "The file is a well-formed bundle", "文件是格式正确的证据包", (), check_container),
    Step("manifest.form", "The manifest is well-formed", "清单格式正确", ("zip.container",), check_manifest),
    Step(
        "manifest.files",
        "Every file is the one that the manifest lists",
        "每个文件都与清单一致",
        ("manifest.form",),
        check_listed_files,
    ),
    Step("trust.form", "The keys are of this log", "密钥属于本日志", ("manifest.form",), check_trust),
    Step(
        "leaves.form",
        "Every log entry is well-formed",
        "每条日志记录格式正确",
        ("manifest.form",),
        check_leaves,
    ),
    Step(
        "payloads.commit",
        "What is shown is what was committed to",
        "所示内容与当时的承诺值一致",
        ("leaves.form",),
        check_payloads,
    ),
    Step(
        "keys.rotation",
        "Keys were handed over by old and new key",
        "密钥更换由新旧密钥共同签名",
        ("trust.form", "payloads.commit"),
        check_rotations,
    ),
    Step(
        "checkpoint.form",
        "Checkpoint and proofs are for the same tree",
        "检查点与证明属于同一棵树",
        ("leaves.form",),
        check_checkpoint,
    ),
    Step(
        "checkpoint.signature",
        "The log signed the checkpoint",
        "日志已签署检查点",
        ("checkpoint.form", "keys.rotation"),
        check_checkpoint_signature,
    ),
    Step(
        "witness.cosignature",
        "A witness cosigned the checkpoint",
        "见证方已会签检查点",
        ("checkpoint.form", "keys.rotation"),
        check_cosignature,
    ),
    Step(
        "manifest.signature",
        "The exporter signed the manifest",
        "导出方已签署清单",
        ("manifest.form", "keys.rotation"),
        check_manifest_signature,
    ),
    Step(
        "leaves.included",
        "Every entry is in the log's tree",
        "每条记录都在日志树中",
        ("checkpoint.form",),
        check_inclusion,
    ),
    Step(
        "checkpoints.earlier",
        "The log only appended to earlier checkpoints",
        "日志自先前检查点起只有追加",
        ("checkpoint.form", "keys.rotation"),
        check_earlier,
    ),
    Step(
        "leaves.chain",
        "Entries follow each other without a gap",
        "记录前后相连，没有缺口",
        ("checkpoint.form",),
        check_chain,
    ),
    Step(
        "withheld.declared",
        "All that is withheld is declared",
        "凡未展示的内容均已声明",
        ("payloads.commit",),
        check_withheld,
    ),
    Step(
        "attempt.story",
        "Nothing was dialled without decision, consent and permit",
        "没有决定、授权和许可就没有拨号",
        ("leaves.form",),
        check_story,
    ),
    Step(
        "policy.packs",
        "The rule packs are those that decided",
        "规则包就是当时据以决定的规则包",
        ("payloads.commit",),
        check_policies,
    ),
    Step(
        "consent.files",
        "Consent text and artefact are as given",
        "授权文本与凭证未被改动",
        ("payloads.commit",),
        check_consent_files,
    ),
    Step(
        "recording.hash",
        "The recording is the one that was sealed",
        "录音就是当时封存的录音",
        ("payloads.commit",),
        check_recording,
    ),
    Step(
        "recording.shape",
        "Its length and channels are as sealed",
        "录音时长与声道与封存时一致",
        ("recording.hash",),
        check_recording_shape,
    ),
    Step(
        "recording.sound",
        "Its sound is as sealed",
        "录音声音与封存时一致",
        ("recording.hash",),
        check_recording_sound,
    ),
    Step(
        "dnc.places",
        "The number's places on the DNC list are the only possible ones",
        "号码在拒接名单中的位置是唯一可能的位置",
        ("attempt.story", "payloads.commit", "keys.rotation", "checkpoint.form"),
        check_places,
    ),
    Step(
        "dnc.absence",
        "The DNC list from the decision to the dialling",
        "从决定到拨号期间的拒接名单",
        ("dnc.places", "checkpoints.earlier"),
        check_absence,
    ),
    Step(
        "tsr.tokens",
        "A time authority stamped the log",
        "时间戳机构已为日志加盖时间戳",
        ("checkpoints.earlier",),
        check_time_tokens,
    ),
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended; `detail` is a sentence for a person, `where` the place of a fault."""

    step: Step
    outcome: Outcome
    detail: str
    where: Where


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one bundle, in order."""

    checks: tuple[CheckResult, ...]
    is_pinned: bool
    is_demo: bool

    @property
    def exit_code(self) -> int:
        """0 verified · 1 a check fails · 3 consistent, signer not established."""
        if any(check.outcome is Outcome.FAILED for check in self.checks):
            return 1
        if not any(check.outcome is Outcome.PASSED for check in self.checks):
            return 1
        return 0 if self.is_pinned else 3

    @property
    def verdict(self) -> str:
        """The exit code as words."""
        return {0: "verified", 1: "failed", 3: "consistent, signer not established"}[self.exit_code]


def verify_bundle(data: bytes, pinned: Trust | None, decode_sound: DecodeSound | None = None) -> Report:
    """Run every check on the bytes of a bundle. Raises nothing, whatever the bytes are.

    `pinned`: the reader's own trust.json; without it nobody established who signed. `decode_sound`: where a FLAC
    decoder is at hand, the sound itself is checked too.
    """
    case = Case(data, pinned, decode_sound)
    ended: dict[str, Outcome] = {}
    results = []
    for step in STEPS:
        result = _run(step, case, ended)
        ended[step.id] = result.outcome
        results.append(result)
    is_demo = ended["manifest.form"] is Outcome.PASSED and case.manifest.log.startswith(DEMO_ORIGIN_PREFIX)
    return Report(tuple(results), pinned is not None, is_demo)


def _run(step: Step, case: Case, ended: dict[str, Outcome]) -> CheckResult:
    broken = [need for need in step.needs if ended[need] in (Outcome.FAILED, Outcome.UNREACHED)]
    if broken:
        return CheckResult(step, Outcome.UNREACHED, f"{broken[0]} did not hold", NOWHERE)
    try:
        return CheckResult(step, Outcome.PASSED, step.run(case), NOWHERE)
    except CheckFailedError as error:
        return CheckResult(step, Outcome.FAILED, error.what, error.where)
    except CheckSkippedError as reason:
        return CheckResult(step, Outcome.SKIPPED, reason.why, NOWHERE)
    except EvidenceFormatError as error:
        return CheckResult(step, Outcome.FAILED, error.what, NOWHERE)


def report_json(name: str, report: Report) -> dict[str, object]:
    """A report as plain JSON, as `--json` prints it."""
    return {
        "file": name,
        "exit": report.exit_code,
        "verdict": report.verdict,
        "pinned": report.is_pinned,
        "demo": report.is_demo,
        "checks": [
            {
                "n": number,
                "id": check.step.id,
                "outcome": str(check.outcome),
                "title": {"en": check.step.title_en, "zh": check.step.title_zh},
                "detail": {"en": check.detail, "zh": in_chinese(check.detail)},
                "where": _where_json(check.where),
            }
            for number, check in enumerate(report.checks, 1)
        ],
    }


def report_text(name: str, report: Report, language: str) -> str:
    """A report as lines for a person."""
    marks = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "·", Outcome.UNREACHED: "-"}
    lines = [name]
    for number, check in enumerate(report.checks, 1):
        title = check.step.title_zh if language == "zh" else check.step.title_en
        detail = in_chinese(check.detail) if language == "zh" else check.detail
        lines.append(f"  {marks[check.outcome]} {number:2} {check.step.id:21} {title}: {detail}")
        if check.outcome is Outcome.FAILED and check.where != NOWHERE:
            lines.append(f"       {_where_text(check.where, language)}")
    verdicts = {0: "验证通过", 1: "验证未通过", 3: "内容一致，签署方未确认（未用 --trust 指定密钥）"}
    verdict = verdicts[report.exit_code] if language == "zh" else report.verdict
    passed = sum(check.outcome is Outcome.PASSED for check in report.checks)
    lines.append(f"  = {verdict} ({passed}/{len(report.checks)})")
    if report.is_demo:
        lines.append(
            "  ! 演示日志：时钟已调整" if language == "zh" else "  ! a demo log: its clock was shifted"
        )
    return "\n".join(lines)


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


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. The only part that reads files and prints."""
    parser = argparse.ArgumentParser(prog="verify", description="Verify evidence bundles offline.")
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
            if path.stat().st_size > ZIP_BYTES_MAX:
                raise OSError(f"over {ZIP_BYTES_MAX} bytes")
            data = path.read_bytes()
        except OSError as error:
            print(f"{path}: {error.strerror or error}", file=sys.stderr)
            return 2
        report = verify_bundle(data, pinned, decode_sound)
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
