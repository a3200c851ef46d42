"""Attacks by an outsider: on the ZIP and on the manifest. He can sign with a key of his own."""

import struct
import zlib
from collections.abc import Callable

from attack_kit import Attack, Files, bundle, parts
from bundle_forging import (
    as_exporter,
    as_stranger,
    edit_json,
    open_files,
)

from dialer.evidence.container import write_zip
from dialer.evidence.sample import (
    SampleLog,
)


def zip_rewritten(change: Callable[[Files], object]) -> Callable[[SampleLog], bytes]:
    """The outsider changes files and leaves the manifest as it was."""

    def make(log: SampleLog) -> bytes:
        files = open_files(bundle(log))
        change(files)
        return write_zip(files)

    return make


def raw_entry(name: bytes, data: bytes, method: int = 0, size: int | None = None) -> bytes:
    head = struct.pack(
        "<4s5H3I2H",
        b"PK\x03\x04",
        10,
        0,
        method,
        0,
        0x21,
        zlib.crc32(data),
        len(data),
        size or len(data),
        len(name),
        0,
    )
    return head + name + data


def with_first_entry(entry: bytes) -> Callable[[SampleLog], bytes]:
    return lambda log: entry + bundle(log)


def stored_twice(log: SampleLog) -> bytes:
    data = bundle(log)
    first = data.index(b"PK\x03\x04", 4)
    return data[:first] + data[:first] + data[first:]


BOMB = zlib.compress(bytes(10_000_000))[2:-4]

CONTAINER = [
    Attack("nothing at all", lambda log: b"", "zip.container"),
    Attack("a ZIP without files", lambda log: write_zip({}), "zip.container"),
    Attack(
        "only a checkpoint", lambda log: write_zip({"checkpoint": log.notes[-1].to_bytes()}), "zip.container"
    ),
    Attack("a byte before", lambda log: b"\x00" + bundle(log), "zip.container"),
    Attack("a byte after", lambda log: bundle(log) + b"\x00", "zip.container"),
    Attack("a comment", lambda log: bundle(log)[:-2] + b"\x02\x00hi", "zip.container"),
    Attack("cut in the middle", lambda log: bundle(log)[:5000], "zip.container"),
    Attack("one file stored twice", stored_twice, "zip.container"),
    Attack("a path that leads out", with_first_entry(raw_entry(b"../../etc/x", b"x")), "zip.container"),
    Attack("an absolute path", with_first_entry(raw_entry(b"/checkpoint", b"x")), "zip.container"),
    Attack(
        "a name with look-alike letters",
        with_first_entry(raw_entry("сheckpoint".encode(), b"x")),
        "zip.container",
    ),
    Attack(
        "a compressed bomb", with_first_entry(raw_entry(b"VERIFY.md", BOMB, 8, 10_000_000)), "zip.container"
    ),
    Attack(
        "a length past the end", with_first_entry(raw_entry(b"VERIFY.md", b"x", 0, 2**31)), "zip.container"
    ),
    Attack(
        "a file swapped", zip_rewritten(lambda f: f.update({"recording.flac": b"fLaC"})), "manifest.files"
    ),
    Attack("a file added", zip_rewritten(lambda f: f.update({"consent/more.txt": b"x"})), "manifest.files"),
    Attack("a file removed", zip_rewritten(lambda f: f.pop("recording.flac")), "manifest.files"),
    Attack(
        "a leaf removed",
        zip_rewritten(lambda f: f.pop(max(n for n in f if n.startswith("leaves/")))),
        "manifest.files",
    ),
]


def manifest_listing(change: Callable[[dict[str, object]], object]) -> Callable[[SampleLog], bytes]:
    return lambda log: as_exporter(log, bundle(log), lambda files: None, change)


def entry_twice(manifest: dict[str, object]) -> None:
    files = manifest["files"]
    assert isinstance(files, list)
    manifest["files"] = [files[0], *files]


def look_alike(manifest: dict[str, object]) -> None:
    files = manifest["files"]
    assert isinstance(files, list)
    manifest["files"] = [{**f, "name": f["name"].replace("checkpoint", "сheckpoint")} for f in files]


def rotated_away(log: SampleLog) -> bytes:
    """Signed by a bundle key whose range of tree sizes ended long ago."""
    return log.bundle_with(parts(log), log.expired_bundle_key)


def signature_flipped(files: Files) -> None:
    def change(envelope: dict[str, object]) -> None:
        signatures = envelope["signatures"]
        assert isinstance(signatures, list)
        signatures[0]["sig"] = (
            "A" + signatures[0]["sig"][1:]
            if signatures[0]["sig"][0] != "A"
            else "B" + signatures[0]["sig"][1:]
        )

    edit_json(files, "manifest.json", change)


MANIFEST = [
    Attack("a name listed twice", manifest_listing(entry_twice), "manifest.files"),
    Attack("a look-alike name listed", manifest_listing(look_alike), "manifest.files"),
    Attack("a field more", manifest_listing(lambda m: m.update(note="x")), "manifest.form"),
    Attack("another format", manifest_listing(lambda m: m.update(format="dialer-bundle/2")), "manifest.form"),
    Attack("a huge tree size", manifest_listing(lambda m: m.update(size=2**60)), "manifest.form"),
    Attack("another tree size", manifest_listing(lambda m: m.update(size=64)), "checkpoint.form"),
    Attack("another attempt", manifest_listing(lambda m: m.update(attempt_id="busy")), "leaves.form"),
    Attack("another log", manifest_listing(lambda m: m.update(log="demo/other")), "trust.form"),
    Attack("another organisation", manifest_listing(lambda m: m.update(org="other-org")), "leaves.form"),
    Attack(
        "resigned by a stranger",
        lambda log: as_stranger(bundle(log), SampleLog(seed=" x").bundle_key, lambda f: None),
        "manifest.signature",
    ),
    Attack("signed by an expired key", rotated_away, "manifest.signature"),
    Attack("the signature changed", zip_rewritten(signature_flipped), "manifest.signature"),
    Attack(
        "an envelope without signature",
        zip_rewritten(lambda f: edit_json(f, "manifest.json", lambda e: e.update(signatures=[]))),
        "manifest.form",
    ),
    Attack(
        "another payload type",
        zip_rewritten(lambda f: edit_json(f, "manifest.json", lambda e: e.update(payloadType="text/plain"))),
        "manifest.form",
    ),
]
