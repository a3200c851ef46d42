"""How long a dossier takes to write and to verify, and what memory fsck takes on a long log.

    python bench/bench_dossier.py [--bundles 100] [--leaves 20000]

Bundles are those of the sample log's talk with a recording of ten seconds; fsck walks a log of empty events twice, the second
time ten times as long, and prints the peak of its memory for each.
"""

import argparse
import io
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
import soundfile

from dialer.evidence.check_dossier import verify_dossier
from dialer.evidence.dossier import DossierHead, DossierWriter, told_of
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.evidence.sample import ORG, SAMPLE_ATTEMPTS, SampleLog, Sound, sample_log
from dialer.evidence.trust import Trust
from dialer.storage.dnc import start_dnc_tree
from dialer.storage.fsck import Against, check_store
from dialer.storage.log import Draft, LogWriter, start_log
from dialer.storage.migrate import migrate
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.vault.keyring import FileKeyring
from dialer.vault.objects import LocalObjects
from dialer.vault.sweep import measure

RATE_HZ, SECONDS = 8000, 10
LEAVES_AT_ONCE = 2_000
GATE_KEY = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")


def sound() -> Sound:
    """Ten seconds of noise on both legs."""
    frames = (np.random.default_rng(7).normal(size=(RATE_HZ * SECONDS, 2)) * 3000).astype("<i2")
    flac = io.BytesIO()
    soundfile.write(flac, frames, RATE_HZ, format="FLAC", subtype="PCM_16")
    return Sound(flac.getvalue(), sha256(frames.tobytes()).digest(), len(frames), RATE_HZ, 2)


def written(log: SampleLog, bundles: int, path: Path) -> float:
    """Build each bundle anew, as an export does, and write the dossier; the seconds."""
    writer = DossierWriter(DossierHead("bench", "demo/sample", ORG, 1, "bench"), log.trust)
    number = SAMPLE_ATTEMPTS["talked"]
    began = time.perf_counter()
    with path.open("wb") as file:
        file.writelines(writer.begin())
        for n in range(bundles):
            parts = log.parts("talked", number)
            at_us, state = told_of("talked", parts.leaves)
            data = log.bundle(parts)
            # the index names an attempt once; the bench repeats one, so only the index differs
            file.writelines(writer.add(f"talked-{n}", at_us, state, parts.note.checkpoint().size, data))
        file.writelines(writer.finish((), log.bundle_key.trusted, log.bundle_key.sign))
    return time.perf_counter() - began


def dossier(bundles: int) -> None:
    """Print writing and verifying."""
    log = sample_log(sound())
    with tempfile.TemporaryDirectory(prefix="bench-dossier-") as folder:
        path = Path(folder) / "dossier.zip"
        wrote = written(log, bundles, path)
        began = time.perf_counter()
        report = verify_dossier(path.read_bytes(), log.trust)
        verified = time.perf_counter() - began
        held = sum(one.exit_code == 0 for _, one in report.bundles)
        print(
            f"dossier of {bundles} bundles, {path.stat().st_size / 1e6:.0f} MB: written {wrote:.1f} s,"
            f" verified {verified:.1f} s ({held} hold); 1,000 would take {wrote / bundles * 1000:.0f} s and"
            f" {verified / bundles * 1000:.0f} s"
        )


def keyring() -> FileKeyring:
    """Keys of nobody."""
    return FileKeyring(
        master_key=bytes(32), pepper=bytes(32), gate_public_key=GATE_KEY, vrf_seed=bytes(range(32))
    )


def walk(url: str) -> None:
    """One fsck in a process of its own; prints what it saw and its peak of memory."""
    store = Store(url)
    against = Against(
        Trust("bench", ()), None, keyring(), lambda path, key: measure(LocalObjects(Path()), path, key)
    )
    began = time.perf_counter()
    audit = store.read_now(lambda tx: check_store(tx, against))
    took = time.perf_counter() - began
    # ru_maxrss would be the parent's where that was larger
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_mb = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(
        f"fsck of {audit.leaves} leaves: {took:.1f} s, {audit.leaves / took:.0f} leaves/s, peak {peak_mb:.0f} MB,"
        f" {len(audit.found)} findings"
    )
    store.close()


def filled(url: str, leaves: int) -> None:
    """A log of events that concern nobody."""
    migrate(url)
    store = Store(url)
    log = LogWriter("bench", "bench", "boot", "bench", keyring())
    draft = Draft(EventType.CONFIG_CHANGED, Actor(ActorKind.PROCESS, "bench"), {"what": "bench"})

    def begin(tx: Tx) -> None:
        start_log(tx)
        start_dnc_tree(tx)
        tx.run("INSERT INTO clock_offset (id, offset_us) VALUES (1, 0)")

    def work(tx: Tx) -> None:
        for _ in range(LEAVES_AT_ONCE):
            log.append(tx, draft, tx.now_us())

    store.write_now(begin)
    for _ in range(leaves // LEAVES_AT_ONCE):
        store.write_now(work)
    store.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bundles", type=int, default=100)
    parser.add_argument("--leaves", type=int, default=20_000)
    parser.add_argument("--walk", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.walk:
        walk(options.walk)
        return
    dossier(options.bundles)
    with tempfile.TemporaryDirectory(prefix="bench-fsck-") as folder:
        for leaves in (options.leaves, options.leaves * 10):
            url = f"sqlite:///{Path(folder) / f'{leaves}.db'}"
            filled(url, leaves)
            subprocess.run([sys.executable, __file__, "--walk", url], check=True)


if __name__ == "__main__":
    main()
