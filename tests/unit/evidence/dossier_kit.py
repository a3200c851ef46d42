"""Dossiers of the sample log, and what attackers make of them."""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bundle_attacks import ATTACKS
from bundle_forging import canonical

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.container import ZipWriter, read_zip
from dialer.evidence.dossier import (
    DOSSIER_LAYOUT,
    INDEX_TYPE,
    AbsentBundle,
    DossierHead,
    DossierWriter,
    bundle_name,
    parse_index,
    told_of,
)
from dialer.evidence.manifest import Envelope, parse_envelope
from dialer.evidence.sample import ORG, SAMPLE_ATTEMPTS, SampleKey, SampleLog, sample_key
from dialer.evidence.trust import KeyUse

HEAD = DossierHead("dossier-1", "demo/sample", ORG, 1_795_000_000_000_000, "dialer-test")
ABSENT = (AbsentBundle("not-yet", "not_signed_yet"),)
Files = dict[str, bytes]


def dossier(log: SampleLog, attempts: Mapping[str, str] = SAMPLE_ATTEMPTS, also: Sequence[int] = ()) -> bytes:
    """The dossier of these attempts, in order; `also`: further leaves in each bundle."""
    writer = DossierWriter(HEAD, log.trust)
    pieces = list(writer.begin())
    for name, number in attempts.items():
        parts = log.parts(name, number, also=also)
        size = parts.note.checkpoint().size
        pieces += writer.add(name, *told_of(name, parts.leaves), size, log.bundle(parts))
    pieces += writer.finish(ABSENT, log.bundle_key.trusted, log.bundle_key.sign)
    return b"".join(pieces)


def files_of(data: bytes) -> Files:
    """The files of a dossier."""
    return {name: bytes(extent.data) for name, extent in read_zip(data, DOSSIER_LAYOUT).items()}


def zipped(files: Files) -> bytes:
    """The one ZIP of these files."""
    writer = ZipWriter(DOSSIER_LAYOUT)
    return b"".join(writer.entry(name, files[name]) + files[name] for name in sorted(files)) + writer.end()


def reindexed(
    data: bytes, key: SampleKey, files: Callable[[Files], object], index: Callable[[dict[str, Any]], object]
) -> bytes:
    """Change files and index and sign the index anew; the table for people follows it where it can."""
    changed = files_of(data)
    files(changed)
    value = json.loads(parse_envelope(changed["index.json"], INDEX_TYPE).payload)
    index(value)
    payload = canonical(value)
    signature = key.sign(Envelope(payload, (), INDEX_TYPE).signed_bytes())
    changed["index.json"] = canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": INDEX_TYPE,
            "signatures": [{"keyid": key.trusted.id(), "sig": base64.b64encode(signature).decode()}],
        }
    )
    with suppress(EvidenceFormatError):
        changed["index.csv"] = parse_index(payload).to_csv()
    return zipped(changed)


@dataclass(frozen=True)
class DossierAttack:
    """How it is made, and the check that fails first."""

    name: str
    make: Callable[[SampleLog], bytes]
    fails: str


def _with(change: Callable[[Files], object]) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        files = files_of(dossier(log))
        change(files)
        return zipped(files)

    return make


def _exporter(
    index: Callable[[dict[str, Any]], object], files: Callable[[Files], object] = lambda files: None
) -> Callable[[SampleLog], bytes]:
    return lambda log: reindexed(dossier(log), log.bundle_key, files, index)


def _swap(files: Files) -> None:
    one, two = bundle_name(1), bundle_name(2)
    files[one], files[two] = files[two], files[one]


def _swap_entries(index: dict[str, Any]) -> None:
    """Hashes follow the swapped files, attempts stay."""
    first, second = index["bundles"][:2]
    for part in ("bytes", "sha256"):
        first[part], second[part] = second[part], first[part]


def _raw(entries: list[tuple[str, bytes]], flags: int = 0, method: int = 0, size: int | None = None) -> bytes:
    """A ZIP as an attacker writes it: any names, in any order, as often as he likes."""
    body, directory = b"", b""
    for name, data in entries:
        shown = name.encode()
        stored = zlib.compress(data)[2:-4] if method else data
        real = len(data) if size is None else size
        local = struct.pack(
            "<4s5H3I2H",
            b"PK\x03\x04",
            10,
            flags,
            method,
            0,
            0x21,
            zlib.crc32(data),
            len(stored),
            real,
            len(shown),
            0,
        )
        directory += struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            20,
            10,
            flags,
            method,
            0,
            0x21,
            zlib.crc32(data),
            len(stored),
            real,
            len(shown),
            0,
            0,
            0,
            0,
            0,
            len(body),
        )
        directory += shown
        body += local + shown + stored
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), len(body), 0
    )
    return body + directory + end


