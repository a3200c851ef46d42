"""A permit comes from the ledger's known commit and from nowhere else."""

from __future__ import annotations

import ast
import copy
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

import dialer
from dialer.calls.permit import Permit, mint
from dialer.domain.campaign import AmdUse
from dialer.domain.ids import AttemptId
from dialer.rules.kinds.words import RecordingNotice

PACKAGE = Path(dialer.__file__).parent
TOKEN = "pt" + "0" * 32


def permit() -> Permit:
    return mint(
        attempt_id=AttemptId("a" * 32),
        token=TOKEN,
        expires=datetime(2026, 11, 18, tzinfo=UTC),
        patience_ms=2000,
        notice_prompt="notice-zh",
        recording_prompt="",
        recording_notice=RecordingNotice.NONE,
    )


def test_a_minted_permit_says_what_it_was_made_with() -> None:
    made = permit()
    assert (made.token, made.patience_ms, made.notice_prompt) == (TOKEN, 2000, "notice-zh")


@pytest.mark.parametrize("key", [None, object(), "mint", True])
def test_nobody_makes_a_permit_by_calling_the_class(key: object) -> None:
    with pytest.raises(TypeError, match="known commit"):
        Permit(
            key,
            attempt_id=AttemptId("a"),
            token=TOKEN,
            expires=datetime.now(UTC),
            patience_ms=0,
            notice_prompt="",
            recording_prompt="",
            recording_notice=RecordingNotice.NONE,
            amd=AmdUse.OFF,
        )


def test_a_permit_is_not_copied() -> None:
    with pytest.raises(TypeError, match="copied"):
        copy.copy(permit())
    with pytest.raises(TypeError, match="copied"):
        copy.deepcopy(permit())
    with pytest.raises(TypeError, match="copied"):
        copy.deepcopy([permit()])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_permit_is_not_pickled(protocol: int) -> None:
    with pytest.raises(TypeError, match=r"pickled|slots"):
        pickle.dumps(permit(), protocol)


def test_a_permit_is_not_edited_and_carries_nothing_else() -> None:
    made = permit()
    with pytest.raises(TypeError, match="edited"):
        made.token = "pt" + "1" * 32
    with pytest.raises(TypeError, match="edited"):
        made.number = "+8613000000001"
    with pytest.raises(AttributeError):
        made.__dict__  # noqa: B018
    assert made.token == TOKEN


def test_no_class_can_pretend_to_be_one() -> None:
    source = ast.parse((PACKAGE / "calls" / "permit.py").read_text(encoding="utf-8"))
    (made,) = [node for node in ast.walk(source) if isinstance(node, ast.ClassDef)]
    assert [ast.unparse(d) for d in made.decorator_list] == ["final"]


def test_what_a_permit_prints_has_no_token() -> None:
    assert TOKEN not in repr(permit())
    assert TOKEN not in str(permit())


def _uses(name: str, module: str) -> set[str]:
    """Files of the package that name `name` of `module`, by import or by attribute."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = {a.name for a in node.names} if isinstance(node, ast.ImportFrom) else set()
            if isinstance(node, ast.ImportFrom) and node.module == module and names & {name, "*"}:
                found.add(path.relative_to(PACKAGE).as_posix())
            if isinstance(node, ast.Attribute) and node.attr == name:
                found.add(path.relative_to(PACKAGE).as_posix())
    return found


def test_only_the_ledger_mints_permits() -> None:
    assert _uses("mint", "dialer.calls.permit") == {"storage/ledger.py"}


def test_the_search_for_minters_would_find_one() -> None:
    assert "storage/ledger.py" in _uses("Permit", "dialer.storage.tables_calls")
    assert _uses("may_move", "dialer.calls.attempt")


def test_nobody_reaches_for_the_permits_private_key() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name != "permit.py":
            assert "_MINT" not in path.read_text(encoding="utf-8"), path
