"""The checks of a dossier: its ZIP, its signed index, and every bundle in it as if it came alone."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import NoReturn

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import Case, CheckFailedError, DecodeSound, Outcome, Where
from dialer.evidence.checkpoint import ed25519_holds
from dialer.evidence.checks import examine
from dialer.evidence.container import Extent, read_zip
from dialer.evidence.dossier import DOSSIER_LAYOUT, INDEX_TYPE, DossierIndex, bundle_name, parse_index
from dialer.evidence.manifest import Envelope, parse_envelope
from dialer.evidence.record import DEMO_ORIGIN_PREFIX
from dialer.evidence.steps import CheckResult, Report, Step, exit_code_of, run_steps, verdict_of
from dialer.evidence.trust import KeyUse, Trust, key_named, parse_trust

NEEDED_IN_DOSSIER = ("VERIFY.md", "index.csv", "index.json", "trust.json")
_SECOND_NAME_AT = 30


@dataclass(frozen=True, slots=True)
class SeenBundle:
    """What verifying one bundle of a dossier established. `facts`: attempt, log, org, first time, last state, tree size."""

    name: str
    report: Report
    facts: tuple[str, str, str | None, int, str, int] | None
    trust: Trust | None


@dataclass(slots=True)
class DossierCase:
    """One dossier under verification."""

    data: bytes | memoryview
    pinned: Trust | None
    decode_sound: DecodeSound | None
    files: dict[str, Extent] = field(default_factory=dict)
    envelope: Envelope = field(init=False)
    index: DossierIndex = field(init=False)
    trust: Trust = field(init=False)
    bundles: list[SeenBundle] = field(default_factory=list)

    def fail_at(self, what: str, name: str | None = None) -> NoReturn:
        """End the check: it does not hold, in this file."""
        extent = self.files.get(name) if name is not None else None
        start, end = (extent.start, extent.end) if extent is not None else (None, None)
        raise CheckFailedError(what, Where(name, start, end, None))


@dataclass(frozen=True, slots=True)
class DossierReport:
    """The checks of a dossier, and of each bundle in it."""

    checks: tuple[CheckResult, ...]
    bundles: tuple[tuple[str, Report], ...]
    is_pinned: bool
    is_demo: bool

    @property
    def exit_code(self) -> int:
        """0 verified · 1 a check fails · 3 consistent, signer not established."""
        return exit_code_of(self.checks, self.is_pinned)

    @property
    def verdict(self) -> str:
        """The exit code as words."""
        return verdict_of(self.exit_code)


def is_dossier(data: bytes | memoryview) -> bool:
    """Whether a file is to be read as a dossier: its second entry lies under `bundles/`. Anything else is read as a bundle."""
    first = bytes(data[:_SECOND_NAME_AT])
    if len(first) < _SECOND_NAME_AT or first[:4] != b"PK\x03\x04":
        return False
    size, name_bytes = int.from_bytes(first[18:22], "little"), int.from_bytes(first[26:28], "little")
    at = _SECOND_NAME_AT + name_bytes + size
    second = bytes(data[at : at + _SECOND_NAME_AT + 8])
    return second[:4] == b"PK\x03\x04" and second[_SECOND_NAME_AT:] == b"bundles/"


def check_dossier_container(case: DossierCase) -> str:
    """Byte for byte the ZIP that the format prescribes, with bundles numbered from 1 without a gap."""
    try:
        case.files = read_zip(case.data, DOSSIER_LAYOUT)
    except EvidenceFormatError as error:
        start = max(error.offset, 0)
        raise CheckFailedError(error.what, Where(None, start, min(start + 1, len(case.data)), None)) from None
    for name in NEEDED_IN_DOSSIER:
        if name not in case.files:
            case.fail_at(f"there is no {name}")
    bundles = [name for name in case.files if name.startswith("bundles/")]
    if not bundles:
        case.fail_at("there are no bundles")
    if bundles != [bundle_name(number) for number in range(1, len(bundles) + 1)]:
        case.fail_at("the bundles are not numbered from 1 without a gap")
    return f"{len(bundles)} bundles, {len(case.data)} bytes"


def check_dossier_index(case: DossierCase) -> str:
    """The signed envelope and the index in it are of their form."""
    extent = case.files["index.json"]
    try:
        case.envelope = parse_envelope(bytes(extent.data), INDEX_TYPE)
        case.index = parse_index(case.envelope.payload)
    except EvidenceFormatError as error:
        case.fail_at(error.what, "index.json")
    return f"dossier {case.index.id}, tree size {case.index.size}"


def check_dossier_files(case: DossierCase) -> str:
    """The index lists exactly these bundles, with their lengths and hashes, and the table for people says the same."""
    listed = case.index.bundles
    if len(listed) != sum(name.startswith("bundles/") for name in case.files):
        case.fail_at("the index doesn't list as many bundles as there are", "index.json")
    for number, entry in enumerate(listed, 1):
        name = bundle_name(number)
        data = case.files[name].data
        if len(data) != entry.size_bytes or sha256(data).digest() != entry.sha256:
            case.fail_at("not the bundle that the index lists", name)
    if bytes(case.files["index.csv"].data) != case.index.to_csv():
        case.fail_at("the table is not the index", "index.csv")
    return f"{len(listed)} bundles as listed"


def check_dossier_trust(case: DossierCase) -> str:
    """The keys: those pinned by the reader, else those in the dossier."""
    try:
        bundled = parse_trust(bytes(case.files["trust.json"].data))
    except EvidenceFormatError as error:
        case.fail_at(error.what, "trust.json")
    case.trust = case.pinned if case.pinned is not None else bundled
    if case.trust.log != case.index.log:
        case.fail_at("the keys are of another log", "trust.json")
    if bundled.log != case.index.log:
        case.fail_at("the dossier's own keys are of another log", "trust.json")
    return (
        "keys pinned by the reader" if case.pinned is not None else "keys of the dossier itself: not pinned"
    )


def check_dossier_bundles(case: DossierCase) -> str:
    """Every bundle verifies as if it came alone, under the same keys."""
    for number in range(1, len(case.index.bundles) + 1):
        case.bundles.append(_seen(case, bundle_name(number)))
    failed = [seen for seen in case.bundles if seen.report.exit_code == 1]
    if failed:
        checks = [c.id for c in failed[0].report.checks if c.outcome is Outcome.FAILED]
        case.fail_at(f"{len(failed)} bundles don't hold, the first by {checks[0]}", failed[0].name)
    return f"{len(case.bundles)} bundles hold, each alone"


def _seen(case: DossierCase, name: str) -> SeenBundle:
    alone = Case(bytes(case.files[name].data), case.trust, case.decode_sound)
    report = examine(alone)
    if report.exit_code == 1:
        return SeenBundle(name, report, None, None)
    manifest, own = alone.manifest, alone.own()
    states = [leaf.event.type for leaf in own if leaf.event.type.startswith("attempt.")]
    facts = (
        manifest.attempt_id,
        manifest.log,
        manifest.org,
        own[0].event.ts_us,
        states[-1].removeprefix("attempt."),
        manifest.size,
    )
    return SeenBundle(name, report, facts, alone.trust)


def check_dossier_match(case: DossierCase) -> str:
    """Each bundle is of the attempt, time and state that the index says, of its log and organisation."""
    sizes = []
    for entry, seen in zip(case.index.bundles, case.bundles, strict=True):
        assert seen.facts is not None
        *facts, size = seen.facts
        if facts != [entry.attempt_id, case.index.log, case.index.org, entry.at_us, entry.state]:
            case.fail_at("the bundle is not of what the index says", seen.name)
        sizes.append(size)
    if max(sizes) != case.index.size:
        case.fail_at("the index is for another tree size than its bundles", "index.json")
    return f"{len(sizes)} bundles are what the index says"


def check_dossier_signature(case: DossierCase) -> str:
    """Every signature of the index is by a bundle key that is trusted at its tree size, after the hand-overs in the bundles."""
    largest = max(case.bundles, key=lambda seen: seen.facts[5] if seen.facts is not None else 0)
    keys = (largest.trust or case.trust).of(KeyUse.BUNDLE)
    for signature in case.envelope.signatures:
        key = key_named(keys, signature.key)
        if key is None:
            case.fail_at("signed by an unknown key", "index.json")
        if not key.holds_at(case.index.size):
            case.fail_at("signed by a key that is not valid at this tree size", "index.json")
        if not ed25519_holds(key.public, signature.signature, case.envelope.signed_bytes()):
            case.fail_at("the signature does not hold", "index.json")
    return f"signed by {', '.join(signature.key for signature in case.envelope.signatures)}"


DOSSIER_STEPS: tuple[Step[DossierCase], ...] = (
    Step(
        "dossier.container",
        "The file is a well-formed dossier",
        "文件是格式正确的卷宗",
        (),
        check_dossier_container,
    ),
    Step(
        "dossier.index",
        "The index is well-formed",
        "索引格式正确",
        ("dossier.container",),
        check_dossier_index,
    ),
    Step(
        "dossier.files",
        "Every bundle is the one that the index lists",
        "每个证据包都与索引一致",
        ("dossier.index",),
        check_dossier_files,
    ),
    Step(
        "dossier.trust",
        "The keys are of this log",
        "密钥属于本日志",
        ("dossier.index",),
        check_dossier_trust,
    ),
    Step(
        "dossier.bundles",
        "Every bundle verifies alone",
        "每个证据包均可单独验证通过",
        ("dossier.files", "dossier.trust"),
        check_dossier_bundles,
    ),
    Step(
        "dossier.match",
        "Every bundle is of what the index says",
        "每个证据包与索引所述相符",
        ("dossier.bundles",),
        check_dossier_match,
    ),
    Step(
        "dossier.signature",
        "The exporter signed the index",
        "导出方已签署索引",
        ("dossier.bundles",),
        check_dossier_signature,
    ),
)


def verify_dossier(
    data: bytes | memoryview, pinned: Trust | None, decode_sound: DecodeSound | None = None
) -> DossierReport:
    """Run every check on a dossier, a bundle at a time. Raises nothing, whatever the bytes are."""
    case = DossierCase(data, pinned, decode_sound)
    checks = run_steps(DOSSIER_STEPS, case)
    bundles = tuple((seen.name, seen.report) for seen in case.bundles)
    formed = next(check.outcome for check in checks if check.id == "dossier.index")
    is_demo = formed is Outcome.PASSED and case.index.log.startswith(DEMO_ORIGIN_PREFIX)
    return DossierReport(checks, bundles, pinned is not None, is_demo)
