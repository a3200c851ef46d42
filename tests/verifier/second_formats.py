"""Leaves, notes, keys, payloads, trees and recordings for the second verifier (docs/evidence.md sections 3 to 5, 8)."""

import hmac
import io
import re
import struct
from hashlib import sha256
from typing import Any

import nacl.exceptions
import nacl.signing
import rfc8785
import soundfile
from second_basics import MAX, Bad, b64, digest, fields, ident, items, number, text
from second_vrf import vrf

ORIGIN = re.compile(r"[a-z0-9][a-z0-9._/-]{0,127}\Z")
KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}\Z")
DISCLOSURE = re.compile(r"[a-z][a-z0-9_.]{0,63}\Z")
DIGEST = re.compile(r"([a-z][a-z0-9_.]{0,63}):[0-9a-f]{64}\Z")
LINE = re.compile("— ([^ +\\s]{1,128}) ([A-Za-z0-9+/]+={0,2})\\Z")
VOCABULARY = {
    f"{group}.{name}"
    for group, names in {
        "consent": "recorded withdrawn expired",
        "decision": "permitted refused",
        "attempt": "authorised placed ringing answered connected wrapping sealed refused failed abandoned"
        " cancelled lapsed uncertain ended_unknown",
        "gate2": "passed refused",
        "recording": "sealed missing",
        "refusal": "heard acknowledged",
        "dnc": "added",
        "disposition": "set",
        "complaint": "received verified unfounded closed",
        "violation": "recorded handled closed",
        "evidence": "accessed exported",
        "number": "revealed",
        "subject": "erased",
        "hold": "set lifted",
        "retention": "purged",
        "key": "rotated",
        "clock": "stepped",
        "config": "changed",
        "verify": "run",
        "talk": "held resumed transferred listened listening_ended words_heard words_reviewed script_ticked",
        "inbound": "received connected ended disposed",
        "lead": "skipped",
        "incident": "opened",
    }.items()
    for name in names.split()
}
VRF_KIND = b"\xffECVRF-EDWARDS25519-SHA512-TAI"


def parse_leaf(value: Any) -> dict[str, Any]:
    """A leaf of section 3.1."""
    leaf = fields(
        value,
        "v log seq ts node boot type actor sw",
        "org call_id attempt_id sid consent_id cause policy commit ct rec prev",
    )
    if leaf["v"] != 1 or not ORIGIN.match(text(leaf["log"])) or leaf["type"] not in VOCABULARY:
        raise Bad("leaf")
    number(leaf["seq"]), number(leaf["ts"], 1)
    for name in ("node", "boot", "sw", "org", "call_id", "attempt_id", "sid", "consent_id"):
        if name in leaf:
            ident(leaf[name])
    actor = fields(leaf["actor"], "kind id")
    if actor["kind"] not in ("user", "callee", "process", "partner"):
        raise Bad("actor")
    ident(actor["id"])
    if ("prev" in leaf) != (leaf["seq"] > 0):
        raise Bad("prev")
    for name in {"prev", "commit"} & set(leaf):
        digest(leaf[name])
    if "cause" in leaf:
        causes = [digest(cause) for cause in items(leaf["cause"], 256)]
        if not causes or len(set(causes)) != len(causes):
            raise Bad("cause")
    if "policy" in leaf:
        ident(fields(leaf["policy"], "id sha256")["id"])
        digest(leaf["policy"]["sha256"])
    if "ct" in leaf:
        digest(fields(leaf["ct"], "sha256 bytes")["sha256"])
        number(leaf["ct"]["bytes"], 1)
    if "rec" in leaf:
        rec = fields(leaf["rec"], "id ct_sha256 ct_bytes frames rate ch")
        ident(rec["id"]), digest(rec["ct_sha256"]), number(rec["frames"])
        for name in ("ct_bytes", "rate", "ch"):
            number(rec[name], 1)
    return leaf


def commitment(value: Any) -> tuple[bytes, dict[str, Any], list[str]]:
    """The commitment of a payload (section 3.2), what it shows by name, and the names that it withholds."""
    payload = fields(value, "salt items")
    salt, digests, shown, hidden = digest(payload["salt"]), [], {}, []
    for item in items(payload["items"], 512):
        if isinstance(item, dict) and set(item) == {"digest"}:
            match = DIGEST.match(text(item["digest"]))
            if not match:
                raise Bad("digest")
            hidden.append(match[1])
            digests.append(item["digest"])
            continue
        fields(item, "name salt value")
        if not DISCLOSURE.match(text(item["name"])):
            raise Bad("name")
        mac = hmac.new(digest(item["salt"]), rfc8785.dumps([item["name"], item["value"]]), "sha256")
        digests.append(f"{item['name']}:{mac.hexdigest()}")
        shown[item["name"]] = item["value"]
    names = [entry.split(":")[0] for entry in digests]
    if not names or len(set(names)) != len(names):
        raise Bad("items")
    return hmac.new(salt, rfc8785.dumps(digests), "sha256").digest(), shown, hidden


