"""Story, DNC proof and time tokens for the second verifier (docs/evidence.md sections 6, 7, 10, 11)."""

from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from second_basics import MAX, Bad, Skip, canonical, digest, fields, ident, items, number, text
from second_formats import key_id
from second_vrf import vrf

NEXT = {
    "authorised": "placed lapsed uncertain",
    "placed": "ringing answered failed cancelled uncertain",
    "ringing": "answered failed cancelled uncertain",
    "answered": "connected abandoned sealed uncertain",
    "connected": "wrapping abandoned uncertain",
    "abandoned": "sealed uncertain",
    "wrapping": "sealed",
    "uncertain": "placed lapsed sealed failed ended_unknown",
}
ENDS = ["sealed", "refused", "failed", "cancelled", "lapsed", "ended_unknown"]
AFTER_PLACED = {f"attempt.{s}" for s in ["ringing", "answered", "connected", "abandoned", "wrapping"]} | {
    "recording.sealed"
}


def story(s: Any) -> None:
    """Section 10."""
    own = [(seq, s.leaves[seq]) for seq in s.own()]
    kinds = [leaf["type"] for _, leaf in own]
    states = [kind[8:] for kind in kinds if kind.startswith("attempt.")]
    if not states or states[0] not in ("authorised", "refused"):
        raise Bad("beginning")
    if any(b not in NEXT.get(a, "").split() for a, b in pairwise(states)):
        raise Bad("move")
    if states[-1] not in ENDS and not s.lacks("end"):
        raise Bad("end")
    if not {"decision.permitted", "decision.refused"} & set(kinds):
        raise Bad("decision")
    if not {"gate2.passed", "attempt.placed"} & set(kinds):
        if AFTER_PLACED & set(kinds):
            raise Bad("not placed")
        return
    order = ["decision.permitted", "attempt.authorised", "gate2.passed", "attempt.placed"]
    if not set(order) <= set(kinds) or "decision.refused" in kinds or kinds.count("gate2.passed") != 1:
        raise Bad("placed")
    places = [kinds.index(kind) for kind in order]
    if places != sorted(places) or any(kind in AFTER_PLACED for kind in kinds[: places[3]]):
        raise Bad("order")
    decision, consuming = own[places[0]], own[places[2]][0]
    if not s.lacks("consent"):
        consent = decision[1].get("consent_id")
        about = {
            seq: leaf["type"]
            for seq, leaf in s.leaves.items()
            if consent is not None and leaf.get("consent_id") == consent
        }
        if not any(t == "consent.recorded" and seq < decision[0] for seq, t in about.items()):
            raise Bad("consent")
        ended = ("consent.withdrawn", "consent.expired")
        if any(t in ended and seq < consuming for seq, t in about.items()):
            raise Bad("consent ended")
    s.consuming = consuming


def _dnc(s: Any) -> dict[str, Any]:
    if "dnc.json" not in s.files:
        if s.consuming is not None and not s.lacks("dnc"):
            raise Bad("no proof")
        raise Skip
    dnc = fields(canonical(s.files["dnc.json"]), "v places", "before_size")
    if dnc["v"] != 1:
        raise Bad("version")
    if "before_size" in dnc:
        number(dnc["before_size"], -MAX)
    for place in items(dnc["places"], 64):
        fields(place, "scope key proof after", "before")
        if ("before" in place) != ("before_size" in dnc):
            raise Bad("before")
        ident(place["scope"]), text(place["key"])
        if len(text(place["proof"])) != 160 or set(place["proof"]) - set("0123456789abcdef"):
            raise Bad("proof")
        for name in {"before", "after"} & set(place):
            place[name] = _place_proof(place[name])
    return dnc


