"""A second verifier, written from docs/evidence.md alone: it imports nothing of the product.

Where there was a choice it takes another way than the product's: the ZIP is rebuilt by the standard library, canonical
JSON by the `rfc8785` package, signatures and points by libsodium, proofs by the recursive definitions of RFC 6962.
`verify(bundle, trust)` gives the outcome of each check by id.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise

import rfc8785
from second_basics import MAX, Bad, Skip, b64, canonical, digest, fields, ident, items, number, text
from second_formats import (
    commitment,
    consistent,
    cosigned_at,
    flac_shape,
    hand_over,
    included,
    key_id,
    parse_leaf,
    parse_note,
    parse_trust,
    signature_ok,
    signed_by_log,
    sound_of,
)
from second_rules import dnc_absence, dnc_places, story, time_tokens
from second_state import State
from second_zip import the_one_zip

NAMES = re.compile(
    r"(manifest\.json|checkpoint|proofs\.json|opened\.json|trust\.json|VERIFY\.md|dnc\.json|recording\.flac"
    r"|leaves/\d{16}\.json|tsr/\d{16}\.tsr|consent/[A-Za-z0-9][A-Za-z0-9_-]{0,63}(\.[A-Za-z0-9]{1,8})?)\Z",
    re.ASCII,
)
NEEDED = {"manifest.json", "checkpoint", "proofs.json", "opened.json", "trust.json", "VERIFY.md"}
WORD = re.compile(r"[a-z][a-z0-9_.]{0,63}\Z")
WHAT = re.compile(r"[a-z][a-z0-9_.]{0,63}(:[A-Za-z0-9._-]{1,64})?\Z")


def verify(data: bytes, pinned: bytes | None) -> dict[str, str]:
    """check id → pass, fail, skip or unreached. `pinned`: the reader's own trust.json."""
    return examine(State(data, pinned))


def examine(state: State) -> dict[str, str]:
    """The same; `state` holds afterwards what was established."""
    ended: dict[str, str] = {}
    for name, needs, check in CHECKS:
        if any(ended[need] in ("fail", "unreached") for need in needs):
            ended[name] = "unreached"
            continue
        try:
            check(state)
            ended[name] = "pass"
        except Skip:
            ended[name] = "skip"
        except Bad:
            ended[name] = "fail"
    return ended


def exit_code(ended: dict[str, str], pinned: bytes | None) -> int:
    """The exit code that the format prescribes for these outcomes."""
    if "fail" in ended.values():
        return 1
    return 3 if pinned is None else 0


# ---- 1 to 4


def zip_container(s: State) -> None:
    files = the_one_zip(s.data, NAMES, 1 << 30, 20_000)
    if not set(files) >= NEEDED or not any(n.startswith("leaves/") for n in files):
        raise Bad("incomplete")
    s.files = files


def manifest_form(s: State) -> None:
    s.envelope = fields(canonical(s.files["manifest.json"]), "payload payloadType signatures")
    if s.envelope["payloadType"] != "application/vnd.dialer.bundle-manifest+json":
        raise Bad("type")
    for entry in items(s.envelope["signatures"], 4):
        fields(entry, "keyid sig")
        text(entry["keyid"])
        b64(text(entry["sig"]))
    if not s.envelope["signatures"]:
        raise Bad("unsigned")
    m = fields(
        canonical(b64(text(s.envelope["payload"]))),
        "v format log attempt_id size made sw files missing withheld",
        "org",
    )
    if m["v"] != 1 or m["format"] != "dialer-bundle/1":
        raise Bad("format")
    text(m["log"])
    for name in ("attempt_id", "sw", "org"):
        if name in m:
            ident(m[name])
    number(m["size"], 1)
    number(m["made"], 1)
    for f in items(m["files"], 20_000):
        fields(f, "name bytes sha256")
        text(f["name"]), number(f["bytes"], -MAX), digest(f["sha256"])
    for part in items(m["missing"], 20_000):
        fields(part, "what why")
        if not WHAT.match(text(part["what"])) or not WORD.match(text(part["why"])):
            raise Bad("missing")
    for w in items(m["withheld"], 20_000):
        fields(w, "seq name why")
        number(w["seq"])
        if not WORD.match(text(w["name"])) or not WORD.match(text(w["why"])):
            raise Bad("withheld")
    s.manifest = m


def manifest_files(s: State) -> None:
    names = [f["name"] for f in s.manifest["files"]]
    if any(a >= b for a, b in pairwise(names)):
        raise Bad("order")
    if set(names) != set(s.files) - {"manifest.json"}:
        raise Bad("not these files")
    for f in s.manifest["files"]:
        data = s.files[f["name"]]
        if len(data) != f["bytes"] or sha256(data).hexdigest() != f["sha256"]:
            raise Bad("another file")


def trust_form(s: State) -> None:
    bundled = parse_trust(canonical(s.files["trust.json"]))
    s.keys = parse_trust(canonical(s.pinned)) if s.pinned is not None else bundled
    if not s.keys["log"] == bundled["log"] == s.manifest["log"]:
        raise Bad("another log")