def parse_note(data: bytes, *, as_checkpoint: bool = True) -> dict[str, Any]:
    """A signed note (section 4); with `as_checkpoint` its body has to be a checkpoint's."""
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Bad("note") from None
    body, gap, tail = whole.rpartition("\n\n")
    lines = tail.split("\n")
    if len(data) > 65536 or not gap or lines.pop() or not 1 <= len(lines) <= 32:
        raise Bad("note")
    if any(ord(c) < 32 and c != "\n" for c in whole):
        raise Bad("control character")
    note: dict[str, Any] = {"bytes": data, "body": f"{body}\n".encode(), "lines": []}
    for line in lines:
        match = LINE.match(line)
        blob = b64(match[2]) if match else b""
        if not match or not 4 < len(blob) <= 1024:
            raise Bad("line")
        note["lines"].append((match[1], blob[:4], blob[4:]))
    if as_checkpoint:
        note |= _head(body.split("\n"))
    return note


def _head(lines: list[str]) -> dict[str, Any]:
    if len(lines) not in (3, 4) or not KEY_NAME.match(lines[0]):
        raise Bad("checkpoint")
    head: dict[str, Any] = {"origin": lines[0], "size": _size(lines[1]), "root": _root(lines[2]), "dnc": None}
    if len(lines) == 4:
        words = lines[3].split(" ")
        if len(words) not in (3, 4) or words[0] != "dnc":
            raise Bad("dnc line")
        head["dnc"] = (_size(words[1]), _root(words[2]))
        head["vrf_keys"] = _size(words[3]) if words[3:] else 1
        if words[3:] and head["vrf_keys"] < 2:
            raise Bad("count of VRF keys")
    return head


