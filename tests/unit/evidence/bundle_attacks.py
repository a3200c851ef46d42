"""Attacks on a bundle: how each is made, and the check that has to name it.

Three attackers. An *outsider* changes bytes and can sign with a key of his own. An *exporter* has the true key of
bundles and lists what he changed. The *operator* has all keys of the log (not the witness's), from the start or later.
Used by the tests here, by the second verifier's, and by the export of test vectors.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from bundle_forging import (
    COSIGNED_LATER,
    as_exporter,
    as_stranger,
    edit_json,
    insider_checkpoint,
    open_files,
    opened_item,
    operator_bundle,
    operator_log,
)
from time_authority import authority

from dialer.evidence.bundle import Parts, redacted
from dialer.evidence.checkpoint import Note, cosign, sign_checkpoint
from dialer.evidence.container import leaf_name, write_zip
from dialer.evidence.dnc_proof import EMPTY_SUBTREE, PLATFORM_SCOPE, PlaceProof, org_scope
from dialer.evidence.dnc_tree import place_of
from dialer.evidence.parts import Dnc, DncPlace, Says, parse_dnc
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import (
    NUMBERS,
    ORG,
    SAMPLE_ATTEMPTS,
    SampleLog,
    finish_talk,
    permit_call,
    record_consent,
)

T = EventType
Files = dict[str, bytes]


@dataclass(frozen=True)
class Attack:
    """How it is made, and the check that fails (the first that does, in the verifier's order)."""

    name: str
    make: Callable[[SampleLog], bytes]
    fails: str


def bundle(log: SampleLog, attempt: str = "talked") -> bytes:
    return log.bundle(log.parts(attempt, SAMPLE_ATTEMPTS[attempt]))


def parts(log: SampleLog, attempt: str = "talked") -> Parts:
    return log.parts(attempt, SAMPLE_ATTEMPTS[attempt])


def seq_of(log: SampleLog, kind: EventType, attempt: str = "talked") -> int:
    for seq, body in enumerate(log.bodies):
        event = parse_leaf(body).event
        if event.type is kind and attempt in (event.attempt_id, ""):
            return seq
    raise LookupError(kind)


# ---- the file itself


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

# ---- the manifest


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

# ---- leaves and proofs, by someone with the exporter's key


def leaf_changed(change: Callable[[bytes], bytes]) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        name = leaf_name(seq_of(log, T.ATTEMPT_SEALED))
        return as_exporter(log, bundle(log), lambda files: files.update({name: change(files[name])}))

    return make


def other_node(data: bytes) -> bytes:
    leaf = parse_leaf(data)
    return replace(leaf, event=replace(leaf.event, node="node-2")).to_bytes()


def leaf_hidden(log: SampleLog) -> bytes:
    """The refusal in the talk and what follows from it alone are left out; proofs and payloads too."""
    full = parts(log, "said-no")
    hidden = {seq_of(log, T.REFUSAL_HEARD, "said-no"), seq_of(log, T.DNC_ADDED, "said-no")}
    shown = {seq: body for seq, body in full.leaves.items() if seq not in hidden}
    return log.bundle(
        replace(
            full,
            leaves=shown,
            inclusions=tuple(i for i in full.inclusions if i.seq in shown),
            payloads={s: p for s, p in full.payloads.items() if s in shown},
        )
    )


def proofs_changed(change: Callable[[dict[str, object]], object]) -> Callable[[SampleLog], bytes]:
    return lambda log: as_exporter(log, bundle(log), lambda files: edit_json(files, "proofs.json", change))


def path_longer(proofs: dict[str, object]) -> None:
    leaves = proofs["leaves"]
    assert isinstance(leaves, list)
    leaves[0]["path"].append("00" * 32)


def proof_dropped(proofs: dict[str, object]) -> None:
    leaves = proofs["leaves"]
    assert isinstance(leaves, list)
    leaves.pop()


def earlier_root_changed(proofs: dict[str, object]) -> None:
    earlier = proofs["earlier"]
    assert isinstance(earlier, list)
    earlier[0]["path"][0] = "00" * 32


LEAVES = [
    Attack("a leaf edited", leaf_changed(other_node), "leaves.included"),
    Attack("a leaf with a field more", leaf_changed(lambda d: d[:-1] + b',"x":1}'), "leaves.form"),
    Attack("a leaf with one key twice", leaf_changed(lambda d: d[:-1] + b',"v":1}'), "leaves.form"),
    Attack("a leaf with a blank more", leaf_changed(lambda d: d[:-1] + b" }"), "leaves.form"),
    Attack("a leaf with a float", leaf_changed(lambda d: d.replace(b'"v":1', b'"v":1.0')), "leaves.form"),
    Attack(
        "a leaf with a huge integer",
        leaf_changed(lambda d: d.replace(b'"v":1', b'"v":' + b"1" * 4000)),
        "leaves.form",
    ),
    Attack("a leaf nested deep", leaf_changed(lambda d: b"[" * 30_000 + b"]" * 30_000), "leaves.form"),
    Attack(
        "a leaf that is not UTF-8", leaf_changed(lambda d: d.replace(b"node-1", b"node-\xff")), "leaves.form"
    ),
    Attack(
        "a leaf under another's name", leaf_changed(lambda d: d.replace(b'"seq":', b'"seq":1')), "leaves.form"
    ),
    Attack("leaves of the attempt left out", leaf_hidden, "leaves.chain"),
    Attack("proofs for another size", proofs_changed(lambda p: p.update(size=64)), "checkpoint.form"),
    Attack("a proof that is too long", proofs_changed(path_longer), "leaves.included"),
    Attack("a proof left out", proofs_changed(proof_dropped), "leaves.included"),
    Attack("a broken proof of consistency", proofs_changed(earlier_root_changed), "checkpoints.earlier"),
    Attack(
        "the root edited",
        lambda log: as_exporter(
            log, bundle(log), lambda f: f.update(checkpoint=f["checkpoint"].replace(b"\n63\n", b"\n62\n"))
        ),
        "checkpoint.form",
    ),
]

# ---- checkpoint, witness, keys


def note_changed(change: Callable[[SampleLog, Note], Note]) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        full = parts(log)
        return log.bundle(replace(full, note=change(log, full.note)))

    return make


def by_old_key(log: SampleLog, note: Note) -> Note:
    old = SampleLog().log_key
    signed = sign_checkpoint(note.checkpoint(), old.trusted.note_key(), old.sign)
    return Note(signed.body, (*signed.signatures, note.signatures[1]))


def by_stranger(log: SampleLog, note: Note) -> Note:
    stranger = SampleLog(seed=" x")
    signed = sign_checkpoint(note.checkpoint(), stranger.log_key.trusted.note_key(), stranger.log_key.sign)
    return Note(signed.body, (*signed.signatures, note.signatures[1]))


def by_strange_witness(log: SampleLog, note: Note) -> Note:
    witness = SampleLog(seed=" x").witness_key
    line = cosign(note.body, COSIGNED_LATER, witness.trusted.note_key(), witness.sign)
    return Note(note.body, (note.signatures[0], line))


CHECKPOINT = [
    Attack("signed by the key before", note_changed(by_old_key), "checkpoint.signature"),
    Attack("signed by a stranger's key", note_changed(by_stranger), "checkpoint.signature"),
    Attack(
        "no cosignature", note_changed(lambda log, n: Note(n.body, n.signatures[:1])), "witness.cosignature"
    ),
    Attack("cosigned by a strange witness", note_changed(by_strange_witness), "witness.cosignature"),
    Attack(
        "insider edits a leaf and signs all",
        lambda log: insider_checkpoint(log, parts(log), edit=True),
        "witness.cosignature",
    ),
    Attack(
        "insider cuts the tail and signs all",
        lambda log: insider_checkpoint(log, parts(log), edit=False),
        "witness.cosignature",
    ),
]

# ---- what is shown


def shown_changed(
    kind: EventType, name: str, value: object, attempt: str = "talked"
) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        seq = seq_of(log, kind, attempt)
        return as_exporter(
            log,
            bundle(log, attempt),
            lambda files: edit_json(
                files, "opened.json", lambda o: opened_item(o, seq, name).update(value=value)
            ),
        )

    return make


def other_sound(files: Files) -> None:
    files["recording.flac"] = files["recording.flac"][:-1] + b"\x00"


def other_sound_and_hash(log: SampleLog) -> bytes:
    seq = seq_of(log, T.RECORDING_SEALED)

    def change(files: Files) -> None:
        other_sound(files)
        digest = sha256(files["recording.flac"]).hexdigest()
        edit_json(files, "opened.json", lambda o: opened_item(o, seq, Says.FLAC_SHA256).update(value=digest))

    return as_exporter(log, bundle(log), change)


def withheld_unsaid(log: SampleLog) -> bytes:
    hidden = redacted(parts(log), frozenset({Says.CALLEE_NUMBER, Says.FLAC_SHA256, Says.CONSENT_FILES}))
    return as_exporter(log, log.bundle(hidden), lambda files: None, lambda m: m.update(withheld=[]))


def recording_beside_withheld_hash(log: SampleLog) -> bytes:
    hidden = redacted(parts(log), frozenset({Says.CALLEE_NUMBER, Says.CONSENT_FILES}))
    sound = log.sounds["talked"].flac
    return as_exporter(
        log,
        log.bundle(hidden),
        lambda files: files.update({"recording.flac": sound}),
        lambda m: m.update(missing=[]),
    )


def payload_dropped(log: SampleLog) -> bytes:
    return as_exporter(
        log,
        bundle(log),
        lambda files: edit_json(files, "opened.json", lambda o: o["opened"].pop()),
    )


def token_over(
    message: Callable[[SampleLog], bytes], seed: str = "sample-tsa"
) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        size = log.notes[-1].checkpoint().size
        return log.bundle(replace(parts(log), tokens={size: authority(seed).token(message(log))}))

    return make


CONTENT = [
    Attack(
        "a refusal code edited",
        shown_changed(T.DECISION_REFUSED, "codes", ["window.closed"], "refused"),
        "payloads.commit",
    ),
    Attack(
        "a number edited",
        shown_changed(T.ATTEMPT_AUTHORISED, Says.CALLEE_NUMBER, NUMBERS[9]),
        "payloads.commit",
    ),
    Attack("a payload dropped", payload_dropped, "withheld.declared"),
    Attack("withheld without a word", withheld_unsaid, "withheld.declared"),
    Attack(
        "rule packs edited", shown_changed(T.DECISION_PERMITTED, Says.POLICY_PACKS, []), "payloads.commit"
    ),
    Attack("the recording swapped", lambda log: as_exporter(log, bundle(log), other_sound), "recording.hash"),
    Attack("the recording swapped and its hash edited", other_sound_and_hash, "payloads.commit"),
    Attack("the recording beside a withheld hash", recording_beside_withheld_hash, "recording.hash"),
    Attack(
        "the recording removed",
        lambda log: as_exporter(log, bundle(log), lambda f: f.pop("recording.flac")),
        "recording.hash",
    ),
    Attack(
        "a recording from elsewhere",
        lambda log: as_exporter(
            log, bundle(log, "busy"), lambda f: f.update({"recording.flac": log.sounds["talked"].flac})
        ),
        "recording.hash",
    ),
    Attack(
        "the consent's text edited",
        lambda log: as_exporter(log, bundle(log), lambda f: f.update({"consent/text.txt": b"yes"})),
        "consent.files",
    ),
    Attack(
        "a consent file added",
        lambda log: as_exporter(log, bundle(log), lambda f: f.update({"consent/form.png": b"x"})),
        "consent.files",
    ),
    Attack(
        "the consent's text removed",
        lambda log: as_exporter(log, bundle(log), lambda f: f.pop("consent/text.txt")),
        "consent.files",
    ),
    Attack("a time token of another root", token_over(lambda log: log.notes[0].body), "tsr.tokens"),
    Attack(
        "a time token that is none",
        lambda log: log.bundle(replace(parts(log), tokens={63: b"0\x00"})),
        "tsr.tokens",
    ),
    Attack(
        "a time token of a size not shown",
        lambda log: log.bundle(replace(parts(log), tokens={7: authority().token(b"x")})),
        "tsr.tokens",
    ),
]

# ---- the DNC proof


def dnc_changed(
    change: Callable[[SampleLog, Dnc], Dnc | None], attempt: str = "talked"
) -> Callable[[SampleLog], bytes]:
    def make(log: SampleLog) -> bytes:
        files = open_files(bundle(log, attempt))
        changed = change(log, parse_dnc(files["dnc.json"]))

        def put(into: Files) -> None:
            if changed is None:
                del into["dnc.json"]
            else:
                into["dnc.json"] = changed.to_bytes()

        return as_exporter(log, bundle(log, attempt), put)

    return make


def places(change: Callable[[SampleLog, DncPlace], DncPlace]) -> Callable[[SampleLog, Dnc], Dnc]:
    return lambda log, dnc: replace(dnc, places=tuple(change(log, place) for place in dnc.places))


def of_another_number(log: SampleLog, place: DncPlace) -> DncPlace:
    return replace(place, vrf_proof=place_of(log.vrf, place.scope, NUMBERS[9])[1].proof)


def emptied(log: SampleLog, place: DncPlace) -> DncPlace:
    return replace(place, after=PlaceProof((), None))


def placed_though_listed(log: SampleLog) -> bytes:
    """The operator dials a listed number, with every other leaf in order, and shows the honest DNC proof."""

    def happen(own: SampleLog) -> None:
        own.add_to_dnc(org_scope(ORG), NUMBERS[1])

    return operator_bundle(happen, lambda own: permit_call(own, "a", "c", NUMBERS[1]))


def listed_in_between(log: SampleLog) -> bytes:
    """The refusal arrives after the decision and before the permit is consumed; the call goes out all the same."""

    def call(own: SampleLog) -> None:
        own.append(T.DECISION_PERMITTED, attempt="a", consent="c")
        own.append(T.ATTEMPT_AUTHORISED, {Says.CALLEE_NUMBER: NUMBERS[1]}, attempt="a")
        own.add_to_dnc(PLATFORM_SCOPE, NUMBERS[1])
        own.append(T.GATE2_PASSED, attempt="a")
        own.append(T.ATTEMPT_PLACED, attempt="a")

    return operator_bundle(lambda own: None, call)


DNC = [
    Attack("the DNC proof left out", dnc_changed(lambda log, dnc: None), "dnc.places"),
    Attack("places of another number", dnc_changed(places(of_another_number)), "dnc.places"),
    Attack(
        "the platform's list left out",
        dnc_changed(lambda log, dnc: replace(dnc, places=dnc.places[:1])),
        "dnc.places",
    ),
    Attack(
        "one list twice", dnc_changed(lambda log, dnc: replace(dnc, places=dnc.places[:1] * 2)), "dnc.places"
    ),
    Attack(
        "an unknown VRF key",
        dnc_changed(places(lambda log, p: replace(p, key="demo/sample/dnc+00000000"))),
        "dnc.places",
    ),
    Attack("an empty tree claimed", dnc_changed(places(emptied)), "dnc.absence"),
    Attack("a listed number shown absent", dnc_changed(places(emptied), "refused"), "dnc.absence"),
    Attack(
        "a sibling changed",
        dnc_changed(
            places(
                lambda log, p: replace(
                    p, after=replace(p.after, siblings=(EMPTY_SUBTREE, *p.after.siblings[1:]))
                )
            )
        ),
        "dnc.absence",
    ),
    Attack(
        "a root from after the decision",
        dnc_changed(lambda log, dnc: replace(dnc, before_size=63)),
        "dnc.absence",
    ),
    Attack("dialled though on the list", placed_though_listed, "dnc.absence"),
    Attack("dialled though refused meanwhile", listed_in_between, "dnc.absence"),
    Attack(
        "a DNC proof beside a withheld number",
        lambda log: as_exporter(
            log,
            log.bundle(redacted(parts(log), frozenset({Says.FLAC_SHA256, Says.CONSENT_FILES}))),
            lambda files: files.update({"dnc.json": open_files(bundle(log))["dnc.json"]}),
        ),
        "dnc.places",
    ),
]

# ---- an operator who calls unlawfully and logs what he did


def calls(*steps: Callable[[SampleLog], object]) -> Callable[[SampleLog], bytes]:
    def call(own: SampleLog) -> None:
        for step in steps:
            step(own)

    return lambda log: operator_bundle(lambda own: None, call)


def leaf(kind: EventType, **says: str) -> Callable[[SampleLog], object]:
    return lambda own: own.append(kind, dict(says) or None, attempt="a", consent="c")


def authorised(own: SampleLog) -> object:
    return own.append(T.ATTEMPT_AUTHORISED, {Says.CALLEE_NUMBER: NUMBERS[1]}, attempt="a", consent="c")


def two_numbers(log: SampleLog) -> bytes:
    def call(own: SampleLog) -> None:
        permit_call(own, "a", "c", NUMBERS[1])
        own.append(T.ATTEMPT_FAILED, {Says.CALLEE_NUMBER: NUMBERS[2]}, attempt="a")

    return operator_bundle(lambda own: None, call, ends=False)


def talk_without_recording(log: SampleLog) -> bytes:
    def call(own: SampleLog) -> None:
        permit_call(own, "a", "c", NUMBERS[1])
        for state in (T.ATTEMPT_ANSWERED, T.ATTEMPT_CONNECTED, T.ATTEMPT_WRAPPING, T.ATTEMPT_SEALED):
            own.append(state, attempt="a")

    return operator_bundle(lambda own: None, call, ends=False)


def late_consent(log: SampleLog) -> bytes:
    own = operator_log()
    own.seal()
    own.append(T.DECISION_PERMITTED, attempt="a", consent="c")
    authorised(own)
    record_consent(own, "c", NUMBERS[1])
    for kind in (T.GATE2_PASSED, T.ATTEMPT_PLACED, T.ATTEMPT_FAILED):
        own.append(kind, attempt="a", consent="c")
    own.seal()
    consent = next(s for s, b in enumerate(own.bodies) if parse_leaf(b).event.type is T.CONSENT_RECORDED)
    return own.bundle(own.parts("a", NUMBERS[1], also=[consent]))


def withdrawn_before(log: SampleLog) -> bytes:
    own = operator_log()
    record_consent(own, "c", NUMBERS[1])
    own.seal()
    withdrawn = own.append(T.CONSENT_WITHDRAWN, consent="c")
    permit_call(own, "a", "c", NUMBERS[1])
    own.append(T.ATTEMPT_FAILED, attempt="a")
    own.seal()
    return own.bundle(own.parts("a", NUMBERS[1], also=[withdrawn]))


def without_end(log: SampleLog) -> bytes:
    return operator_bundle(lambda own: None, lambda own: permit_call(own, "a", "c", NUMBERS[1]), ends=False)


def no_predecessor(log: SampleLog) -> bytes:
    """The story is right, but a leaf does not name the one before it: something could have been left out there."""

    def call(own: SampleLog) -> None:
        permit_call(own, "a", "c", NUMBERS[1])
        own._last_of_attempt.pop("a")
        finish_talk(own, "a", None)

    return operator_bundle(lambda own: None, call, ends=False)


STORY = [
    Attack(
        "dialled without a decision",
        calls(authorised, leaf(T.GATE2_PASSED), leaf(T.ATTEMPT_PLACED)),
        "attempt.story",
    ),
    Attack(
        "dialled without the second gate",
        calls(leaf(T.DECISION_PERMITTED), authorised, leaf(T.ATTEMPT_PLACED)),
        "attempt.story",
    ),
    Attack(
        "decided after the call",
        calls(authorised, leaf(T.GATE2_PASSED), leaf(T.ATTEMPT_PLACED), leaf(T.DECISION_PERMITTED)),
        "attempt.story",
    ),
    Attack(
        "dialled though refused",
        calls(
            leaf(T.DECISION_REFUSED),
            leaf(T.DECISION_PERMITTED),
            authorised,
            leaf(T.GATE2_PASSED),
            leaf(T.ATTEMPT_PLACED),
        ),
        "attempt.story",
    ),
    Attack(
        "a permit consumed twice",
        calls(
            leaf(T.DECISION_PERMITTED),
            authorised,
            leaf(T.GATE2_PASSED),
            leaf(T.GATE2_PASSED),
            leaf(T.ATTEMPT_PLACED),
        ),
        "attempt.story",
    ),
    Attack(
        "a state that no move leads to",
        calls(
            leaf(T.DECISION_PERMITTED),
            authorised,
            leaf(T.GATE2_PASSED),
            leaf(T.ATTEMPT_PLACED),
            leaf(T.ATTEMPT_WRAPPING),
        ),
        "attempt.story",
    ),
    Attack("consent given after the decision", late_consent, "attempt.story"),
    Attack("consent withdrawn before the call", withdrawn_before, "attempt.story"),
    Attack("an attempt without an end", without_end, "attempt.story"),
    Attack("a gap in the attempt's chain", no_predecessor, "leaves.chain"),
    Attack("two numbers in one attempt", two_numbers, "dnc.places"),
    Attack("a talk without recording", talk_without_recording, "recording.hash"),
]

ATTACKS: tuple[Attack, ...] = (*CONTAINER, *MANIFEST, *LEAVES, *CHECKPOINT, *CONTENT, *DNC, *STORY)
