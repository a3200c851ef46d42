"""The manifest of a bundle, inside a DSSE envelope: what is in it, what is known to be missing, what is withheld.

manifest.json = {"payload": base64(JCS(manifest)), "payloadType": TYPE, "signatures": [{"keyid", "sig"}]}
signed bytes  = "DSSEv1 " ‖ len(TYPE) ‖ " " ‖ TYPE ‖ " " ‖ len(payload) ‖ " " ‖ payload          (DSSE's PAE)
"""

import re
from dataclasses import dataclass

from dialer.evidence.canonical import EvidenceFormatError, Json, decode, encode
from dialer.evidence.checkpoint import Sign, to_base64, unbase64
from dialer.evidence.forms import (
    check_id,
    check_integer,
    exact_fields,
    hash_in,
    int_in,
    list_in,
    text_in,
    text_maybe,
)
from dialer.evidence.trust import TrustedKey

MANIFEST_TYPE = "application/vnd.dialer.bundle-manifest+json"
BUNDLE_FORMAT = "dialer-bundle/1"
ENTRIES_MAX = 20_000
SIGNATURES_MAX_IN_ENVELOPE = 4

_WHAT = re.compile(r"[a-z][a-z0-9_.]{0,63}(:[A-Za-z0-9._-]{1,64})?")
_WHY = re.compile(r"[a-z][a-z0-9_.]{0,63}")


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file of the bundle as the manifest states it."""

    name: str
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that a full bundle holds and this one doesn't, with the reason as a word.

    `what`: recording · consent · consent.file:<name> · dnc · dnc.before · end · leaf:<hash> · payload:<seq>.
    `why`: erased · withheld · purged · not_recorded · not_yet · no_root · outside · unknown …
    """

    what: str
    why: str

    def __post_init__(self) -> None:
        if _WHAT.fullmatch(self.what) is None or _WHY.fullmatch(self.why) is None:
            raise EvidenceFormatError("a missing part is not named as the format says")


@dataclass(frozen=True, slots=True)
class WithheldItem:
    """A disclosure of leaf `seq` that is not shown, with the reason as a word."""

    seq: int
    name: str
    why: str

    def __post_init__(self) -> None:
        check_integer("seq", self.seq, 0)
        if _WHY.fullmatch(self.name) is None or _WHY.fullmatch(self.why) is None:
            raise EvidenceFormatError("a withheld disclosure is not named as the format says")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle holds. `made_us`: when it was exported; `org` is left out for the platform's own."""

    log: str
    attempt_id: str
    org: str | None
    size: int
    made_us: int
    sw: str
    files: tuple[ListedFile, ...]
    missing: tuple[Missing, ...]
    withheld: tuple[WithheldItem, ...]

    def __post_init__(self) -> None:
        for name in ("attempt_id", "sw"):
            check_id(name, getattr(self, name))
        if self.org is not None:
            check_id("org", self.org)
        check_integer("size", self.size, 1)
        check_integer("made", self.made_us, 1)

    def lacks(self, what: str) -> bool:
        """Whether the manifest declares that part as missing."""
        return any(part.what == what for part in self.missing)

    def to_bytes(self) -> bytes:
        """The canonical bytes inside the envelope."""
        value: dict[str, Json] = {
            "attempt_id": self.attempt_id,
            "files": [{"bytes": f.size_bytes, "name": f.name, "sha256": f.sha256.hex()} for f in self.files],
            "format": BUNDLE_FORMAT,
            "log": self.log,
            "made": self.made_us,
            "missing": [{"what": part.what, "why": part.why} for part in self.missing],
            "size": self.size,
            "sw": self.sw,
            "v": 1,
            "withheld": [{"name": w.name, "seq": w.seq, "why": w.why} for w in self.withheld],
        }
        if self.org is not None:
            value["org"] = self.org
        return encode(value)


@dataclass(frozen=True, slots=True)
class EnvelopeSignature:
    """One signature of an envelope, by the id of its key."""

    key: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A DSSE envelope, parsed but not yet believed."""

    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]
    type: str = MANIFEST_TYPE

    def to_bytes(self) -> bytes:
        """The file that holds it."""
        signatures: list[Json] = [{"keyid": s.key, "sig": to_base64(s.signature)} for s in self.signatures]
        return encode(
            {"payload": to_base64(self.payload), "payloadType": self.type, "signatures": signatures}
        )

    def signed_bytes(self) -> bytes:
        """What the signatures are over (DSSE's pre-authentication encoding)."""
        return f"DSSEv1 {len(self.type)} {self.type} {len(self.payload)} ".encode() + self.payload


def seal_envelope(payload: bytes, payload_type: str, key: TrustedKey, sign: Sign) -> Envelope:
    """A payload in its envelope, signed by a bundle key."""
    unsigned = Envelope(payload, (), payload_type)
    signature = EnvelopeSignature(key.id(), sign(unsigned.signed_bytes()))
    return Envelope(payload, (signature,), payload_type)


def parse_envelope(data: bytes, payload_type: str = MANIFEST_TYPE) -> Envelope:
    """The envelope of the file `manifest.json`, or of another type of payload.

    Raises:
        EvidenceFormatError: not of that form, another payload type, or no signature at all.
    """
    fields = exact_fields("envelope", decode(data), {"payload", "payloadType", "signatures"})
    if fields["payloadType"] != payload_type:
        raise EvidenceFormatError("the envelope holds another type of payload")
    signatures = []
    for item in list_in(fields, "signatures", SIGNATURES_MAX_IN_ENVELOPE):
        entry = exact_fields("signature", item, {"keyid", "sig"})
        signatures.append(EnvelopeSignature(text_in(entry, "keyid"), unbase64(text_in(entry, "sig"))))
    if not signatures:
        raise EvidenceFormatError("the envelope is not signed")
    return Envelope(unbase64(text_in(fields, "payload")), tuple(signatures), payload_type)


def parse_manifest(data: bytes) -> Manifest:
    """The manifest inside an envelope.

    Raises:
        EvidenceFormatError: not of that form.
    """
    always = {"v", "format", "log", "attempt_id", "size", "made", "sw", "files", "missing", "withheld"}
    fields = exact_fields("manifest", decode(data), always, {"org"})
    if fields["v"] != 1 or fields["format"] != BUNDLE_FORMAT:
        raise EvidenceFormatError("a bundle of an unknown format or version")
    return Manifest(
        log=text_in(fields, "log"),
        attempt_id=text_in(fields, "attempt_id"),
        org=text_maybe(fields, "org"),
        size=int_in(fields, "size"),
        made_us=int_in(fields, "made"),
        sw=text_in(fields, "sw"),
        files=tuple(_parse_file(item) for item in list_in(fields, "files", ENTRIES_MAX)),
        missing=tuple(_parse_missing(item) for item in list_in(fields, "missing", ENTRIES_MAX)),
        withheld=tuple(_parse_withheld(item) for item in list_in(fields, "withheld", ENTRIES_MAX)),
    )


def _parse_file(value: Json) -> ListedFile:
    fields = exact_fields("file", value, {"name", "bytes", "sha256"})
    return ListedFile(text_in(fields, "name"), int_in(fields, "bytes"), hash_in(fields, "sha256"))


def _parse_missing(value: Json) -> Missing:
    fields = exact_fields("missing part", value, {"what", "why"})
    return Missing(text_in(fields, "what"), text_in(fields, "why"))


def _parse_withheld(value: Json) -> WithheldItem:
    fields = exact_fields("withheld disclosure", value, {"seq", "name", "why"})
    return WithheldItem(int_in(fields, "seq"), text_in(fields, "name"), text_in(fields, "why"))
