"""A dossier: many bundles in one ZIP, each still verifiable alone, under one signed index.

`VERIFY.md`, `bundles/00000001.zip` …, `index.csv` for people, `index.json` (DSSE, signed by a bundle key), `trust.json`.
The index stands behind the bundles, so that a dossier is written in one pass and nobody has to hold it whole.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from dialer.evidence.canonical import EvidenceFormatError, Json, decode, encode
from dialer.evidence.checkpoint import Sign
from dialer.evidence.container import Layout, ZipWriter
from dialer.evidence.forms import (
    check_id,
    check_integer,
    exact_fields,
    hash_in,
    int_in,
    list_in,
    one_of,
    text_in,
)
from dialer.evidence.manifest import seal_envelope
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.trust import Trust, TrustedKey

INDEX_TYPE = "application/vnd.dialer.dossier-index+json"
DOSSIER_FORMAT = "dialer-dossier/1"
DOSSIER_BYTES_MAX = (1 << 32) - 1
DOSSIER_BUNDLES_MAX = 10_000
DOSSIER_LAYOUT = Layout(
    re.compile(r"VERIFY\.md|bundles/[0-9]{8}\.zip|index\.csv|index\.json|trust\.json"),
    DOSSIER_BYTES_MAX,
    DOSSIER_BUNDLES_MAX + 4,
)

_STATE_PREFIX = "attempt."
ATTEMPT_STATES = frozenset(
    kind.removeprefix(_STATE_PREFIX) for kind in EventType if kind.startswith(_STATE_PREFIX)
)
_WORD = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AT_MAX = 253_402_300_800_000_000
"""The end of the year 9999, in microseconds since 1970."""

DOSSIER_VERIFY_MD = """# How to verify this dossier · 如何验证本卷宗

Each file under `bundles/` is the evidence bundle of one call, or of a call that was not made, and can be verified alone.
`index.json` lists them with their hashes and is signed; `index.csv` says the same for people. Offline:

    python verify_evidence.py --trust trust.json THIS_FILE.zip

or open the page `verifier.html` in a browser, from your disk, and drop this file and `trust.json` on it.
Exit code 0: the index is signed by one of your keys and every bundle holds. 3: everything is consistent, but you gave no
keys. 1: a check fails; its name and place are printed. The full format: docs/evidence.md.

`bundles/` 下每个文件是一次通话（或一次未拨出的呼叫）的证据包，可单独验证。`index.json` 列出各包的哈希值并经签名；
`index.csv` 供人阅读。离线运行上面的命令。退出码 0：索引由您的密钥之一签署且全部证据包通过；3：内容一致但未提供密钥；
1：有检查未通过，会指出名称与位置。
"""


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One bundle as the index lists it. `at_us`: time of the attempt's first leaf; `state`: its last, as the log says."""

    attempt_id: str
    at_us: int
    state: str
    size_bytes: int
    sha256: bytes

    def __post_init__(self) -> None:
        check_id("attempt_id", self.attempt_id)
        check_integer("at", self.at_us, 1)
        if self.at_us >= _AT_MAX:
            raise EvidenceFormatError("a time after the year 9999")
        one_of("state", self.state, ATTEMPT_STATES)
        check_integer("bytes", self.size_bytes, 1)


@dataclass(frozen=True, slots=True)
class AbsentBundle:
    """An attempt that was asked for and has no bundle here, with the reason as a word."""

    attempt_id: str
    why: str

    def __post_init__(self) -> None:
        check_id("attempt_id", self.attempt_id)
        if _WORD.fullmatch(self.why) is None:
            raise EvidenceFormatError("a reason is not a word")


