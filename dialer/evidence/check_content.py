"""Checks of what is shown: payloads, what is withheld, rule packs, consent files, recording, time tokens."""

from hashlib import sha256

from dialer.evidence.canonical import EvidenceFormatError, Json, encode
from dialer.evidence.case import Case, CheckSkippedError
from dialer.evidence.container import leaf_name
from dialer.evidence.forms import exact_fields, hash_in, int_in, text_in
from dialer.evidence.parts import Says, parse_opened
from dialer.evidence.payload import Withheld
from dialer.evidence.record import EventType, Leaf, Recording
from dialer.evidence.timetoken import parse_time_token, token_signed_by

_STREAMINFO_AT = 8
_STREAMINFO_END = 42


def check_payloads(case: Case) -> str:
    """Each opened payload is the one that its leaf commits to."""
    case.payloads = case.parse("opened.json", parse_opened)
    for seq, payload in case.payloads.items():
        if seq not in case.leaves:
            case.fail("a payload of no leaf in the bundle", "opened.json", seq)
        if payload.commit() != case.leaves[seq].event.commit:
            case.fail("the payload is not the one that the leaf commits to", "opened.json", seq)
    return f"{len(case.payloads)} payloads as committed"


def check_withheld(case: Case) -> str:
    """What is not shown is exactly what the manifest declares as withheld or missing."""
    hidden = {
        (seq, item.name)
        for seq, payload in case.payloads.items()
        for item in payload.items
        if isinstance(item, Withheld)
    }
    declared = {(item.seq, item.name) for item in case.manifest.withheld}
    if len(declared) != len(case.manifest.withheld):
        case.fail("the manifest withholds one disclosure twice", "manifest.json")
    for seq, name in sorted(hidden ^ declared):
        what = "withheld but not declared" if (seq, name) in hidden else "declared withheld but not there"
        case.fail(f"{what}: {name}", "opened.json", seq)
    for seq, leaf in sorted(case.leaves.items()):
        declared_missing = case.manifest.lacks(f"payload:{seq}")
        if leaf.event.commit is not None and (seq in case.payloads) == declared_missing:
            case.fail("a payload is neither shown nor declared missing, or both", "opened.json", seq)
    return f"{len(hidden)} disclosures withheld" if hidden else "nothing withheld"


def check_policies(case: Case) -> str:
    """The rule packs shown are those whose digest the decision's leaf holds."""
    shown = 0
    for seq, leaf in sorted(case.leaves.items()):
        packs = _said(case, seq, Says.POLICY_PACKS)
        if packs is None:
            continue
        policy = leaf.event.policy
        if policy is None or policy.sha256 != sha256(encode(packs)).digest():
            case.fail("the rule packs shown are not those of the leaf", "opened.json", seq)
        shown += 1
    if not shown:
        raise CheckSkippedError("no list of rule packs is shown")
    return f"rule packs of {shown} leaves"


def check_consent_files(case: Case) -> str:
    """Every file under `consent/` is one that a consent's leaf commits to, and none of those is left out unsaid."""
    stated: dict[str, tuple[int, bytes, int]] = {}
    for seq in sorted(case.payloads):
        files = _said(case, seq, Says.CONSENT_FILES)
        if files is None:
            continue
        if case.leaves[seq].event.type is not EventType.CONSENT_RECORDED or not isinstance(files, list):
            case.fail("consent files stated by what is no consent", "opened.json", seq)
        for entry in files:
            name, size, digest = _consent_file(entry)
            stated[f"consent/{name}"] = (size, digest, seq)
    present = [name for name in case.files if name.startswith("consent/")]
    for name in present:
        if name not in stated:
            case.fail("no consent in the bundle states this file", name)
        size, digest, seq = stated[name]
        if len(case.files[name].data) != size or case.digest(name) != digest:
            case.fail("not the file that the consent states", name, seq)
    for name, (_, _, seq) in stated.items():
        if name not in case.files and not case.manifest.lacks(name.replace("consent/", "consent.file:", 1)):
            case.fail("a file of the consent is neither there nor declared missing", "opened.json", seq)
    if not present:
        raise CheckSkippedError("no consent files in the bundle")
    return f"{len(present)} files as the consent states"


def check_recording(case: Case) -> str:
    """The recording is the one whose hash was sealed."""
    leaf = _sealed(case)
    stated = _said(case, leaf.seq, Says.FLAC_SHA256)
    if stated is None:
        case.fail(
            "the recording's hash is withheld: nothing ties the sound to the log", "recording.flac", leaf.seq
        )
    if stated != case.digest("recording.flac").hex():
        case.fail("not the recording that was sealed", "recording.flac", leaf.seq)
    return "the recording that was sealed"