def _entries(log: SampleLog) -> list[tuple[str, bytes]]:
    return sorted(files_of(dossier(log)).items())


def _stranger(log: SampleLog) -> bytes:
    key = sample_key(KeyUse.BUNDLE, log.bundle_key.trusted.name, "stranger")
    return reindexed(dossier(log), key, lambda files: None, lambda index: None)


def _broken(log: SampleLog) -> bytes:
    """One bundle whose leaf was edited, listed and signed by the true exporter."""
    bad = next(attack for attack in ATTACKS if attack.fails == "leaves.included").make(log)

    def list_it(index: dict[str, Any]) -> None:
        index["bundles"][0].update({"bytes": len(bad), "sha256": sha256(bad).hexdigest()})

    return reindexed(dossier(log), log.bundle_key, lambda files: files.update({bundle_name(1): bad}), list_it)


def _sizes(index: dict[str, Any]) -> None:
    index["size"] -= 1


DOSSIER_ATTACKS = (
    DossierAttack("a bundle removed", _with(lambda f: f.pop(bundle_name(5))), "dossier.files"),
    DossierAttack(
        "a bundle removed from the middle", _with(lambda f: f.pop(bundle_name(2))), "dossier.container"
    ),
    DossierAttack("two bundles swapped", _with(_swap), "dossier.files"),
    DossierAttack(
        "the exporter swaps two bundles with their hashes", _exporter(_swap_entries, _swap), "dossier.match"
    ),
    DossierAttack(
        "the table for people says another state",
        _with(lambda f: f.update({"index.csv": f["index.csv"].replace(b",refused,", b",sealed,")})),
        "dossier.files",
    ),
    DossierAttack(
        "the exporter says another state in the index",
        _exporter(lambda i: i["bundles"][1].update({"state": "sealed"})),
        "dossier.match",
    ),
    DossierAttack(
        "the exporter says another time",
        _exporter(lambda i: i["bundles"][0].update({"at": 1})),
        "dossier.match",
    ),
    DossierAttack(
        "another organisation", _exporter(lambda i: i.update({"org": "org-other"})), "dossier.match"
    ),
    DossierAttack("another log", _exporter(lambda i: i.update({"log": "demo/other"})), "dossier.trust"),
    DossierAttack("another tree size", _exporter(_sizes), "dossier.match"),
    DossierAttack(
        "an attempt listed twice",
        _exporter(lambda i: i["absent"].append({"attempt_id": "talked", "why": "erased"})),
        "dossier.index",
    ),
    DossierAttack(
        "a field more in the index",
        _exporter(lambda i: i["bundles"][0].update({"note": "x"})),
        "dossier.index",
    ),
    DossierAttack("a huge integer", _exporter(lambda i: i.update({"made": 1 << 60})), "dossier.index"),
    DossierAttack("an empty dossier", _exporter(lambda i: i.update({"bundles": []})), "dossier.index"),
    DossierAttack(
        "no bundles at all",
        _exporter(
            lambda i: i.update({"bundles": []}),
            lambda f: [f.pop(bundle_name(n)) for n in range(1, 6)],
        ),
        "zip.container",
    ),
    DossierAttack(
        "a state in letters that look alike",
        _exporter(lambda i: i["bundles"][0].update({"state": "se\u0430led"})),
        "dossier.index",
    ),
    DossierAttack("signed by a key that nobody knows", _stranger, "dossier.signature"),
    DossierAttack(
        "a bundle that does not hold, listed and signed",
        _broken,
        "dossier.bundles",
    ),
    DossierAttack(
        "a name twice", lambda log: _raw([*_entries(log)[:2], *_entries(log)[1:]]), "dossier.container"
    ),
    DossierAttack(
        "a path that leads out",
        lambda log: _raw([*_entries(log)[:3], ("bundles/../../x.zip", b"x"), *_entries(log)[3:]]),
        "dossier.container",
    ),
    DossierAttack(
        "a compressed bomb",
        lambda log: _raw([*_entries(log)[:2], (bundle_name(2), bytes(1 << 20))], method=8),
        "dossier.container",
    ),
    DossierAttack(
        "sizes beyond the file", lambda log: _raw(_entries(log), size=1 << 31), "dossier.container"
    ),
)
