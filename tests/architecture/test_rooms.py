"""What import-linter can't say: who may mint a permit, originate a call, serve HTTP, speak to a database."""

import ast

from tests.architecture.checkout import imports, modules

SERVING = ("dialer/api/", "dialer/processes/")
"""Processes serve what the API built; nobody else knows HTTP."""


def importers(module: str, name: str | None = None) -> set[str]:
    """The product's files that import a module, or one name of it."""
    return {
        path
        for path, tree in modules("dialer")
        for found, what in imports(tree)
        if (found == module or found.startswith(f"{module}.") or (f"{found}.{what}") == module)
        and (name is None or what in (name, ""))
    }


def callers(attribute: str) -> set[str]:
    """The product's files that call a method of this name."""
    return {
        path
        for path, tree in modules("dialer")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == attribute
    }


def test_only_the_ledger_mints_permits() -> None:
    assert importers("dialer.calls.permit", "mint") == {"dialer/storage/ledger.py"}
    assert importers("dialer.calls.permit", "_MINT") == set()


def test_the_permits_module_is_never_imported_whole() -> None:
    whole = {
        p for p, tree in modules("dialer") for m, n in imports(tree) if m == "dialer.calls.permit" and not n
    }
    through = {
        p for p, tree in modules("dialer") for m, n in imports(tree) if (m, n) == ("dialer.calls", "permit")
    }
    assert whole | through == set()


def test_only_the_service_that_holds_a_permit_originates() -> None:
    assert callers("originate") <= {"dialer/services/dialing.py", "dialer/telephony/exchange.py"}
    assert "dialer/services/dialing.py" in callers("originate")


def test_only_the_api_and_its_processes_know_http_servers() -> None:
    found = importers("aiohttp.web")
    assert found
    assert {path for path in found if not path.startswith(SERVING)} == set()


def test_only_the_store_opens_databases() -> None:
    for library in ("sqlite3", "psycopg"):
        assert {p for p in importers(library) if not p.startswith("dialer/storage/")} == set()
        assert importers(library)


def test_only_the_second_gate_consumes_permits() -> None:
    assert importers("dialer.storage.consume", "consume") == {"dialer/processes/gate.py"}


def test_the_demo_is_imported_by_the_command_line_alone() -> None:
    assert {p for p in importers("dialer.demo") if not p.startswith("dialer/demo/")} == {"dialer/__main__.py"}


def test_no_module_of_the_product_imports_tests() -> None:
    assert importers("tests") == set()
    assert {path for path, _ in modules("tests")}
