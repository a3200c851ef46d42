"""Checks of the bundle as a file: container, manifest, its list of files, the trust it is read under."""

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import Case, CheckFailedError, CheckSkippedError, Where
from dialer.evidence.checkpoint import ed25519_holds
from dialer.evidence.container import read_zip
from dialer.evidence.manifest import parse_envelope, parse_manifest
from dialer.evidence.record import EventType
from dialer.evidence.trust import KeyUse, key_named, parse_trust, rotation_holds, rotation_of

NEEDED_FILES = ("VERIFY.md", "checkpoint", "manifest.json", "opened.json", "proofs.json", "trust.json")


def check_container(case: Case) -> str:
    """Byte for byte the ZIP that the format prescribes, with the files that every bundle has."""
    try:
        case.files = read_zip(case.data)
    except EvidenceFormatError as error:
        start = max(error.offset, 0)
        raise CheckFailedError(error.what, Where(None, start, min(start + 1, len(case.data)), None)) from None
    for name in NEEDED_FILES:
        case.file(name)
    if not any(name.startswith("leaves/") for name in case.files):
        raise CheckFailedError("there are no leaves")
    return f"{len(case.files)} files, {len(case.data)} bytes"


def check_manifest(case: Case) -> str:
    """The envelope and the manifest in it are of their form."""
    case.envelope = case.parse("manifest.json", parse_envelope)
    try:
        case.manifest = parse_manifest(case.envelope.payload)
    except EvidenceFormatError as error:
        case.fail(error.what, "manifest.json")
    return f"attempt {case.manifest.attempt_id}, tree size {case.manifest.size}"


def check_listed_files(case: Case) -> str:
    """The manifest lists exactly the other files, with their lengths and hashes."""
    listed = [entry.name for entry in case.manifest.files]
    if listed != sorted(set(listed)):
        case.fail("the manifest lists a file twice or out of order", "manifest.json")
    for entry in case.manifest.files:
        if entry.name not in case.files or entry.name == "manifest.json":
            said = entry.name.encode("ascii", "backslashreplace").decode()
            case.fail(f"listed but not there: {said}", "manifest.json")
        if len(case.files[entry.name].data) != entry.size_bytes or case.digest(entry.name) != entry.sha256:
            case.fail("not the file that the manifest lists", entry.name)
    for name in case.files:
        if name != "manifest.json" and name not in listed:
            case.fail("there but not listed", name)
    return f"{len(listed)} files as listed"


def check_trust(case: Case) -> str:
    """The keys: those pinned by the reader, else those in the bundle."""
    bundled = case.parse("trust.json", parse_trust)
    case.trust = case.pinned if case.pinned is not None else bundled
    if case.trust.log != case.manifest.log:
        case.fail("the keys are of another log", "trust.json")
    if bundled.log != case.manifest.log:
        case.fail("the bundle's own keys are of another log", "trust.json")
    return "keys pinned by the reader" if case.pinned is not None else "keys of the bundle itself: not pinned"


def check_rotations(case: Case) -> str:
    """Each hand-over of a key shown in the bundle is signed by the old and the new key; it extends the trust."""
    rotated = [s for s, leaf in sorted(case.leaves.items()) if leaf.event.type is EventType.KEY_ROTATED]
    if not rotated:
        raise CheckSkippedError("no key was rotated in this bundle")
    for seq in rotated:
        if seq not in case.payloads:
            case.fail("the hand-over is not shown", "opened.json", seq)
        try:
            rotation = rotation_of(case.payloads[seq])
        except EvidenceFormatError as error:
            case.fail(error.what, "opened.json", seq)
        known = any(
            (key.use, key.name, key.public) == (rotation.use, rotation.name, rotation.new)
            for key in case.trust.keys
        )
        if known and not any(rotation.is_of(key) for key in case.trust.keys):
            continue  # the reader believes the new key and has let go of the old one: there is nothing to hand over
        if not rotation_holds(rotation, case.trust, seq):
            case.fail("a hand-over that a trusted key did not sign", "opened.json", seq)
        if not known:
            case.trust = case.trust.rotated(rotation)
    return f"{len(rotated)} hand-overs"


def check_manifest_signature(case: Case) -> str:
    """Every signature of the manifest is by a bundle key that is trusted at the bundle's tree size."""
    for signature in case.envelope.signatures:
        key = key_named(case.trust.of(KeyUse.BUNDLE), signature.key)
        if key is None:
            case.fail("signed by an unknown key", "manifest.json")
        if not key.holds_at(case.manifest.size):
            case.fail("signed by a key that is not valid at this tree size", "manifest.json")
        if not ed25519_holds(key.public, signature.signature, case.envelope.signed_bytes()):
            case.fail("the signature does not hold", "manifest.json")
    return f"signed by {', '.join(signature.key for signature in case.envelope.signatures)}"
