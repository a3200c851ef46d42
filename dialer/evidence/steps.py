"""How checks are run and how they end: in order, each on the ground of those that it needs, every one named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import NOWHERE, CheckFailedError, CheckSkippedError, Outcome, Where

Subject = TypeVar("Subject")
"""What is under verification: one bundle, or one dossier."""


@dataclass(frozen=True, slots=True)
class Step(Generic[Subject]):
    """One check: stable id, what it establishes (en, zh), the steps it stands on, and the check itself."""

    id: str
    title_en: str
    title_zh: str
    needs: tuple[str, ...]
    run: Callable[[Subject], str]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended; `detail` is a sentence for a person, `where` the place of a fault."""

    id: str
    title_en: str
    title_zh: str
    outcome: Outcome
    detail: str
    where: Where


def exit_code_of(checks: Sequence[CheckResult], is_pinned: bool) -> int:
    """0 verified · 1 a check fails · 3 consistent, signer not established."""
    if any(check.outcome is Outcome.FAILED for check in checks):
        return 1
    if not any(check.outcome is Outcome.PASSED for check in checks):
        return 1
    return 0 if is_pinned else 3


def verdict_of(exit_code: int) -> str:
    """The exit code as words."""
    return {0: "verified", 1: "failed", 3: "consistent, signer not established"}[exit_code]


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one bundle, in order."""

    checks: tuple[CheckResult, ...]
    is_pinned: bool
    is_demo: bool

    @property
    def exit_code(self) -> int:
        """0 verified · 1 a check fails · 3 consistent, signer not established."""
        return exit_code_of(self.checks, self.is_pinned)

    @property
    def verdict(self) -> str:
        """The exit code as words."""
        return verdict_of(self.exit_code)


def run_steps(steps: Sequence[Step[Subject]], subject: Subject) -> tuple[CheckResult, ...]:
    """Run every step in order; one whose ground failed is unreached, never passed."""
    ended: dict[str, Outcome] = {}
    results = []
    for step in steps:
        outcome, detail, where = _run(step, subject, ended)
        ended[step.id] = outcome
        results.append(CheckResult(step.id, step.title_en, step.title_zh, outcome, detail, where))
    return tuple(results)


def _run(step: Step[Subject], subject: Subject, ended: dict[str, Outcome]) -> tuple[Outcome, str, Where]:
    broken = [need for need in step.needs if ended[need] in (Outcome.FAILED, Outcome.UNREACHED)]
    if broken:
        return Outcome.UNREACHED, f"{broken[0]} did not hold", NOWHERE
    try:
        return Outcome.PASSED, step.run(subject), NOWHERE
    except CheckFailedError as error:
        return Outcome.FAILED, error.what, error.where
    except CheckSkippedError as reason:
        return Outcome.SKIPPED, reason.why, NOWHERE
    except EvidenceFormatError as error:
        return Outcome.FAILED, error.what, NOWHERE
