"""Dossiers by the second verifier (docs/evidence.md section 15): it imports nothing of the product."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from second_basics import MAX, Bad, b64, canonical, digest, fields, ident, items, number, text
from second_formats import key_id, parse_trust, signature_ok
from second_state import State
from second_verifier import examine
from second_zip import the_one_zip

NAMES = re.compile(r"(VERIFY\.md|bundles/[0-9]{8}\.zip|index\.csv|index\.json|trust\.json)\Z", re.ASCII)
INDEX_TYPE = "application/vnd.dialer.dossier-index+json"
STATES = [
    "authorised",
    "placed",
    "ringing",
    "answered",
    "connected",
    "wrapping",
    "sealed",
    "refused",
    "failed",
    "abandoned",
    "cancelled",
    "lapsed",
    "uncertain",
    "ended_unknown",
]


class Dossier:
    """What has been established so far about one dossier."""

    def __init__(self, data: bytes, pinned: bytes | None) -> None:
        self.data, self.pinned = data, pinned
        self.files: dict[str, bytes] = {}
        self.envelope: dict[str, Any] = {}
        self.index: dict[str, Any] = {}
        self.keys: dict[str, Any] = {}
        self.states: list[State] = []

    def names(self) -> list[str]:
        """The bundles' files in order."""
        return sorted(name for name in self.files if name.startswith("bundles/"))


def verify_dossier(data: bytes, pinned: bytes | None) -> dict[str, str]:
    """check id → pass, fail or unreached."""
    d = Dossier(data, pinned)
    ended: dict[str, str] = {}
    for name, needs, check in DOSSIER_CHECKS:
        if any(ended[need] != "pass" for need in needs):
            ended[name] = "unreached"
            continue
        try:
            check(d)
            ended[name] = "pass"
        except Bad:
            ended[name] = "fail"
    return ended


def container(d: Dossier) -> None:
    d.files = the_one_zip(d.data, NAMES, 2**32 - 1, 10_004)
    if not {"VERIFY.md", "index.csv", "index.json", "trust.json"} <= set(d.files):
        raise Bad("incomplete")
    wanted = [f"bundles/{n + 1:08}.zip" for n in range(len(d.names()))]
    if not wanted or d.names() != wanted:
        raise Bad("numbers")


def index(d: Dossier) -> None:
    d.envelope = fields(canonical(d.files["index.json"]), "payload payloadType signatures")
    if d.envelope["payloadType"] != INDEX_TYPE or not items(d.envelope["signatures"], 4):
        raise Bad("type, or unsigned")
    for entry in d.envelope["signatures"]:
        fields(entry, "keyid sig")
        text(entry["keyid"]), b64(text(entry["sig"]))
    value = fields(
        canonical(b64(text(d.envelope["payload"]))), "v format id log org made size sw bundles absent"
    )
    if value["v"] != 1 or value["format"] != "dialer-dossier/1":
        raise Bad("format")
    text(value["log"]), ident(value["id"]), ident(value["org"]), ident(value["sw"])
    number(value["made"], 1), number(value["size"], 1)
    for entry in items(value["bundles"], 10_000):
        fields(entry, "attempt_id at state bytes sha256")
        ident(entry["attempt_id"]), digest(entry["sha256"]), number(entry["bytes"], 1)
        if number(entry["at"], 1) >= 253_402_300_800_000_000 or text(entry["state"]) not in STATES:
            raise Bad("time or state")
    for entry in items(value["absent"], 10_000):
        fields(entry, "attempt_id why")
        ident(entry["attempt_id"])
        if not re.fullmatch(r"[a-z][a-z0-9_.]{0,63}", text(entry["why"])):
            raise Bad("why")
    asked = [entry["attempt_id"] for entry in value["bundles"] + value["absent"]]
    if not value["bundles"] or len(asked) != len(set(asked)):
        raise Bad("empty, or twice")
    d.index = value


def files(d: Dossier) -> None:
    if len(d.index["bundles"]) != len(d.names()):
        raise Bad("count")
    lines = ["file,attempt,at,state,bytes,sha256"]
    for name, entry in zip(d.names(), d.index["bundles"], strict=True):
        data = d.files[name]
        if (len(data), sha256(data).hexdigest()) != (entry["bytes"], entry["sha256"]):
            raise Bad("another bundle")
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=entry["at"])
        said = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        lines.append(
            f"{name},{entry['attempt_id']},{said},{entry['state']},{entry['bytes']},{entry['sha256']}"
        )
    lines += [f",{entry['attempt_id']},,{entry['why']},," for entry in d.index["absent"]]
    if d.files["index.csv"] != ("\r\n".join(lines) + "\r\n").encode():
        raise Bad("table")


def trust(d: Dossier) -> None:
    bundled = parse_trust(canonical(d.files["trust.json"]))
    d.keys = parse_trust(canonical(d.pinned)) if d.pinned is not None else bundled
    if not d.keys["log"] == bundled["log"] == d.index["log"]:
        raise Bad("another log")


def bundles(d: Dossier) -> None:
    believed = d.pinned if d.pinned is not None else d.files["trust.json"]
    for name in d.names():
        state = State(d.files[name], believed)
        if "fail" in examine(state).values():
            raise Bad(name)
        d.states.append(state)


def match(d: Dossier) -> None:
    for entry, s in zip(d.index["bundles"], d.states, strict=True):
        own = [s.leaves[seq] for seq in s.own()]
        state = [leaf["type"][8:] for leaf in own if leaf["type"].startswith("attempt.")][-1]
        m = s.manifest
        found = (m["attempt_id"], m["log"], m.get("org"), own[0]["ts"], state)
        if found != (entry["attempt_id"], d.index["log"], d.index["org"], entry["at"], entry["state"]):
            raise Bad("another attempt")
    if max(s.manifest["size"] for s in d.states) != d.index["size"]:
        raise Bad("size")


def signature(d: Dossier) -> None:
    largest = max(d.states, key=lambda s: int(s.manifest["size"]))
    known = {key_id(k): k for k in largest.keys["keys"] if k["use"] == "bundle"}
    body = b64(d.envelope["payload"])
    message = b" ".join(
        [b"DSSEv1", str(len(INDEX_TYPE)).encode(), INDEX_TYPE.encode(), b"%d" % len(body), body]
    )
    for entry in d.envelope["signatures"]:
        key = known.get(entry["keyid"])
        if key is None or not key["from"] <= d.index["size"] < key.get("to", MAX + 1):
            raise Bad("key")
        if not signature_ok(key["public"], b64(entry["sig"]), message):
            raise Bad("signature")


DOSSIER_CHECKS: list[tuple[str, tuple[str, ...], Callable[[Dossier], None]]] = [
    ("dossier.container", (), container),
    ("dossier.index", ("dossier.container",), index),
    ("dossier.files", ("dossier.index",), files),
    ("dossier.trust", ("dossier.index",), trust),
    ("dossier.bundles", ("dossier.files", "dossier.trust"), bundles),
    ("dossier.match", ("dossier.bundles",), match),
    ("dossier.signature", ("dossier.bundles",), signature),
]