def _size(value: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", value) or int(value) > MAX:
        raise Bad("size")
    return int(value)


def _root(value: str) -> bytes:
    if len(root := b64(value)) != 32:
        raise Bad("root")
    return root


def parse_trust(value: Any) -> dict[str, Any]:
    """The keys of section 5."""
    trust = fields(value, "v log keys", "tsa")
    if trust["v"] != 1:
        raise Bad("version")
    text(trust["log"])
    for key in items(trust["keys"], 256):
        fields(key, "use name public from", "to")
        if key["use"] not in ("log", "witness", "bundle", "vrf") or not KEY_NAME.match(text(key["name"])):
            raise Bad("key")
        key["public"] = digest(key["public"])
        if "to" in key:
            number(key["to"], number(key["from"]))
        number(key["from"])
    if len({(key["use"], key["name"], key["public"]) for key in trust["keys"]}) != len(trust["keys"]):
        raise Bad("key twice")
    for authority in items(trust.get("tsa", []), 16):
        text(fields(authority, "name certificate")["name"])
        authority["certificate"] = b64(text(authority["certificate"]))
    return trust


def raw_id(name: str, kind: bytes, public: bytes) -> bytes:
    """Four bytes that name a key."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def key_id(key: dict[str, Any]) -> str:
    """A key's printed id."""
    kind = VRF_KIND if key["use"] == "vrf" else b"\x01"
    return f"{key['name']}+{raw_id(key['name'], kind, key['public']).hex()}"


def valid(key: dict[str, Any], use: str, size: int) -> bool:
    """Whether a key is believed for that use and tree size."""
    return bool(key["use"] == use and key["from"] <= size < key.get("to", MAX + 1))


def signature_ok(public: bytes, signature: bytes, message: bytes) -> bool:
    """An Ed25519 signature, by libsodium."""
    try:
        nacl.signing.VerifyKey(public).verify(message, signature)
    except (nacl.exceptions.CryptoError, ValueError):
        return False
    return True


def signed_by_log(note: dict[str, Any], keys: dict[str, Any], size: int) -> bool:
    """Whether a log key that is believed at this size signed the note, in one line of its own."""
    for key in keys["keys"]:
        if valid(key, "log", size):
            wanted = (key["name"], raw_id(key["name"], b"\x01", key["public"]))
            blobs = [blob for name, number_, blob in note["lines"] if (name, number_) == wanted]
            if len(blobs) == 1 and signature_ok(key["public"], blobs[0], note["body"]):
                return True
    return False


def cosigned_at(note: dict[str, Any], keys: dict[str, Any], size: int) -> int | None:
    """When a witness that is believed at this size cosigned the note; every line of that witness has to hold."""
    for key in keys["keys"]:
        if not valid(key, "witness", size):
            continue
        wanted = (key["name"], raw_id(key["name"], b"\x04", key["public"]))
        times = []
        for name, number_, blob in note["lines"]:
            if (name, number_) == wanted:
                seconds = int.from_bytes(blob[:8], "big")
                message = f"cosignature/v1\ntime {seconds}\n".encode() + note["body"]
                times.append(seconds if signature_ok(key["public"], blob[8:], message) else 0)
        if times and all(times) and max(times) < 253_402_300_800:
            return max(times)
    return None


def hand_over(keys: dict[str, Any], said: dict[str, Any], seq: int) -> dict[str, Any]:
    """The keys after the hand-over that leaf `seq` discloses (section 5)."""
    try:
        use, name, size = said["key.use"], text(said["key.name"]), number(said["key.from"], -MAX)
        old, new = digest(said["key.old"]), digest(said["key.new"])
        signatures = [bytes.fromhex(text(said[part])) for part in ("key.sig_old", "key.sig_new")]
    except (KeyError, ValueError):
        raise Bad("not shown") from None
    wanted = 80 if use == "vrf" else 64
    if use not in ("log", "witness", "bundle", "vrf") or any(len(s) != wanted for s in signatures):
        raise Bad("hand-over")
    same = [key for key in keys["keys"] if (key["use"], key["name"]) == (use, name)]
    has_old, has_new = (any(key["public"] == public for key in same) for public in (old, new))
    if has_new and not has_old:
        return keys
    message = rfc8785.dumps(["dialer/key.rotated/v1", keys["log"], use, name, old.hex(), new.hex(), size])
    believed = any(key["public"] == old and valid(key, use, seq) for key in same)
    if old == new or size <= seq or not believed or (use == "vrf" and size != seq + 1):
        raise Bad("hand-over")
    for public, signature in zip((old, new), signatures, strict=True):
        if use == "vrf":
            vrf(public, message, signature)
        elif not signature_ok(public, signature, message):
            raise Bad("hand-over")
    if has_new:
        return keys
    ended = [
        {**key, "to": min(size, key.get("to", size))} if key in same and key["public"] == old else key
        for key in keys["keys"]
    ]
    return {**keys, "keys": [*ended, {"use": use, "name": name, "public": new, "from": size}]}


def _join(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def _split(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def included(leaf: bytes, seq: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to, by RFC 6962's recursion from the root down; None for a wrong length."""
    if not 0 <= seq < size:
        return None
    if size == 1:
        return None if path else leaf
    if not path:
        return None
    half = _split(size)
    if seq < half:
        below = included(leaf, seq, half, path[:-1])
        return None if below is None else _join(below, path[-1])
    below = included(leaf, seq - half, size - half, path[:-1])
    return None if below is None else _join(path[-1], below)


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, path: list[bytes]) -> bool:
    """Whether a consistency proof holds, by the recursion SUBPROOF of RFC 6962 section 2.1.2."""
    if old == 0 or old == new:
        empty = sha256(b"").digest()
        return not path and (old_root == new_root if old == new else old_root == empty)
    return old < new and _subproof(old, new, path, old_root) == (old_root, new_root)


def _subproof(old: int, new: int, path: list[bytes], known: bytes | None) -> tuple[bytes, bytes] | None:
    """(root of the old tree's part, root of the new tree's part); `known`: the old root while it is a whole subtree."""
    if old == new:
        if known is not None:
            return None if path else (known, known)
        return (path[0], path[0]) if len(path) == 1 else None
    if not path:
        return None
    half, last = _split(new), path[-1]
    if old <= half:
        below = _subproof(old, half, path[:-1], known)
        return None if below is None else (below[0], _join(below[1], last))
    below = _subproof(old - half, new - half, path[:-1], None)
    return None if below is None else (_join(last, below[0]), _join(last, below[1]))


def flac_shape(data: bytes) -> tuple[int, int, int]:
    """Rate, channels and frames of a FLAC file's STREAMINFO."""
    if len(data) < 42 or data[:4] != b"fLaC" or data[4] & 0x7F or data[5:8] != b"\0\0\x22":
        raise Bad("no FLAC")
    (packed,) = struct.unpack(">Q", data[18:26])
    return packed >> 44, (packed >> 41 & 7) + 1, packed & 0xFFFFFFFFF


def sound_of(data: bytes) -> tuple[str, int]:
    """SHA-256 of the decoded frames, and their count."""
    try:
        frames, _ = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    except RuntimeError:
        raise Bad("not decodable") from None
    return sha256(frames.astype("<i2").tobytes()).hexdigest(), len(frames)
