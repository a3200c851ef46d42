"""Figures of the evidence core on one core: appending, re-verifying, bundles of a ten-minute call, DNC places.

    python -m bench.bench_evidence        (from the repository's root; or PYTHONPATH=. python bench/bench_evidence.py)

Storing is measured by the clock on the wall, computing by the CPU time of this process. The targets are those of the contract: 10,000 events/s at batch 128 and 2,000/s at batch 1 into SQLite (WAL, FULL),
re-verification 20,000 events/s, a bundle of a ten-minute call exported in 1 s and verified in 1 s.
"""

import io
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import soundfile

from dialer.evidence.audit import audit_log
from dialer.evidence.checkpoint import Checkpoint, cosign, sign_checkpoint
from dialer.evidence.checks import verify_bundle
from dialer.evidence.dnc_tree import EMPTY_HEAD, Change, place_of, prove_place, record_changes
from dialer.evidence.ecvrf import vrf_output
from dialer.evidence.merkle import LeafHash, leaf_hash
from dialer.evidence.payload import build_payload
from dialer.evidence.record import Actor, ActorKind, Event, EventType, Leaf
from dialer.evidence.sample import SampleLog, Sound, sample_log
from dialer.evidence.sound import sound_decoder
from dialer.evidence.tree import EMPTY, Frontier, extend, root

EVENTS = 20_000
BATCH = 128
RATE_HZ = 16_000
CALL_SECONDS = 600
TARGETS_PER_S = {
    "append to SQLite, batch 128": 10_000,
    "append to SQLite, batch 1": 2_000,
    "re-verify a log": 20_000,
}
TARGETS_S = {"export a bundle of 10 minutes": 1.0, "verify a bundle of 10 minutes": 1.0}


class Chain:
    """Events made into leaves one after the other, as the appender of storage does."""

    def __init__(self) -> None:
        self.frontier: Frontier = EMPTY
        self.prev: LeafHash | None = None
        self.seq = 0

    def batch(self, count: int) -> tuple[list[tuple[int, bytes, bytes]], list[tuple[int, int, bytes]]]:
        """Rows of leaves and of tree nodes."""
        rows = []
        for _ in range(count):
            body = Leaf(
                "demo/bench", self.seq, self.prev, (self.prev,) if self.prev else (), event(self.seq)
            ).to_bytes()
            self.prev = leaf_hash(body)
            rows.append((self.seq, bytes(self.prev), body))
            self.seq += 1
        grown = extend(self.frontier, (LeafHash(digest) for _, digest, _ in rows))
        self.frontier = grown.frontier
        return rows, [(node.level, node.index, node.hash) for node in grown.nodes]


def event(number: int) -> Event:
    """An event with the fields of a usual one."""
    salts = [sha256(b"%d %d" % (number, part)).digest() for part in range(4)]
    payload = build_payload({"sip.code": 200, "state": "ringing", "uid": f"egress-{number}"}, salts)
    return Event(
        ts_us=1_794_969_000_000_000 + number,
        node="node-1",
        boot="boot-1",
        type=EventType.ATTEMPT_RINGING,
        actor=Actor(ActorKind.PROCESS, "dialer"),
        sw="dialer-0.1.0",
        org="org-1",
        attempt_id=f"attempt-{number // 8}",
        sid=f"sid-{number // 8}",
        consent_id=f"consent-{number // 8}",
        commit=payload.commit(),
    )