def check_recording_shape(case: Case) -> str:
    """Rate, channels and length in the FLAC header are those of the leaf."""
    leaf = _sealed(case)
    rec = _shape(case, leaf)
    head = bytes(case.file("recording.flac").data[:_STREAMINFO_END])
    if len(head) < _STREAMINFO_END or head[:4] != b"fLaC" or head[4] & 0x7F or head[5:8] != b"\x00\x00\x22":
        case.fail("not a FLAC file", "recording.flac", leaf.seq)
    bits = int.from_bytes(head[18:26], "big")
    rate, channels, frames = bits >> 44, (bits >> 41 & 7) + 1, bits & (1 << 36) - 1
    if (rate, channels, frames) != (rec.rate_hz, rec.channels, rec.frames):
        case.fail(
            "the recording's rate, channels or length are not those of the leaf", "recording.flac", leaf.seq
        )
    return f"{channels} channels, {rate} Hz, {frames // max(rate, 1)} s"


def check_recording_sound(case: Case) -> str:
    """The decoded sound is the one that was heard: its own hash, whatever the encoding."""
    leaf = _sealed(case)
    stated = _said(case, leaf.seq, Says.PCM_SHA256)
    if stated is None:
        raise CheckSkippedError("the hash of the sound is not shown")
    if case.decode_sound is None:
        raise CheckSkippedError("no FLAC decoder here; the file's own hash was checked")
    try:
        sound = case.decode_sound(bytes(case.file("recording.flac").data))
    except ValueError:
        case.fail("the recording can't be decoded", "recording.flac", leaf.seq)
    if sound.pcm_sha256.hex() != stated or sound.frames != _shape(case, leaf).frames:
        case.fail("not the sound that was sealed", "recording.flac", leaf.seq)
    return f"{sound.frames} frames as sealed"


def check_time_tokens(case: Case) -> str:
    """Each time token is over a checkpoint in the bundle; with a pinned authority, signed by it."""
    names = [name for name in case.files if name.startswith("tsr/")]
    if not names:
        raise CheckSkippedError("no time token in the bundle")
    said = []
    for name in names:
        token = case.parse(name, parse_time_token)
        size = int(name[4:20])
        if size == case.checkpoint.size:
            body = case.note.body
        elif size in case.earlier:
            body = case.earlier[size][0].body
        else:
            case.fail("a time token for a checkpoint that is not in the bundle", name)
        if token.imprint != sha256(body).digest():
            case.fail("a time token of another checkpoint", name)
        signers = [a.name for a in case.trust.authorities if token_signed_by(token, a.certificate)]
        if case.trust.authorities and not signers:
            case.fail("no trusted time authority signed the token", name)
        by = f" by {signers[0]}" if signers else " (authority not pinned)"
        said.append(f"size {size} at {token.at:%Y-%m-%d %H:%M:%S} UTC{by}")
    return "; ".join(said)


def _sealed(case: Case) -> Leaf:
    """The leaf that sealed the recording in this bundle."""
    own = case.own()
    sealed = [leaf for leaf in own if leaf.event.type is EventType.RECORDING_SEALED]
    present = "recording.flac" in case.files
    declared = case.manifest.lacks("recording")
    if len(sealed) > 1:
        case.fail("two recordings were sealed for one attempt", seq=sealed[1].seq)
    if present and (not sealed or declared):
        case.fail("a recording that no leaf sealed, or that is declared missing", "recording.flac")
    if sealed and not present and not declared:
        case.fail("the sealed recording is neither there nor declared missing", seq=sealed[0].seq)
    if present:
        return sealed[0]
    spoken = [leaf for leaf in own if leaf.event.type is EventType.ATTEMPT_CONNECTED]
    explained = any(leaf.event.type is EventType.RECORDING_MISSING for leaf in own)
    if spoken and not sealed and not explained and not declared:
        case.fail("people talked, and nothing says where the recording is", seq=spoken[0].seq)
    raise CheckSkippedError("no recording in the bundle")


def _shape(case: Case, leaf: Leaf) -> Recording:
    rec = leaf.event.rec
    if rec is None:
        case.fail("the leaf does not say what it sealed", leaf_name(leaf.seq), leaf.seq)
    return rec


def _said(case: Case, seq: int, name: Says) -> Json | None:
    payload = case.payloads.get(seq)
    return payload.value(name) if payload is not None else None


def _consent_file(value: Json) -> tuple[str, int, bytes]:
    try:
        fields = exact_fields("consent file", value, {"bytes", "name", "sha256"})
        return text_in(fields, "name"), int_in(fields, "bytes"), hash_in(fields, "sha256")
    except EvidenceFormatError as error:
        raise EvidenceFormatError(f"consent.files: {error.what}") from None
