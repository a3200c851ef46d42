"""The evidence core is pure: which modules may be touched by what, held by reading the sources."""

import ast
import inspect
from pathlib import Path

import dialer.evidence
from dialer.evidence import onefile

FOLDER = Path(inspect.getfile(dialer.evidence)).parent
OUTSIDE = {"cryptography", "nacl", "dialer"}
CLOCKS_AND_DICE = {"time", "random", "secrets", "os", "socket", "asyncio", "logging", "subprocess"}
SHELLS = {"verify.py", "onefile.py"}
"""The command lines: the only modules that read files, arguments or write to the terminal."""


def imported(path: Path) -> set[str]:
    """Top-level names of all that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_no_module_reads_a_clock_or_draws_random_numbers() -> None:
    for path in FOLDER.glob("*.py"):
        assert not imported(path) & CLOCKS_AND_DICE, path.name
        called = {n.attr for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Attribute)}
        assert not called & {"now", "utcnow", "today", "urandom", "uuid4", "generate"}, path.name


def test_only_the_command_lines_read_files_or_print() -> None:
    for path in FOLDER.glob("*.py"):
        touches = imported(path) & {"pathlib", "argparse", "sys"}
        assert not touches or path.name in SHELLS, path.name
    assert imported(FOLDER / "verify.py") >= {"pathlib", "argparse", "sys"}


def test_the_verifier_needs_python_and_cryptography_alone() -> None:
    names = {Path(inspect.getfile(module)).name for module in onefile.MODULES}
    for name in names:
        assert not imported(FOLDER / name) & (OUTSIDE - {"cryptography", "dialer"}), name
        for node in ast.walk(ast.parse((FOLDER / name).read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dialer"):
                assert f"{(node.module or '').rpartition('.')[2]}.py" in names, (
                    f"{name} imports {node.module}"
                )


def test_no_module_of_the_core_imports_another_room() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dialer"):
                assert (node.module or "").startswith("dialer.evidence"), f"{path.name} imports {node.module}"