def _place_proof(value: Any) -> tuple[list[bytes], bytes, list[int]]:
    """Siblings, the place at the end (b"" if it ends empty) and its changes."""
    proof = fields(value, "siblings", "end")
    siblings = [digest(h) for h in items(proof["siblings"], 256)]
    if "end" not in proof:
        return siblings, b"", []
    end = fields(proof["end"], "place changes")
    changes = [number(seq) for seq in items(end["changes"], 1000)]
    if not changes or any(a >= b for a, b in pairwise(changes)):
        raise Bad("changes")
    return siblings, digest(end["place"]), changes


def dnc_places(s: Any) -> None:
    """Check 22."""
    dnc = _dnc(s)
    numbers = [said["callee.number"] for said in s.opened.values() if "callee.number" in said]
    if not numbers or not isinstance(numbers[0], str) or any(n != numbers[0] for n in numbers):
        raise Bad("number")
    keys = {key_id(key): key for key in s.keys["keys"] if key["use"] == "vrf"}
    for place in dnc["places"]:
        name = (place["scope"], place["key"])
        if name[1] not in keys or name in s.places:
            raise Bad("key or twice")
        alpha = rfc8785.dumps(["dnc/v1", place["scope"], numbers[0]])
        s.places[name] = vrf(keys[name[1]]["public"], alpha, bytes.fromhex(place["proof"]))[:32]
    known = [key for key in keys.values() if key["from"] <= s.note["size"]]
    if len(known) != s.note.get("vrf_keys", 1):
        raise Bad("a VRF key is not known")
    until = s.note["size"] if s.consuming is None else s.consuming
    for scope in (f"org:{s.manifest.get('org', '')}", "platform"):
        for printed, key in keys.items():
            if key["from"] <= until and (scope, printed) not in s.places:
                raise Bad("a place is not shown")


def _answer(proof: tuple[list[bytes], bytes, list[int]], place: bytes, head: tuple[int, bytes]) -> list[int]:
    """The changes of a place under a DNC root."""
    siblings, end, changes = proof
    bits = f"{int.from_bytes(place, 'big'):0256b}"
    if end and not f"{int.from_bytes(end, 'big'):0256b}".startswith(bits[: len(siblings)]):
        raise Bad("another way")
    running = sha256(b"\0" + end + rfc8785.dumps(changes)).digest() if end else bytes(32)
    for bit, sibling in reversed(list(zip(bits, siblings, strict=False))):
        running = sha256(b"\1" + (sibling + running if bit == "1" else running + sibling)).digest()
    if running != head[1] or (head[0] == 0) != (head[1] == bytes(32)):
        raise Bad("another root")
    return changes if end == place else []


def dnc_absence(s: Any) -> None:
    """Section 11."""
    dnc = _dnc(s)
    if s.note["dnc"] is None:
        raise Bad("no DNC root")
    decision = min(q for q in s.own() if s.leaves[q]["type"].startswith("decision."))
    size, earlier = dnc.get("before_size"), None
    if size is None:
        if s.consuming is not None and not s.lacks("dnc.before"):
            raise Bad("undeclared")
    else:
        earlier = s.earlier[size]["dnc"] if size in s.earlier else None
        if size > decision or earlier is None:
            raise Bad("no root before the decision")
    for place in dnc["places"]:
        asked = s.places[place["scope"], place["key"]]
        changes = _answer(place["after"], asked, s.note["dnc"])
        past = [c for c in changes if size is not None and c < size]
        if earlier is not None and _answer(place["before"], asked, earlier) != past:
            raise Bad("another past")
        for n, change in enumerate(changes):
            wanted = "consent.recorded" if n % 2 else "dnc.added"
            if change >= s.note["size"] or s.leaves.get(change, {"type": wanted})["type"] != wanted:
                raise Bad("change")
        if s.consuming is not None:
            if any(sum(c <= at for c in changes) % 2 for at in (decision, s.consuming)):
                raise Bad("listed")
            if any(decision < c <= s.consuming for c in changes):
                raise Bad("listed in between")


# ---- time tokens


