"""The files of a bundle that hold proofs and opened payloads: `proofs.json`, `opened.json`, `dnc.json`, both ways.

Also the names of the disclosures that a verifier understands; other names are shown, not interpreted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialer.evidence.canonical import EvidenceFormatError, Json, decode, encode
from dialer.evidence.checkpoint import Note, parse_note
from dialer.evidence.dnc_proof import PlaceProof, parse_place_proof
from dialer.evidence.ecvrf import PROOF_BYTES
from dialer.evidence.forms import (
    Fields,
    check_id,
    exact_fields,
    hash_from_hex,
    hash_in,
    int_in,
    list_in,
    text_in,
)
from dialer.evidence.merkle import PROOF_HASHES_MAX, LeafHash
from dialer.evidence.payload import Payload, payload_from_json

LEAVES_MAX = 10_000
EARLIER_MAX = 64
PLACES_MAX = 64

_PROOF_HEX = re.compile(rf"[0-9a-f]{{{2 * PROOF_BYTES}}}")


class Says(StrEnum):
    """Disclosures that a verifier interprets."""

    CALLEE_NUMBER = "callee.number"
    """E.164 with +; on any leaf of the attempt. What the places of `dnc.json` are computed from."""
    POLICY_PACKS = "policy.packs"
    """[{"id", "sha256"}, …]: what the leaf's `policy` commits to (`record.policy_packs`)."""
    CONSENT_FILES = "consent.files"
    """[{"bytes", "name", "sha256"}, …] on `consent.recorded`: the files under `consent/` (text as shown, artefact)."""
    FLAC_SHA256 = "rec.flac_sha256"
    """64 hex on `recording.sealed`: SHA-256 of the FLAC file as it is in a bundle."""
    PCM_SHA256 = "rec.pcm_sha256"
    """64 hex on `recording.sealed`: SHA-256 of the decoded frames, 16-bit little-endian, channels interleaved."""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The inclusion proof of one leaf under the bundle's checkpoint."""

    seq: int
    leaf: LeafHash
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier checkpoint of the log, and the proof that the bundle's checkpoint only appends to it."""

    note: Note
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proofs:
    """`proofs.json`: everything that ties the bundle to its checkpoint of `size` leaves."""

    size: int
    leaves: tuple[Inclusion, ...]
    earlier: tuple[Earlier, ...]

    def to_bytes(self) -> bytes:
        """The file."""
        return encode(
            {
                "earlier": [
                    {"note": e.note.to_bytes().decode(), "path": [step.hex() for step in e.path]}
                    for e in self.earlier
                ],
                "leaves": [
                    {"hash": i.leaf.hex(), "path": [step.hex() for step in i.path], "seq": i.seq}
                    for i in self.leaves
                ],
                "size": self.size,
                "v": 1,
            }
        )


@dataclass(frozen=True, slots=True)
class DncPlace:
    """What the DNC tree held at one number's place in one scope under one VRF key.

    `before`: under the checkpoint of `Dnc.before_size`, made before the decision; `after`: under the bundle's.
    """

    scope: str
    key: str
    vrf_proof: bytes
    before: PlaceProof | None
    after: PlaceProof


@dataclass(frozen=True, slots=True)
class Dnc:
    """`dnc.json`. `before_size` names one of the earlier checkpoints; None where the log had none before the decision."""

    before_size: int | None
    places: tuple[DncPlace, ...]

    def to_bytes(self) -> bytes:
        """The file."""
        value: dict[str, Json] = {"places": [_place_json(place) for place in self.places], "v": 1}
        if self.before_size is not None:
            value["before_size"] = self.before_size
        return encode(value)


def opened_bytes(payloads: Mapping[int, Payload]) -> bytes:
    """The file `opened.json`: seq → payload, as far as the reader may see it."""
    return encode(
        {"opened": [{"payload": payloads[seq].to_json(), "seq": seq} for seq in sorted(payloads)], "v": 1}
    )


def parse_opened(data: bytes) -> dict[int, Payload]:
    """The payloads of `opened.json` by seq.

    Raises:
        EvidenceFormatError: not of that form.
    """
    fields = _versioned("opened", data, {"opened"})
    opened: dict[int, Payload] = {}
    last = -1
    for item in list_in(fields, "opened", LEAVES_MAX):
        entry = exact_fields("opened", item, {"seq", "payload"})
        seq = int_in(entry, "seq")
        if seq <= last:
            raise EvidenceFormatError("opened does not ascend by seq")
        opened[seq] = payload_from_json(entry["payload"])
        last = seq
    return opened


def parse_proofs(data: bytes) -> Proofs:
    """The proofs of `proofs.json`.

    Raises:
        EvidenceFormatError: not of that form.
    """
    fields = _versioned("proofs", data, {"size", "leaves", "earlier"})
    leaves = []
    for item in list_in(fields, "leaves", LEAVES_MAX):
        entry = exact_fields("proof", item, {"seq", "hash", "path"})
        leaves.append(Inclusion(int_in(entry, "seq"), LeafHash(hash_in(entry, "hash")), _path(entry)))
    earlier = []
    for item in list_in(fields, "earlier", EARLIER_MAX):
        entry = exact_fields("earlier", item, {"note", "path"})
        earlier.append(Earlier(parse_note(text_in(entry, "note").encode()), _path(entry)))
    return Proofs(int_in(fields, "size"), tuple(leaves), tuple(earlier))


def parse_dnc(data: bytes) -> Dnc:
    """The proofs of `dnc.json`.

    Raises:
        EvidenceFormatError: not of that form.
    """
    fields = _versioned("dnc", data, {"places"}, {"before_size"})
    before_size = int_in(fields, "before_size") if "before_size" in fields else None
    places = []
    for item in list_in(fields, "places", PLACES_MAX):
        entry = exact_fields("place", item, {"scope", "key", "proof", "after"}, {"before"})
        if ("before" in entry) != (before_size is not None):
            raise EvidenceFormatError(
                "a place has a proof before the decision exactly if before_size is given"
            )
        proof = text_in(entry, "proof")
        if _PROOF_HEX.fullmatch(proof) is None:
            raise EvidenceFormatError(f"a VRF proof is {PROOF_BYTES} bytes in hex")
        check_id("scope", text_in(entry, "scope"))
        places.append(
            DncPlace(
                scope=text_in(entry, "scope"),
                key=text_in(entry, "key"),
                vrf_proof=bytes.fromhex(proof),
                before=parse_place_proof(entry["before"]) if "before" in entry else None,
                after=parse_place_proof(entry["after"]),
            )
        )
    return Dnc(before_size, tuple(places))


def _versioned(
    name: str, data: bytes, always: set[str], maybe: frozenset[str] | set[str] = frozenset()
) -> Fields:
    fields = exact_fields(name, decode(data), {"v", *always}, maybe)
    if fields["v"] != 1:
        raise EvidenceFormatError(f"{name} of an unknown version")
    return fields


def _path(fields: Fields) -> tuple[bytes, ...]:
    return tuple(hash_from_hex("path", step) for step in list_in(fields, "path", PROOF_HASHES_MAX))


def _place_json(place: DncPlace) -> dict[str, Json]:
    value: dict[str, Json] = {
        "after": place.after.to_json(),
        "key": place.key,
        "proof": place.vrf_proof.hex(),
        "scope": place.scope,
    }
    if place.before is not None:
        value["before"] = place.before.to_json()
    return value
