"""Every sentence of a report is there in Chinese, and no Chinese one is English."""

import ast
import inspect
from types import ModuleType

import pytest
from attack_kit import Attack
from bundle_attacks import ATTACKS

from dialer.evidence import check_content, check_dnc, check_dossier, check_files, check_log, story, verify
from dialer.evidence.case import Outcome
from dialer.evidence.checks import verify_bundle
from dialer.evidence.sample import SAMPLE_ATTEMPTS, SampleLog
from dialer.evidence.sound import sound_decoder
from dialer.evidence.verify import report_text
from dialer.evidence.wording import SENTENCES, in_chinese

SPEAKING = {"fail", "fail_at", "StoryError", "CheckSkippedError", "CheckFailedError"}
BUILT = {"{}", "{}: {}", "{}, last state {}", "size {} at {} UTC{}", " by {}"}
"""Templates that are put together from others; the sentences that come of them are in the table."""


def sentences(node: ast.expr) -> list[str]:
    """The templates of a string expression."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            return ["".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values)]
        case ast.IfExp(body=body, orelse=orelse):
            return sentences(body) + sentences(orelse)
    return []


@pytest.mark.parametrize(
    "module",
    [check_files, check_log, check_content, check_dnc, check_dossier, story],
    ids=lambda m: m.__name__,
)
def test_every_sentence_of_the_checks_is_in_the_table(module: ModuleType) -> None:
    said: list[str] = []
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            said += sentences(node.args[0]) if name in SPEAKING else []
        if isinstance(node, ast.FunctionDef) and node.name.startswith("check_") and module is not story:
            returns = [r.value for r in ast.walk(node) if isinstance(r, ast.Return) and r.value is not None]
            said += [text for value in returns for text in sentences(value)]
    assert len(said) > 8
    assert [text for text in said if text not in SENTENCES and text not in BUILT] == []


def test_every_chinese_sentence_is_chinese_and_keeps_what_it_is_about() -> None:
    for english, chinese in SENTENCES.items():
        assert any("一" <= character <= "鿿" for character in chinese), english
        assert english.count("{}") == chinese.count("{}"), english


@pytest.mark.parametrize("attempt", SAMPLE_ATTEMPTS)
def test_a_report_in_chinese_has_no_english_sentence(log: SampleLog, attempt: str) -> None:
    data = log.bundle(log.parts(attempt, SAMPLE_ATTEMPTS[attempt]))
    for check in verify_bundle(data, log.trust, sound_decoder()).checks:
        assert "格式不符合规定" not in in_chinese(check.detail), check.detail
        assert in_chinese(check.detail) != check.detail
    assert "验证通过" in report_text("talked.zip", verify_bundle(data, log.trust), "zh")


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_every_fault_is_said_in_chinese(log: SampleLog, attack: Attack) -> None:
    report = verify_bundle(attack.make(log), log.trust)
    failed = [check for check in report.checks if check.outcome is Outcome.FAILED]
    for check in failed:
        said = in_chinese(check.detail)
        is_of_form = check.id.endswith((".form", ".container")) or check.id == "tsr.tokens"
        assert ("格式不符合规定" not in said) or is_of_form, check.detail
    assert "验证未通过" in report_text("x", report, "zh")
    assert verify.report_json("x", report)["verdict"] == "failed"
