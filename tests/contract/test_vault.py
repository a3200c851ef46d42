"""One suite for every place where recordings lie: the local folder, an S3-compatible store, the stores of several regions."""

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import numpy as np
import pytest
import soundfile as sf
from moto.server import ThreadedMotoServer

from dialer.compliance.facts import VaultState
from dialer.domain.errors import SealBroken, VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.ports.audio import SealedAudio
from dialer.vault.objects import PIECE_BYTES, Fault, LocalObjects, Objects
from dialer.vault.recordings import RecordingVault
from dialer.vault.regions import RegionalObjects
from dialer.vault.s3 import S3Objects, S3Place
from dialer.vault.sweep import measure

EAST, WEST = "cn-east", "cn-west"
ATTEMPT = AttemptId("0" * 32)
LOCK_DAYS = 30


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An S3-compatible store on loopback, on a port of the kernel's choice."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


def s3_client(server: str):  # type: ignore[no-untyped-def]
    return boto3.client(
        "s3",
        endpoint_url=server,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def place(server: str, bucket: str, lock_days: int | None = None) -> S3Place:
    return S3Place(server, bucket, "us-east-1", "test", "test", lock_days, None)


def bucket_of(server: str, name: str, *, locks: bool = False) -> str:
    s3_client(server).create_bucket(Bucket=name, ObjectLockEnabledForBucket=locks)
    return name


@dataclass
class Kept:
    """One place, and how a thief gets at what lies there."""

    objects: Objects
    region: str
    bucket: str | None
    server: str
    root: Path

    def overwrite(self, path: str, content: bytes) -> None:
        inside = path.partition("/")[2] if path.startswith("@") else path
        if self.bucket is None:
            (self.root / inside).write_bytes(content)
        else:
            s3_client(self.server).put_object(Bucket=self.bucket, Key=inside, Body=content)


_COUNT = iter(range(10_000))


@pytest.fixture(params=["local", "s3", "s3 locked", "regions"])
def kept(request: pytest.FixtureRequest, server: str, tmp_path: Path) -> Kept:
    root = tmp_path / "vault"
    root.mkdir()
    name = f"bucket-{next(_COUNT)}"
    match request.param:
        case "local":
            return Kept(LocalObjects(root), EAST, None, server, root)
        case "s3":
            objects: Objects = S3Objects(place(server, bucket_of(server, name)))
        case "s3 locked":
            objects = S3Objects(place(server, bucket_of(server, name, locks=True), LOCK_DAYS))
        case _:
            stores = {EAST: S3Objects(place(server, bucket_of(server, name)))}
            objects = RegionalObjects(stores, LocalObjects(root))
    return Kept(objects, EAST, name, server, root)


def content_of(pieces: int) -> bytes:
    return os.urandom(PIECE_BYTES * pieces + 17)


def test_what_is_put_comes_back_piece_by_piece(kept: Kept) -> None:
    assert kept.objects.state(kept.region) is VaultState.WRITABLE
    for pieces in (0, 1, 3):
        content = content_of(pieces)
        path = kept.objects.put(kept.region, f"{pieces:032x}.bin", content)
        came = list(kept.objects.pieces(path))
        assert b"".join(came) == content
        assert [len(piece) for piece in came] == [PIECE_BYTES] * pieces + [17]
        assert kept.objects.is_there(path)
        assert kept.objects.fault(path, len(content)) is None


def test_a_missing_or_shortened_object_is_named(kept: Kept) -> None:
    path = kept.objects.put(kept.region, "ab.bin", b"x" * 100)
    assert kept.objects.fault(path, 99) is Fault.ALTERED
    assert not kept.objects.is_there(f"{path}.gone")
    assert kept.objects.fault(f"{path}.gone", 100) is Fault.MISSING
    with pytest.raises(VaultUnavailable):
        list(kept.objects.pieces(f"{path}.gone"))


def test_a_path_that_leads_out_is_not_followed(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    for path in ("../secret", "@elsewhere/x"):
        with pytest.raises(VaultUnavailable):
            list(kept.objects.pieces(path))


def test_removing_twice_is_no_error_and_a_lock_is_never_broken(
    kept: Kept, request: pytest.FixtureRequest
) -> None:
    path = kept.objects.put(kept.region, "ab.bin", b"x")
    if "locked" in request.node.name:
        with pytest.raises(VaultUnavailable):
            kept.objects.remove(path)
        assert kept.objects.is_there(path)
        return
    kept.objects.remove(path)
    kept.objects.remove(path)
    assert not kept.objects.is_there(path)


def spoken(folder: Path) -> Path:
    """A spool in which the exchange wrote a second of both legs."""
    spool = folder / "spool"
    spool.mkdir()
    turn = np.arange(8000) * 2 * np.pi / 8000
    for leg, tone in (("callee", 440), ("agent", 660)):
        sound = (np.sin(turn * tone) * 9000).astype(np.int16)
        sf.write(spool / f"{ATTEMPT}-{leg}.wav", sound, 8000, subtype="PCM_16")
    return spool


async def sealed(kept: Kept, spool: Path) -> tuple[RecordingVault, SealedAudio]:
    async def region_of(attempt_id: AttemptId) -> str:
        assert attempt_id == ATTEMPT
        return kept.region

    vault = RecordingVault(kept.objects, spool, region_of)
    audio = await vault.seal(ATTEMPT)
    assert audio is not None
    return vault, audio


async def test_a_recording_is_sealed_opened_and_measured_alike_everywhere(kept: Kept, tmp_path: Path) -> None:
    vault, audio = await sealed(kept, spoken(tmp_path))
    flac = await vault.open(audio.path, audio.key, audio.ct_sha256)
    assert hashlib.sha256(flac).hexdigest() == audio.flac_sha256
    found = measure(kept.objects, audio.path, audio.key)
    assert found is not None
    assert (found.ct_sha256, found.ct_bytes, found.flac_sha256) == (
        audio.ct_sha256,
        audio.ct_bytes,
        audio.flac_sha256,
    )


async def test_a_swapped_object_does_not_open_and_is_measured_as_another(kept: Kept, tmp_path: Path) -> None:
    vault, audio = await sealed(kept, spoken(tmp_path))
    kept.overwrite(audio.path, os.urandom(audio.ct_bytes))
    with pytest.raises(SealBroken):
        await vault.open(audio.path, audio.key, audio.ct_sha256)
    found = measure(kept.objects, audio.path, audio.key)
    assert found is not None
    assert (found.ct_sha256 == audio.ct_sha256, found.flac_sha256) == (False, None)


async def test_a_store_that_is_away_keeps_nothing_and_the_spool_has_it_still(
    server: str, tmp_path: Path
) -> None:
    spool = spoken(tmp_path)
    away = Kept(S3Objects(place("http://127.0.0.1:1", "none")), EAST, None, server, tmp_path)
    assert RecordingVault(away.objects, spool).state(EAST) is VaultState.UNREACHABLE
    with pytest.raises(VaultUnavailable):
        await sealed(away, spool)
    assert await RecordingVault(away.objects, spool).waiting() == (ATTEMPT,)
    there = replace(away, objects=S3Objects(place(server, bucket_of(server, f"bucket-{next(_COUNT)}"))))
    assert RecordingVault(there.objects, spool).state(EAST) is VaultState.WRITABLE
    await sealed(there, spool)


def test_an_organisation_without_a_store_in_its_region_keeps_nothing_elsewhere(
    server: str, tmp_path: Path
) -> None:
    east, west = (bucket_of(server, f"bucket-{next(_COUNT)}") for _ in range(2))
    both = {EAST: S3Objects(place(server, east)), WEST: S3Objects(place(server, west))}
    for region, bucket in ((EAST, east), (WEST, west)):
        path = RegionalObjects(both, LocalObjects(tmp_path)).put(region, "ab.bin", b"x")
        assert path == f"@{region}/ab/ab.bin"
        listed = s3_client(server).list_objects_v2(Bucket=bucket)
        assert listed["KeyCount"] == 1
    only_east = RegionalObjects({EAST: both[EAST]}, LocalObjects(tmp_path))
    assert (only_east.state(EAST), only_east.state(WEST)) == (VaultState.WRITABLE, VaultState.UNREACHABLE)
    with pytest.raises(VaultUnavailable, match="region"):
        only_east.put(WEST, "cd.bin", b"x")
    assert list(tmp_path.iterdir()) == []


def test_each_object_is_locked_until_its_day_and_a_bucket_without_locks_takes_nothing(server: str) -> None:
    locked = bucket_of(server, f"bucket-{next(_COUNT)}", locks=True)
    objects = S3Objects(place(server, locked, LOCK_DAYS))
    path = objects.put(EAST, "ab.bin", b"x")
    head = s3_client(server).head_object(Bucket=locked, Key=path)
    assert head["ObjectLockMode"] == "COMPLIANCE"
    until = head["ObjectLockRetainUntilDate"] - datetime.now(UTC)
    assert timedelta(days=LOCK_DAYS - 1) < until <= timedelta(days=LOCK_DAYS)
    plain = S3Objects(place(server, bucket_of(server, f"bucket-{next(_COUNT)}"), LOCK_DAYS))
    assert plain.state(EAST) is VaultState.UNREACHABLE


def test_an_object_that_lost_its_lock_is_found_by_the_sweep(server: str) -> None:
    bucket = bucket_of(server, f"bucket-{next(_COUNT)}", locks=True)
    objects = S3Objects(place(server, bucket, LOCK_DAYS))
    s3_client(server).put_object(Bucket=bucket, Key="ab/ab.bin", Body=b"x")
    assert objects.fault("ab/ab.bin", 1) is Fault.UNLOCKED
    assert objects.fault(objects.put(EAST, "cd.bin", b"x"), 1) is None


class _Lying(BaseHTTPRequestHandler):
    """A store that says yes to everything and keeps nothing of what it was told."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_HEAD = do_GET = _answer  # noqa: N815 - the library's names

    def log_message(self, *arguments: object) -> None:
        pass


def test_a_store_that_only_says_yes_is_not_believed() -> None:
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _Lying)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{listening.server_address[1]}"
        for lock_days, why in ((None, "not there"), (LOCK_DAYS, "not")):
            with pytest.raises(VaultUnavailable, match=why):
                S3Objects(place(url, "any", lock_days)).put(EAST, "ab.bin", b"x")
    finally:
        listening.shutdown()
        listening.server_close()


def test_an_object_is_written_once(server: str) -> None:
    objects = S3Objects(place(server, bucket_of(server, f"bucket-{next(_COUNT)}")))
    path = objects.put(EAST, "ab.bin", b"first")
    with pytest.raises(VaultUnavailable):
        objects.put(EAST, "ab.bin", b"second")
    assert b"".join(objects.pieces(path)) == b"first"