# ---- 5 to 11


def leaves_form(s: State) -> None:
    for name, data in s.files.items():
        if name.startswith("leaves/"):
            leaf = parse_leaf(canonical(data, 65536))
            if int(name[7:23]) != leaf["seq"] or leaf["log"] != s.manifest["log"]:
                raise Bad("elsewhere")
            if "org" in leaf and leaf["org"] != s.manifest.get("org"):
                raise Bad("organisation")
            s.leaves[leaf["seq"]] = leaf
            s.hash[leaf["seq"]] = sha256(b"\0" + data).digest()
    if not s.own():
        raise Bad("nothing of the attempt")


def payloads_commit(s: State) -> None:
    value = fields(canonical(s.files["opened.json"]), "v opened")
    if value["v"] != 1:
        raise Bad("version")
    last = -1
    for entry in items(value["opened"], 10_000):
        fields(entry, "seq payload")
        if number(entry["seq"]) <= last or entry["seq"] not in s.leaves:
            raise Bad("order or stranger")
        last = entry["seq"]
        commit, shown, hidden = commitment(entry["payload"])
        if commit.hex() != s.leaves[last].get("commit"):
            raise Bad("commitment")
        s.opened[last] = shown
        s.hidden |= {(last, name) for name in hidden}


def keys_rotation(s: State) -> None:
    rotated = [seq for seq in sorted(s.leaves) if s.leaves[seq]["type"] == "key.rotated"]
    if not rotated:
        raise Skip
    for seq in rotated:
        s.keys = hand_over(s.keys, s.opened.get(seq, {}), seq)


def checkpoint_form(s: State) -> None:
    s.note = parse_note(s.files["checkpoint"])
    s.proofs = fields(canonical(s.files["proofs.json"]), "v size leaves earlier")
    if s.proofs["v"] != 1 or s.note["origin"] != s.manifest["log"]:
        raise Bad("version or log")
    for p in items(s.proofs["leaves"], 10_000):
        fields(p, "seq hash path")
        p["path"] = [digest(h) for h in items(p["path"], 64)]
        number(p["seq"], -MAX), digest(p["hash"])
    for e in items(s.proofs["earlier"], 64):
        fields(e, "note path")
        e["path"] = [digest(h) for h in items(e["path"], 64)]
        e["note"] = parse_note(text(e["note"]).encode(), as_checkpoint=False)
    if not s.note["size"] == s.proofs["size"] == s.manifest["size"]:
        raise Bad("sizes")


def checkpoint_signature(s: State) -> None:
    if not signed_by_log(s.note, s.keys, s.note["size"]):
        raise Bad("no log key")


def witness_cosignature(s: State) -> None:
    if cosigned_at(s.note, s.keys, s.note["size"]) is None:
        raise Bad("no witness")


def manifest_signature(s: State) -> None:
    kind, body = s.envelope["payloadType"], b64(s.envelope["payload"])
    message = b" ".join([b"DSSEv1", str(len(kind)).encode(), kind.encode(), str(len(body)).encode(), body])
    known = {key_id(k): k for k in s.keys["keys"] if k["use"] == "bundle"}
    for entry in s.envelope["signatures"]:
        key = known.get(entry["keyid"])
        if key is None or not key["from"] <= s.manifest["size"] < key.get("to", MAX + 1):
            raise Bad("key")
        if not signature_ok(key["public"], b64(entry["sig"]), message):
            raise Bad("signature")


# ---- 12 to 15


def leaves_included(s: State) -> None:
    if sorted(p["seq"] for p in s.proofs["leaves"]) != sorted(s.leaves):
        raise Bad("not these leaves")
    for p in s.proofs["leaves"]:
        if p["hash"] != s.hash[p["seq"]].hex():
            raise Bad("hash")
        if included(s.hash[p["seq"]], p["seq"], s.note["size"], p["path"]) != s.note["root"]:
            raise Bad("not in the tree")


def checkpoints_earlier(s: State) -> None:
    for e in s.proofs["earlier"]:
        note = parse_note(e["note"]["bytes"])
        if note["origin"] != s.note["origin"] or note["size"] in s.earlier:
            raise Bad("log or twice")
        if not signed_by_log(note, s.keys, note["size"]):
            raise Bad("unsigned")
        if not consistent(note["size"], note["root"], s.note["size"], s.note["root"], e["path"]):
            raise Bad("not consistent")
        s.earlier[note["size"]] = note


def leaves_chain(s: State) -> None:
    place = {h.hex(): seq for seq, h in s.hash.items()}
    for seq, leaf in s.leaves.items():
        if seq - 1 in s.hash and leaf["prev"] != s.hash[seq - 1].hex():
            raise Bad("prev")
        for cause in leaf.get("cause", []):
            if cause in place and place[cause] >= seq:
                raise Bad("later")
            if cause not in place and not s.lacks(f"leaf:{cause}"):
                raise Bad("undeclared")
    own = s.own()
    for before, after in pairwise(own):
        if s.hash[before].hex() not in s.leaves[after].get("cause", []):
            raise Bad("gap")


