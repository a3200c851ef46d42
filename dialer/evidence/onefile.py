"""Write the verifier as one file that needs Python and `cryptography` alone.

    python -m dialer.evidence.onefile > verify_evidence.py

It joins the modules that the verifier is made of, in order, without their imports of each other: nothing is rewritten,
so the file can be compared with the repository line by line. The same sources give the same bytes; publish their hash.
"""

import ast
import inspect
import sys
from types import ModuleType

from dialer.evidence import (
    canonical,
    case,
    check_content,
    check_dnc,
    check_dossier,
    check_files,
    check_log,
    checkpoint,
    checks,
    container,
    dnc_proof,
    dossier,
    ecvrf,
    forms,
    manifest,
    merkle,
    parts,
    payload,
    record,
    sound,
    steps,
    story,
    timetoken,
    trust,
    verify,
    wording,
)

MODULES: tuple[ModuleType, ...] = (
    *(canonical, forms, merkle, record, payload, checkpoint, dnc_proof, ecvrf, trust, container, manifest),
    *(
        parts,
        story,
        timetoken,
        case,
        sound,
        wording,
        check_files,
        check_log,
        check_content,
        check_dnc,
        steps,
        checks,
        dossier,
        check_dossier,
        verify,
    ),
)
_OWN = "dialer.evidence."
_ALLOWED = frozenset({"cryptography"}) | sys.stdlib_module_names


class NotOneFileError(Exception):
    """The modules can't be joined: a name stands in two of them, or one needs more than Python and cryptography."""


def one_file() -> str:
    """The source of the whole verifier.

    Raises:
        NotOneFileError: joining would change what the code means.
    """
    imports: set[str] = set()
    names: dict[str, str] = {}
    bodies = []
    for module in MODULES:
        source = inspect.getsource(module)
        tree = ast.parse(source)
        imports |= _foreign_imports(tree)
        for name in _top_level_names(tree):
            if name in names:
                raise NotOneFileError(f"{name} stands in {names[name]} and {module.__name__}")
            names[name] = module.__name__
        bodies.append(_without_imports(module.__name__, source, tree))
    head = '"""' + (inspect.getdoc(verify) or "") + '\n\nJoined from the sources named below.\n"""\n\n'
    return head + "\n".join(sorted(imports)) + "\n" + "".join(bodies)


def _foreign_imports(tree: ast.Module) -> set[str]:
    found = set()
    for node in tree.body:
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                if not module.startswith(_OWN):
                    found |= {f"from {module} import {_alias(name)}" for name in names}
                    _check_allowed(module)
                elif any(name.asname for name in names):
                    raise NotOneFileError(f"a name of {module} is taken under another name")
            case ast.Import(names=names):
                found |= {f"import {_alias(name)}" for name in names}
                for name in names:
                    _check_allowed(name.name)
    return found


def _alias(name: ast.alias) -> str:
    return f"{name.name} as {name.asname}" if name.asname else name.name


def _check_allowed(module: str) -> None:
    if module.partition(".")[0] not in _ALLOWED:
        raise NotOneFileError(f"{module} is neither Python's own nor cryptography")


def _top_level_names(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


def _without_imports(name: str, source: str, tree: ast.Module) -> str:
    lines = source.splitlines()
    keep = [True] * len(lines)
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) or node is tree.body[0]:
            for line in range(node.lineno - 1, node.end_lineno or node.lineno):
                keep[line] = False
    body = "\n".join(line for line, kept in zip(lines, keep, strict=True) if kept).strip()
    title = (ast.get_docstring(tree) or "").replace("\n", "\n# ")
    return f"\n\n# ---- {name}\n# {title}\n\n{body}\n"


if __name__ == "__main__":
    sys.stdout.write(one_file())