def _read(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """The elements of DER content: (tag, content, whole)."""
    found = []
    while data:
        if len(data) < 2:
            raise Bad("DER")
        size, start = data[1], 2
        if size > 127:
            start = 2 + (size & 127)
            if not 3 <= start <= 6 or len(data) < start:
                raise Bad("DER")
            size = int.from_bytes(data[2:start], "big")
            if size < 128 or data[2] == 0:
                raise Bad("DER")
        if len(data) < start + size:
            raise Bad("DER")
        found.append((data[0], data[start : start + size], data[: start + size]))
        data = data[start + size :]
    if not found:
        raise Bad("DER")
    return found


def time_tokens(s: Any) -> None:
    """Check 24."""
    names = [name for name in s.files if name.startswith("tsr/")]
    if not names:
        raise Skip
    for name in names:
        try:
            content, at, signer = _token(s.files[name])
        except (IndexError, ValueError):
            raise Bad("token") from None
        size = int(name[4:20])
        note = s.note if size == s.note["size"] else s.earlier.get(size)
        if note is None or content[0] != sha256(note["body"]).digest():
            raise Bad("another checkpoint")
        certificates = [authority["certificate"] for authority in s.keys.get("tsa", [])]
        if certificates and not any(_believed(c, content[1], at, signer) for c in certificates):
            raise Bad("authority")


def _token(data: bytes) -> tuple[tuple[bytes, bytes], datetime, list[Any]]:
    (outer,) = _read(data)
    status, token = _read(outer[1])
    first = _read(status[1])[0]
    if first[0] != 2 or first[1] not in (b"\0", b"\1"):
        raise Bad("refused")
    kind, wrapped = _read(token[1])
    (signed,) = _read(wrapped[1])
    parts = _read(signed[1])
    content_kind, content_wrapped = _read(parts[2][1])
    (info,) = _read(content_wrapped[1])
    (inner,) = _read(info[1])
    fields_ = _read(inner[1])
    algorithm, imprint = _read(fields_[2][1])
    (signer,) = _read(parts[-1][1])
    oids = (kind[1].hex(), content_kind[1].hex(), _read(algorithm[1])[0][1].hex())
    wanted = ("2a864886f70d010702", "2a864886f70d0109100104", "608648016503040201")
    if oids != wanted or len(imprint[1]) != 32 or fields_[4][0] != 0x18:
        raise Bad("token")
    when = fields_[4][1].decode("ascii")
    states = {kind[1].hex() for kind, _ in map(_read, (a[1] for a in _read(_read(signer[1])[3][1])))}
    if not {"2a864886f70d010903", "2a864886f70d010904"} <= states:
        raise Bad("attributes")
    form = "%Y%m%d%H%M%S.%fZ" if "." in when else "%Y%m%d%H%M%SZ"
    return (imprint[1], info[1]), datetime.strptime(when, form).replace(tzinfo=UTC), _read(signer[1])


def _believed(certificate: bytes, info: bytes, at: datetime, signer: list[Any]) -> bool:
    owner = x509.load_der_x509_certificate(certificate)
    usage = owner.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if ExtendedKeyUsageOID.TIME_STAMPING not in usage:
        return False
    if not owner.not_valid_before_utc <= at <= owner.not_valid_after_utc:
        return False
    last = _read(signer[2][1])[0][1][-1]
    algorithm: hashes.HashAlgorithm = {1: hashes.SHA256(), 2: hashes.SHA384(), 3: hashes.SHA512()}[last]
    stated = {
        kind[1].hex(): _read(values[1])[0][1] for kind, values in (_read(a[1]) for a in _read(signer[3][1]))
    }
    hasher = hashes.Hash(algorithm)
    hasher.update(info)
    if stated.get("2a864886f70d010904") != hasher.finalize():
        return False
    if stated.get("2a864886f70d010903") != bytes.fromhex("2a864886f70d0109100104"):
        return False
    message, key = b"\x31" + signer[3][2][1:], owner.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signer[5][1], message, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signer[5][1], message, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True
