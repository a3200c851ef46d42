"""The files of the checkout that are ours, as the architecture tests read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NOT_OURS: Final = frozenset(
    {".git", ".venv", ".cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"}
    | {"__pycache__", "node_modules", "dist"}
)
BUILT: Final = ROOT / "dialer" / "api" / "console"
BINARY: Final = frozenset({".zip", ".der", ".tsr", ".flac", ".wav", ".png", ".ico", ".gz", ".pyc", ".woff2"})


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in NOT_OURS or path == BUILT:
            continue
        if path.is_dir():
            yield from _walk(path)
        else:
            yield path


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """Every file of ours below these folders of the checkout (none named: all of it)."""
    return tuple(path for name in folders or ("",) for path in _walk(ROOT / name))


@cache
def texts(*folders: str) -> tuple[tuple[str, str], ...]:
    """Path within the checkout and text of every text file of ours."""
    return tuple(
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in files(*folders)
        if path.suffix not in BINARY
    )


@cache
def modules(*folders: str) -> tuple[tuple[str, ast.Module], ...]:
    """Path within the checkout and syntax tree of every Python file of ours."""
    return tuple((name, ast.parse(text)) for name, text in texts(*folders) if name.endswith(".py"))


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name of each import, wherever it stands; the name is empty where a whole module is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.module or "", alias.name) for alias in node.names)
