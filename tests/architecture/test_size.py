"""Files and functions that fit a reader's head. What is longer is named here, with how long it may be, and why."""

import ast

from tests.architecture.checkout import modules, texts

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
CODE = (".py", ".ts", ".tsx", ".sh")

LONGER_FILES = {
    "dialer/testing/exchange.py": 420,  # one fake of three Asterisks: each verb and each leg in one place
    "migrations/versions/0001_first_tables.py": 1_100,  # written by the tool from the tables
    "web/src/api/schema.ts": 22_000,  # written by the tool from the API's document
}
LONGER_FUNCTIONS = {
    "dialer/processes/console.py:build_web": 120,  # the rooms behind the API, wired: one line each
    "tests/unit/api/api_seed.py:_attempt": 80,
    "tests/unit/api/api_world.py:make_rooms": 90,  # the same rooms for the tests
    "tests/unit/services/floor_stage.py:__post_init__": 100,
    "migrations/versions/0001_first_tables.py:upgrade": 900,
    "migrations/versions/0001_first_tables.py:downgrade": 250,
}


def test_no_file_of_code_is_longer_than_a_reader_holds() -> None:
    too_long = {
        path: lines
        for path, text in texts("dialer", "tests", "bench", "migrations", "scripts", "web")
        if path.endswith(CODE) and (lines := text.count("\n")) > LONGER_FILES.get(path, FILE_LINES_MAX)
    }
    assert too_long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = {}
    for path, tree in modules("dialer", "tests", "bench", "migrations"):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGER_FUNCTIONS.get(f"{path}:{node.name}", FUNCTION_LINES_MAX):
                    too_long[f"{path}:{node.name}"] = lines
    assert too_long == {}


def test_every_longer_file_that_is_named_here_is_there_and_is_longer() -> None:
    lines = {path: text.count("\n") for path, text in texts("dialer", "migrations", "tests", "web")}
    assert {path for path in LONGER_FILES if lines.get(path, 0) <= FILE_LINES_MAX} == set()