@dataclass(frozen=True, slots=True)
class DossierIndex:
    """What a dossier holds: the n-th entry (from 1) is `bundles/<n in 8 digits>.zip`. `size`: the largest of its bundles' trees."""

    id: str
    log: str
    org: str
    made_us: int
    size: int
    sw: str
    bundles: tuple[IndexEntry, ...]
    absent: tuple[AbsentBundle, ...]

    def __post_init__(self) -> None:
        for name in ("id", "org", "sw"):
            check_id(name, getattr(self, name))
        if not self.bundles:
            raise EvidenceFormatError("a dossier without bundles proves nothing")
        check_integer("made", self.made_us, 1)
        check_integer("size", self.size, 1)
        asked = [entry.attempt_id for entry in self.bundles] + [part.attempt_id for part in self.absent]
        if len(set(asked)) != len(asked):
            raise EvidenceFormatError("an attempt stands twice in the index")

    def to_bytes(self) -> bytes:
        """The canonical bytes inside the envelope."""
        bundles: list[Json] = [
            {
                "at": entry.at_us,
                "attempt_id": entry.attempt_id,
                "bytes": entry.size_bytes,
                "sha256": entry.sha256.hex(),
                "state": entry.state,
            }
            for entry in self.bundles
        ]
        return encode(
            {
                "absent": [{"attempt_id": a.attempt_id, "why": a.why} for a in self.absent],
                "bundles": bundles,
                "format": DOSSIER_FORMAT,
                "id": self.id,
                "log": self.log,
                "made": self.made_us,
                "org": self.org,
                "size": self.size,
                "sw": self.sw,
                "v": 1,
            }
        )

    def to_csv(self) -> bytes:
        """The same for people: one line a bundle, then one for each that is absent. Lines end in CR LF (RFC 4180)."""
        lines = ["file,attempt,at,state,bytes,sha256"]
        for number, entry in enumerate(self.bundles, 1):
            at = (_EPOCH + timedelta(microseconds=entry.at_us)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            said = (bundle_name(number), entry.attempt_id, at, entry.state, str(entry.size_bytes))
            lines.append(",".join((*said, entry.sha256.hex())))
        lines += [f",{absent.attempt_id},,{absent.why},," for absent in self.absent]
        return "".join(f"{line}\r\n" for line in lines).encode()


def bundle_name(number: int) -> str:
    """The file of the n-th bundle, from 1."""
    return f"bundles/{number:08}.zip"


def told_of(attempt_id: str, leaves: Mapping[int, bytes]) -> tuple[int, str]:
    """Time of the attempt's first leaf among these (seq → bytes), and the state of its last `attempt.*` leaf.

    Raises:
        EvidenceFormatError: there is no such leaf.
    """
    parsed = (parse_leaf(leaves[seq]) for seq in sorted(leaves))
    own = [leaf.event for leaf in parsed if leaf.event.attempt_id == attempt_id]
    states = [event.type for event in own if event.type.startswith(_STATE_PREFIX)]
    if not states:
        raise EvidenceFormatError("the attempt has no state")
    return own[0].ts_us, states[-1].removeprefix(_STATE_PREFIX)


def parse_index(data: bytes) -> DossierIndex:
    """The index inside its envelope.

    Raises:
        EvidenceFormatError: not of that form.
    """
    names = {"v", "format", "id", "log", "org", "made", "size", "sw", "bundles", "absent"}
    fields = exact_fields("index", decode(data), names)
    if fields["v"] != 1 or fields["format"] != DOSSIER_FORMAT:
        raise EvidenceFormatError("a dossier of an unknown format or version")
    return DossierIndex(
        id=text_in(fields, "id"),
        log=text_in(fields, "log"),
        org=text_in(fields, "org"),
        made_us=int_in(fields, "made"),
        size=int_in(fields, "size"),
        sw=text_in(fields, "sw"),
        bundles=tuple(_parse_entry(item) for item in list_in(fields, "bundles", DOSSIER_BUNDLES_MAX)),
        absent=tuple(_parse_absent(item) for item in list_in(fields, "absent", DOSSIER_BUNDLES_MAX)),
    )


def _parse_entry(value: Json) -> IndexEntry:
    fields = exact_fields("bundle", value, {"attempt_id", "at", "state", "bytes", "sha256"})
    return IndexEntry(
        attempt_id=text_in(fields, "attempt_id"),
        at_us=int_in(fields, "at"),
        state=text_in(fields, "state"),
        size_bytes=int_in(fields, "bytes"),
        sha256=hash_in(fields, "sha256"),
    )


def _parse_absent(value: Json) -> AbsentBundle:
    fields = exact_fields("absent bundle", value, {"attempt_id", "why"})
    return AbsentBundle(text_in(fields, "attempt_id"), text_in(fields, "why"))


@dataclass(frozen=True, slots=True)
class DossierHead:
    """What is known of a dossier before its bundles are."""

    id: str
    log: str
    org: str
    made_us: int
    sw: str


class DossierWriter:
    """Writes a dossier piece by piece: `begin`, `add` for each bundle, `finish`."""

    def __init__(self, head: DossierHead, trust: Trust) -> None:
        self._head = head
        self._trust = trust
        self._zip = ZipWriter(DOSSIER_LAYOUT)
        self._entries: list[IndexEntry] = []
        self._size = 0

    def begin(self) -> Iterator[bytes]:
        """The first bytes."""
        yield from self._file("VERIFY.md", DOSSIER_VERIFY_MD.encode())

    def add(self, attempt_id: str, at_us: int, state: str, size: int, bundle: bytes) -> Iterator[bytes]:
        """The bytes of one more bundle; `size` is its tree's.

        Raises:
            EvidenceFormatError: it doesn't fit in any more.
        """
        entry = IndexEntry(attempt_id, at_us, state, len(bundle), sha256(bundle).digest())
        self._entries.append(entry)
        self._size = max(self._size, size)
        yield from self._file(bundle_name(len(self._entries)), bundle)

    def finish(self, absent: tuple[AbsentBundle, ...], key: TrustedKey, sign: Sign) -> Iterator[bytes]:
        """The signed index and what closes the ZIP.

        Raises:
            EvidenceFormatError: there are no bundles, or an attempt stands twice.
        """
        index = DossierIndex(
            id=self._head.id,
            log=self._head.log,
            org=self._head.org,
            made_us=self._head.made_us,
            size=self._size,
            sw=self._head.sw,
            bundles=tuple(self._entries),
            absent=absent,
        )
        yield from self._file("index.csv", index.to_csv())
        yield from self._file("index.json", seal_envelope(index.to_bytes(), INDEX_TYPE, key, sign).to_bytes())
        yield from self._file("trust.json", self._trust.to_bytes())
        yield self._zip.end()

    def _file(self, name: str, data: bytes) -> Iterator[bytes]:
        yield self._zip.entry(name, data)
        yield data
