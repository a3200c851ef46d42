"""An archive of a list and its artefacts: what is taken, and every way to be refused."""

import io
import stat
import struct
import zipfile
from collections.abc import Callable

import pytest

from dialer.services import lead_archive
from dialer.services.lead_archive import Archive, is_archive, open_archive
from dialer.services.lead_intake import read_list
from dialer.services.lead_rows import ArtefactFile, FileRefused

HEADER = "number,requested_at,purpose,source,origin,given_at,text_version,act,address,artefact\n"
ROW = "+86130000000{:02d},2026-11-18T10:00:00+08:00,callback,source-site,paper,2026-11-18T10:00:00+08:00,callback-zh-1,signed,desk,{}\n"
PDF = b"%PDF-1.7\n" + b"scan " * 20


def packed(files: dict[str, bytes], change: Callable[[zipfile.ZipInfo], None] = lambda _: None) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            made.writestr(info, content)
    return out.getvalue()


def opened(content: bytes) -> Archive:
    archive = open_archive(content)
    assert isinstance(archive, Archive), archive
    return archive


def code_of(content: bytes) -> str:
    refused = open_archive(content)
    assert isinstance(refused, FileRefused)
    return refused.code


def test_rows_get_the_files_that_they_name_and_each_fault_is_told_by_row() -> None:
    table = (
        HEADER
        + ROW.format(1, "scans/a.pdf")
        + ROW.format(2, "b.pdf")
        + ROW.format(3, "")
        + ROW.format(4, "c.exe")
    )
    content = packed(
        {"list.csv": table.encode(), "scans/a.pdf": PDF, "c.exe": b"MZ", "notes.txt": b"unasked"}
    )
    assert is_archive(content)
    read = read_list(content, "CN")
    assert not isinstance(read, FileRefused)
    good, bad, rows = read
    assert rows == 4
    assert [(r.line, r.artefact) for r in good] == [(2, ArtefactFile("pdf", PDF)), (4, None)]
    assert [(r.line, r.column, r.code) for r in bad] == [
        (3, "artefact", "artefact.missing"),
        (5, "artefact", "artefact.kind"),
        (0, None, "artefact.unused"),
    ]


def test_an_artefact_without_a_consent_proves_nothing_and_a_bare_table_has_no_files() -> None:
    line = "+8613000000001,2026-11-18T10:00:00+08:00,,,,,,,,a.pdf\n"
    for content in (
        packed({"list.csv": (HEADER + line).encode(), "a.pdf": PDF}),
        (HEADER + ROW.format(1, "a.pdf")).encode(),
    ):
        read = read_list(content, "CN")
        assert not isinstance(read, FileRefused)
        assert read[0] == []
        assert read[1][0].code in ("artefact.proves_nothing", "artefact.missing")


@pytest.mark.parametrize(
    "name",
    [
        "../a.pdf",
        "/etc/a.pdf",
        "x/../../a.pdf",
        "c:\\a.pdf",
        "C:a.pdf",
        "a\\b.pdf",
        "./a.pdf",
        "x//a.pdf",
        "n" * 201,
    ],
)
def test_a_path_that_leads_elsewhere_refuses_the_whole_archive(name: str) -> None:
    assert code_of(packed({"list.csv": b"x", name: PDF})) == "archive.path"
    assert isinstance(open_archive(packed({"list.csv": b"x", "fine/a.pdf": PDF})), Archive), "control"


def test_a_link_a_name_twice_and_a_second_table_are_refused() -> None:
    def link(info: zipfile.ZipInfo) -> None:
        if info.filename.endswith(".pdf"):
            info.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert code_of(packed({"list.csv": b"x", "a.pdf": b"/etc/passwd"}, link)) == "archive.path"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("list.csv", "x")
        made.writestr("a.pdf", PDF)
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("a.pdf", PDF)
    assert code_of(out.getvalue()) == "archive.path"
    assert code_of(packed({"list.csv": b"x", "other.csv": b"x"})) == "archive.list_missing"
    assert code_of(packed({"a.pdf": PDF})) == "archive.list_missing"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert code_of(packed({"list.csv": b"x", "a.pdf": bytes(20 * 1024 * 1024)})) == "archive.bomb"
    assert code_of(packed({"list.csv": bytes(2 * 1024 * 1024)})) == "archive.bomb"


def test_an_archive_that_lies_about_its_sizes_gives_nothing() -> None:
    content = packed({"list.csv": b"x", "a.txt": b"abc " * 50_000})
    forged = content.replace(struct.pack("<I", 200_000), struct.pack("<I", 10))
    assert forged != content
    archive = opened(forged)
    assert isinstance(archive.open("a.txt"), FileRefused)
    assert isinstance(opened(content).open("a.txt"), ArtefactFile), "control"


def test_bounds_hold_for_single_files_and_for_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"list.csv": b"x", "a.pdf": PDF, "b.pdf": PDF}
    monkeypatch.setattr(lead_archive, "ARTEFACT_BYTES_MAX", len(PDF) - 1)
    assert opened(packed(files)).open("a.pdf") is lead_archive.ARTEFACT_TOO_LARGE
    monkeypatch.setattr(lead_archive, "ARTEFACT_BYTES_MAX", len(PDF))
    assert isinstance(opened(packed(files)).open("a.pdf"), ArtefactFile)
    monkeypatch.setattr(lead_archive, "UNPACKED_BYTES_MAX", 2 * len(PDF))
    assert code_of(packed(files)) == "archive.too_large"
    monkeypatch.setattr(lead_archive, "UNPACKED_BYTES_MAX", 2 * len(PDF) + 1)
    archive = opened(packed(files))
    archive._room = len(PDF)
    assert isinstance(archive.open("a.pdf"), ArtefactFile)
    assert archive.open("b.pdf") is lead_archive.ARTEFACT_TOO_LARGE, (
        "one file opened again and again fills the room"
    )
    monkeypatch.setattr(lead_archive, "FILES_MAX", 2)
    assert code_of(packed(files)) == "archive.too_large"
    monkeypatch.setattr(lead_archive, "ARCHIVE_BYTES_MAX", 10)
    assert code_of(packed(files)) == "archive.too_large"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"<html>"),
        ("a.html", b"<script>"),
        ("a.svg", b"<svg>"),
        ("a.png", PDF),
        ("a.pdf", b""),
        ("a", PDF),
    ],
)
def test_only_what_it_says_it_is_is_taken(name: str, content: bytes) -> None:
    archive = opened(packed({"list.csv": b"x", name: content}))
    assert archive.open(name) is lead_archive.ARTEFACT_KIND


def test_garbage_encryption_and_cut_archives_are_refused() -> None:
    content = packed({"list.csv": b"x" * 300, "a.pdf": PDF})
    assert code_of(b"PK\x03\x04 nothing") == "archive.unreadable"
    assert code_of(content[: len(content) // 2]) == "archive.unreadable"

    made = bytearray(content)
    at = made.rindex(b"PK\x01\x02")
    made[at + 8] |= 1
    assert code_of(bytes(made)) == "archive.encrypted"
    for place in range(0, len(content), 7):
        broken = bytearray(content)
        broken[place] ^= 0xFF
        answer = open_archive(bytes(broken))
        assert isinstance(answer, Archive | FileRefused)
        if isinstance(answer, Archive):
            assert isinstance(answer.open("a.pdf"), ArtefactFile | FileRefused)