def seconds(work: Callable[[], object]) -> float:
    """Wall-clock seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cpu_seconds(work: Callable[[], object]) -> float:
    """Seconds of this process's own computing, for what neither waits nor stores: others on the machine don't count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def append_in_memory(count: int, batch: int) -> None:
    """Events to leaves to tree, nothing stored."""
    chain = Chain()
    for _ in range(count // batch):
        chain.batch(batch)
        root(chain.frontier)


def append_to_sqlite(count: int, batch: int) -> None:
    """The same, each batch one durable transaction: leaves, nodes, and the head with its root."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "log.db", isolation_level=None)
        database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE leaf (seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL);"
            "CREATE TABLE node (level INTEGER, idx INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, idx)) WITHOUT ROWID;"
            "CREATE TABLE head (id INTEGER PRIMARY KEY, size INTEGER, peaks BLOB, root BLOB);"
        )
        chain = Chain()
        for _ in range(count // batch):
            database.execute("BEGIN IMMEDIATE")
            leaves, nodes = chain.batch(batch)
            database.executemany("INSERT INTO leaf VALUES (?, ?, ?)", leaves)
            database.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)
            head = (chain.frontier.size, b"".join(chain.frontier.peaks), root(chain.frontier))
            database.execute("INSERT OR REPLACE INTO head VALUES (1, ?, ?, ?)", head)
            database.execute("COMMIT")
        database.close()


def empty_commits(count: int) -> None:
    """What this disk allows at most: one small row in each durable transaction."""
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "log.db", isolation_level=None)
        database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (n INTEGER);"
        )
        for number in range(count):
            database.execute("INSERT INTO t VALUES (?)", (number,))
        database.close()


def reverify(count: int) -> float:
    """CPU seconds to audit a log of `count` leaves under its cosigned head."""
    log = SampleLog("demo/bench")
    chain = Chain()
    rows, _ = chain.batch(count)
    head = Checkpoint("demo/bench", count, root(chain.frontier), None)
    note = sign_checkpoint(head, log.log_key.trusted.note_key(), log.log_key.sign)
    witness = log.witness_key
    note = note.with_signature(cosign(note.body, 1_794_969_000, witness.trusted.note_key(), witness.sign))
    bodies = [body for _, _, body in rows]
    found = []
    took = cpu_seconds(lambda: found.append(audit_log(bodies, [note.to_bytes()], note.to_bytes(), log.trust)))
    if found[0].findings or found[0].exposed:
        raise SystemExit("the benchmark's log is not clean")
    return took


def ten_minutes() -> Sound:
    """Two legs of band-limited noise with pauses, about as compressible as speech on the telephone."""
    rng = np.random.default_rng(20261118)
    noise = rng.normal(size=(CALL_SECONDS * RATE_HZ, 2))
    smooth = np.cumsum(noise, axis=0)
    smooth = (smooth[8:] - smooth[:-8]) * 600
    talking = (np.arange(len(smooth)) // (2 * RATE_HZ))[:, None] % 2 == np.array([0, 1])
    frames = (smooth * (talking * 0.98 + 0.02)).clip(-32768, 32767).astype("<i2")
    flac = io.BytesIO()
    soundfile.write(flac, frames, RATE_HZ, format="FLAC", subtype="PCM_16")
    return Sound(flac.getvalue(), sha256(frames.tobytes()).digest(), len(frames), RATE_HZ, 2)


def figures() -> Iterator[tuple[str, float, str]]:
    """Name, figure, unit."""
    yield (
        "leaf, hash and tree in memory, batch 128",
        EVENTS / cpu_seconds(lambda: append_in_memory(EVENTS, BATCH)),
        "/s",
    )
    yield "append to SQLite, batch 128", EVENTS / seconds(lambda: append_to_sqlite(EVENTS, BATCH)), "/s"
    yield "append to SQLite, batch 1", 4_000 / seconds(lambda: append_to_sqlite(4_000, 1)), "/s"
    yield "  (one row a commit, nothing else: this disk)", 4_000 / seconds(lambda: empty_commits(4_000)), "/s"
    yield "re-verify a log", EVENTS / reverify(EVENTS), "/s"
    log = sample_log(None)
    made = [place_of(log.vrf, "org:bench", f"+86130000{n:05}") for n in range(1000)]
    yield (
        "VRF places made",
        1000 / cpu_seconds(lambda: [place_of(log.vrf, "org:bench", str(n)) for n in range(1000)]),
        "/s",
    )
    proof = made[0][1]
    yield (
        "VRF proofs checked, integers alone",
        20 / cpu_seconds(lambda: [vrf_output(log.vrf.public, b"x", proof.proof) for _ in range(20)]),
        "/s",
    )
    stored: dict[bytes, bytes] = {}
    changes = [Change(place, number) for number, (place, _) in enumerate(made)]
    yield (
        "DNC entries recorded, one batch",
        1000 / cpu_seconds(lambda: record_changes(EMPTY_HEAD, changes, stored.__getitem__)),
        "/s",
    )
    grown = record_changes(EMPTY_HEAD, changes, stored.__getitem__)
    nodes = dict(grown.nodes)
    yield (
        "DNC proofs built",
        1000
        / cpu_seconds(lambda: [prove_place(grown.head.root, place, nodes.__getitem__) for place, _ in made]),
        "/s",
    )
    log = sample_log(ten_minutes())
    parts = log.parts("talked", "+8613000000001")
    yield "recording of 10 minutes", len(log.sounds["talked"].flac) / 1e6, " MB"
    bundles: list[bytes] = []
    yield "export a bundle of 10 minutes", cpu_seconds(lambda: bundles.append(log.bundle(parts))), " s"
    reports = []
    yield (
        "verify a bundle of 10 minutes",
        cpu_seconds(lambda: reports.append(verify_bundle(bundles[0], log.trust))),
        " s",
    )
    yield (
        "… and decode its sound",
        cpu_seconds(lambda: reports.append(verify_bundle(bundles[0], log.trust, sound_decoder()))),
        " s",
    )
    if any(report.exit_code for report in reports):
        raise SystemExit("the benchmark's bundle does not verify")


def main() -> int:
    """Print each figure beside its target; 1 if one is missed."""
    missed = 0
    for name, figure, unit in figures():
        target = TARGETS_PER_S.get(name) or TARGETS_S.get(name)
        is_met = target is None or (figure >= target if unit == "/s" else figure <= target)
        missed += not is_met
        aim = "" if target is None else f"   target {target:,}{unit} {'met' if is_met else 'MISSED'}"
        print(f"{name:46} {figure:12,.2f}{unit}{aim}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
