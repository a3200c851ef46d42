"""`dialer doctor` on the demo's home before any process runs: each fault is found once it is made, and not before."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dialer.demo.stage import Stage, prepare
from dialer.processes.doctor import examine, judge_stored
from dialer.rules.pack import Place
from dialer.rules.shipped import shipped_packs
from dialer.services.findings import FINDINGS, Finding
from dialer.settings import Profile, Settings
from dialer.signing.keys import KeyFiles
from dialer.storage.health import ListAge, StoredHealth
from dialer.storage.store import Store

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A home of its own for each test, since each breaks it."""
    folder = Path(tempfile.mkdtemp(prefix="doc-"))
    yield asyncio.run(prepare(folder / "h", 0, lambda line: None, frozenset({1})))
    shutil.rmtree(folder, ignore_errors=True)


def found(settings: Settings) -> set[tuple[str, str]]:
    return {(f.code, f.about) for f in asyncio.run(examine(settings))}


def spoil_key(settings: Settings) -> None:
    KeyFiles(settings.folders.keys).pepper.chmod(0o644)


def lose_key(settings: Settings) -> None:
    KeyFiles(settings.folders.keys).bundle_private.unlink()


def leave_recording(settings: Settings) -> None:
    path = settings.folders.spool / "left.wav"
    path.write_bytes(b"RIFF")
    long_ago = time.time() - 2 * 3600
    os.utime(path, (long_ago, long_ago))


def lose_authority(settings: Settings) -> None:
    (settings.folders.keys / "public" / "ca.crt").unlink()


def make_certificate(days: int) -> Callable[[Settings], None]:
    def make(settings: Settings) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "calls.example")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=400))
            .not_valid_after(now + dt.timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        (settings.folders.keys / "public" / "ca.crt").write_bytes(pem)

    return make


def stop_dialling(settings: Settings) -> None:
    store = Store(settings.database)
    store.write_now(
        lambda tx: tx.run(
            "INSERT INTO dialling_stop (id, code, at_us) VALUES ('stop-1', 'call.unexplained', :now)",
            now=tx.now_us(),
        )
    )
    store.close()


def age_tables(settings: Settings) -> None:
    store = Store(settings.database)
    store.write_now(lambda tx: tx.run("UPDATE alembic_version SET version_num = '0000'"))
    store.close()


def lose_database(settings: Settings) -> None:
    for path in settings.folders.keys.parent.rglob("dialer.db*"):
        path.unlink()


@pytest.mark.parametrize(
    ("fault", "finding"),
    [
        (spoil_key, ("key.open", "dialer/pepper.key")),
        (lose_key, ("key.missing", "signer/bundle.key")),
        (leave_recording, ("spool.left", "1")),
        (lose_authority, ("certificate.missing", "ca.crt")),
        (make_certificate(-1), ("certificate.expired", "ca.crt")),
        (make_certificate(20), ("certificate.soon", "ca.crt")),
        (stop_dialling, ("stop.open", "call.unexplained")),
        (age_tables, ("database.old", "0000")),
        (lose_database, ("database.away", "")),
    ],
)
def test_a_fault_is_found_once_it_is_there(
    stage: Stage, fault: Callable[[Settings], None], finding: tuple[str, str]
) -> None:
    assert finding not in found(stage.settings)
    fault(stage.settings)
    assert finding in found(stage.settings)


def test_every_process_that_does_not_run_is_named(stage: Stage) -> None:
    down = {about for code, about in found(stage.settings) if code == "process.down"}
    assert down == {"gate", "signer", "witness", "speech", "dialer"}


def test_keys_that_are_all_one_users_are_told_in_production_only(stage: Stage) -> None:
    assert "keys.one_user" not in {code for code, _ in found(stage.settings)}
    production = stage.settings.model_copy(update={"profile": Profile.PRODUCTION})
    assert ("keys.one_user", str(os.getuid())) in found(production)


def health(**changed: object) -> StoredHealth:
    known: dict[str, object] = {
        "revision": "1",
        "now": NOON,
        "witness_seconds": None,
        "stops": (),
        "lists": (),
        "places": (Place(frozenset({"cn-platform"}), "CN", "CN", frozenset()),),
    }
    return StoredHealth(**(known | changed))  # type: ignore[arg-type]


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [f.code for f in findings]


def test_a_healthy_database_in_june_has_nothing_to_tell() -> None:
    assert judge_stored(health(), "1", shipped_packs()) == ()


def test_the_year_that_is_not_announced_is_told_from_november_and_stops_calls_in_january() -> None:
    november = judge_stored(health(now=datetime(2026, 11, 2, tzinfo=UTC)), "1", shipped_packs())
    january = judge_stored(health(now=datetime(2027, 1, 2, tzinfo=UTC)), "1", shipped_packs())
    assert [(f.code, f.about) for f in november] == [("calendar.next_year", "cn")]
    assert [(f.code, f.about) for f in january] == [("calendar.this_year", "cn")]


def test_a_calendar_that_binds_none_of_the_calls_is_nobodys_worry() -> None:
    at_home = Place(frozenset(), "US", "US", frozenset())
    assert (
        judge_stored(health(now=datetime(2026, 11, 2, tzinfo=UTC), places=(at_home,)), "1", shipped_packs())
        == ()
    )


@pytest.mark.parametrize(("days", "expected"), [(5, []), (25, ["list.ageing"]), (32, ["list.old"])])
def test_an_outside_list_is_told_before_it_is_too_old(days: int, expected: list[str]) -> None:
    lists = (ListAge("us-ndnc", NOON - timedelta(days=days)),)
    assert codes(judge_stored(health(lists=lists), "1", shipped_packs())) == expected


def test_a_late_witness_is_told() -> None:
    assert codes(judge_stored(health(witness_seconds=90), "1", shipped_packs())) == ["witness.late"]


def test_every_finding_has_its_words_in_both_languages() -> None:
    for code, words in FINDINGS.items():
        assert all((words.zh, words.en, words.cure_zh, words.cure_en)), code
        assert words.zh.isascii() is words.cure_zh.isascii() is False
        assert words.en.isascii()