def withheld_declared(s: State) -> None:
    declared = [(w["seq"], w["name"]) for w in s.manifest["withheld"]]
    if len(set(declared)) != len(declared) or set(declared) != s.hidden:
        raise Bad("withheld")
    for seq, leaf in s.leaves.items():
        if "commit" in leaf and (seq in s.opened) == s.lacks(f"payload:{seq}"):
            raise Bad("payload")


def policy_packs(s: State) -> None:
    shown = [(seq, packs) for seq in s.leaves if (packs := s.says(seq, "policy.packs")) is not None]
    for seq, packs in shown:
        if s.leaves[seq].get("policy", {}).get("sha256") != sha256(rfc8785.dumps(packs)).hexdigest():
            raise Bad("packs")
    if not shown:
        raise Skip


def consent_files(s: State) -> None:
    stated = {}
    for seq in sorted(s.opened):
        if (files := s.says(seq, "consent.files")) is not None:
            if s.leaves[seq]["type"] != "consent.recorded":
                raise Bad("no consent")
            for f in items(files, 10**6):
                fields(f, "name bytes sha256")
                stated[f"consent/{text(f['name'])}"] = (number(f["bytes"], -MAX), digest(f["sha256"]))
    present = {name: data for name, data in s.files.items() if name.startswith("consent/")}
    for name, data in present.items():
        if stated.get(name) != (len(data), sha256(data).digest()):
            raise Bad("another file")
    for name in stated:
        if name not in present and not s.lacks("consent.file:" + name[8:]):
            raise Bad("undeclared")
    if not present:
        raise Skip


# ---- 19 to 21


def sealed(s: State) -> int:
    own = s.own()
    seqs = [seq for seq in own if s.leaves[seq]["type"] == "recording.sealed"]
    types = {s.leaves[seq]["type"] for seq in own}
    there, declared = "recording.flac" in s.files, s.lacks("recording")
    if len(seqs) > 1 or (there and (not seqs or declared)) or (seqs and not there and not declared):
        raise Bad("recording")
    if there:
        return seqs[0]
    explained = seqs or "recording.missing" in types or declared
    if "attempt.connected" in types and not explained:
        raise Bad("a talk without recording")
    raise Skip


def recording_hash(s: State) -> None:
    if s.says(sealed(s), "rec.flac_sha256") != sha256(s.files["recording.flac"]).hexdigest():
        raise Bad("another recording")


def recording_shape(s: State) -> None:
    rec = s.leaves[sealed(s)].get("rec")
    if rec is None or flac_shape(s.files["recording.flac"]) != (rec["rate"], rec["ch"], rec["frames"]):
        raise Bad("shape")


def recording_sound(s: State) -> None:
    seq = sealed(s)
    if (stated := s.says(seq, "rec.pcm_sha256")) is None:
        raise Skip
    if sound_of(s.files["recording.flac"]) != (stated, s.leaves[seq].get("rec", {}).get("frames")):
        raise Bad("sound")


CHECKS: list[tuple[str, tuple[str, ...], Callable[[State], None]]] = [
    ("zip.container", (), zip_container),
    ("manifest.form", ("zip.container",), manifest_form),
    ("manifest.files", ("manifest.form",), manifest_files),
    ("trust.form", ("manifest.form",), trust_form),
    ("leaves.form", ("manifest.form",), leaves_form),
    ("payloads.commit", ("leaves.form",), payloads_commit),
    ("keys.rotation", ("trust.form", "payloads.commit"), keys_rotation),
    ("checkpoint.form", ("leaves.form",), checkpoint_form),
    ("checkpoint.signature", ("checkpoint.form", "keys.rotation"), checkpoint_signature),
    ("witness.cosignature", ("checkpoint.form", "keys.rotation"), witness_cosignature),
    ("manifest.signature", ("manifest.form", "keys.rotation"), manifest_signature),
    ("leaves.included", ("checkpoint.form",), leaves_included),
    ("checkpoints.earlier", ("checkpoint.form", "keys.rotation"), checkpoints_earlier),
    ("leaves.chain", ("checkpoint.form",), leaves_chain),
    ("withheld.declared", ("payloads.commit",), withheld_declared),
    ("attempt.story", ("leaves.form",), story),
    ("policy.packs", ("payloads.commit",), policy_packs),
    ("consent.files", ("payloads.commit",), consent_files),
    ("recording.hash", ("payloads.commit",), recording_hash),
    ("recording.shape", ("recording.hash",), recording_shape),
    ("recording.sound", ("recording.hash",), recording_sound),
    ("dnc.places", ("attempt.story", "payloads.commit", "keys.rotation", "checkpoint.form"), dnc_places),
    ("dnc.absence", ("dnc.places", "checkpoints.earlier"), dnc_absence),
    ("tsr.tokens", ("checkpoints.earlier",), time_tokens),
]
