"""Words that have no place in the code, the papers or the samples."""

import ast
import re

from tests.architecture.checkout import ROOT, files, imports, modules, texts

HERE = "tests/architecture/"
GRAB_BAGS = re.compile(r"^(utils?|helpers?|common|misc)$")
VAGUE_CLASSES = re.compile(r"(Manager|Handler|Helper|Util|Utils|Base)$")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
REGISTRY_HOSTS = re.compile(
    r"pypi\.org|pythonhosted|npmjs|yarnpkg|docker\.io|ghcr\.io|quay\.io|deb\.debian\.org|proxy\.golang|crates\.io"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home/[a-z]+|Users/[A-Za-z]+)/")
CHINESE_MOBILE = re.compile(r"(?<![\w.])(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?![\w.])")
AMERICAN = re.compile(r"(?<![\w.])\+1[ -]?(\d{3}[ -]?\d{3}[ -]?\d{4})(?![\w.])")
SENTENCE_WORDS_MIN = 3
SHORT_SENTENCES = {"tests/unit/rules/test_lists.py:test_normal_forms"}


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def test_no_file_is_a_grab_bag() -> None:
    assert [
        str(p.relative_to(ROOT)) for p in files("dialer", "tests", "web", "bench") if GRAB_BAGS.match(p.stem)
    ] == []


def test_no_class_is_called_by_what_everything_is() -> None:
    found = [
        f"{path}:{node.name}"
        for path, tree in modules("dialer", "tests", "bench")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and VAGUE_CLASSES.search(node.name)
    ]
    assert found == []


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{path}: {m.group()}"
        for path, text in texts()
        if not path.startswith(HERE)
        for m in UNFINISHED.finditer(text)
    ]
    raised = [
        path
        for path, tree in modules("dialer")
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and node.exc is not None and "NotImplemented" in ast.dump(node.exc)
    ]
    assert found + raised == []


def test_no_test_talks_to_a_mock() -> None:
    found = [
        path
        for path, tree in modules("tests")
        for module, _ in imports(tree)
        if module.startswith("unittest.mock")
    ]
    assert found == []


def test_test_names_are_sentences() -> None:
    found = [
        f"{path}:{node.name}"
        for path, tree in modules("tests")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and len(node.name.split("_")) - 1 < SENTENCE_WORDS_MIN
    ]
    assert set(found) - SHORT_SENTENCES == set()


def test_no_registry_and_no_machine_is_named() -> None:
    found = [
        f"{path}: {m.group()}"
        for path, text in texts()
        if not path.startswith(HERE)
        for pattern in (REGISTRY_HOSTS, MACHINE_PATHS)
        for m in pattern.finditer(text)
    ]
    assert found == []


def test_every_sample_number_is_plainly_invented() -> None:
    """+86 130 0000 00xx and +1 202 555 01xx; a number of anybody's would sooner or later be dialled."""
    found = []
    for path, text in texts("dialer", "tests", "bench", "docs", "asterisk_conf", "web/src"):
        if path.endswith(("package-lock.json", "packages.toml")):
            continue
        found += [
            path for m in CHINESE_MOBILE.finditer(text) if not _digits(m.group(1)).startswith("130000000")
        ]
        found += [
            path for m in AMERICAN.finditer(text) if not re.match(r"20255501\d\d$", _digits(m.group(1)))
        ]
    assert sorted(set(found)) == []


def test_the_number_patterns_would_find_a_real_looking_number() -> None:
    assert CHINESE_MOBILE.search("call 138" + "00138000 now")
    assert CHINESE_MOBILE.search("call +86 138 " + "0013 8000 now")
    assert AMERICAN.search("call +1212" + "5551234 now")
