"""Which keys an auditor believes, and over which tree sizes: `trust.json`, and how a key hands over to the next.

    {"v": 1, "log": origin,
     "keys": [{"use": "log" | "witness" | "bundle" | "vrf", "name": key name, "public": 64 hex, "from": size, "to": size}],
     "tsa": [{"name": text, "certificate": base64 of DER}]}

A key holds for tree sizes in [from, to); `to` is left out while it is in use. The file comes to the auditor by another
way than the bundle; the copy inside a bundle shows consistency, not who signed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from dialer.evidence.canonical import EvidenceFormatError, Json, decode, encode
from dialer.evidence.checkpoint import NoteKey, Sign, ed25519_holds, key_id, to_base64, unbase64
from dialer.evidence.ecvrf import PROOF_BYTES, vrf_output
from dialer.evidence.forms import (
    Fields,
    check_integer,
    exact_fields,
    hash_in,
    int_in,
    list_in,
    one_of,
    text_in,
)
from dialer.evidence.payload import Payload

KEYS_MAX = 256
TSA_MAX = 16
SIGNATURE_BYTES = 64
VRF_TYPE = b"\xffECVRF-EDWARDS25519-SHA512-TAI"


class KeyUse(StrEnum):
    """What a key may sign: checkpoints, cosignatures, manifests of bundles; or where it places DNC entries."""

    LOG = "log"
    WITNESS = "witness"
    BUNDLE = "bundle"
    VRF = "vrf"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key, its use, and the tree sizes [from_size, to_size) for which it is believed; None: still in use."""

    use: KeyUse
    name: str
    public: bytes
    from_size: int
    to_size: int | None

    def __post_init__(self) -> None:
        self.note_key()
        check_integer("from", self.from_size, 0)
        if self.to_size is not None:
            check_integer("to", self.to_size, self.from_size)

    def note_key(self) -> NoteKey:
        """The key as checkpoints name it."""
        return NoteKey(self.name, self.public)

    def holds_at(self, size: int) -> bool:
        """Whether it is believed for a tree of that size."""
        return self.from_size <= size and (self.to_size is None or size < self.to_size)

    def id(self) -> str:
        """`name+8 hex digits`, as a manifest's `keyid` and a DNC proof's `key` say it."""
        note_key = self.note_key()
        raw = key_id(self.name, VRF_TYPE, self.public) if self.use is KeyUse.VRF else note_key.log_id()
        return f"{self.name}+{raw.hex()}"


@dataclass(frozen=True, slots=True)
class TimeAuthority:
    """A time-stamping authority by the certificate that signs its tokens (DER)."""

    name: str
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys of one log."""

    log: str
    keys: tuple[TrustedKey, ...]
    authorities: tuple[TimeAuthority, ...] = ()

    def of(self, use: KeyUse) -> tuple[TrustedKey, ...]:
        """All keys of a use, of all times."""
        return tuple(key for key in self.keys if key.use is use)

    def at(self, use: KeyUse, size: int) -> tuple[TrustedKey, ...]:
        """The keys of a use that are believed for a tree of that size."""
        return tuple(key for key in self.of(use) if key.holds_at(size))

    def to_bytes(self) -> bytes:
        """The file `trust.json`."""
        value: dict[str, Json] = {"keys": [_key_json(key) for key in self.keys], "log": self.log, "v": 1}
        if self.authorities:
            value["tsa"] = [
                {"certificate": to_base64(tsa.certificate), "name": tsa.name} for tsa in self.authorities
            ]
        return encode(value)

    def rotated(self, rotation: "Rotation") -> "Trust":
        """The trust after a hand-over that `rotation_holds`: the old key ends where the new one begins."""
        keys = [
            replace(key, to_size=min(rotation.from_size, key.to_size or rotation.from_size))
            if rotation.is_of(key)
            else key
            for key in self.keys
        ]
        fresh = TrustedKey(rotation.use, rotation.name, rotation.new, rotation.from_size, None)
        return replace(self, keys=(*keys, fresh))


def parse_trust(data: bytes) -> Trust:
    """The trust of a file.

    Raises:
        EvidenceFormatError: not of that form; nothing of it is believed.
    """
    fields = exact_fields("trust", decode(data), {"v", "log", "keys"}, {"tsa"})
    if fields["v"] != 1:
        raise EvidenceFormatError("trust of an unknown version")
    keys = tuple(_parse_key(item) for item in list_in(fields, "keys", KEYS_MAX))
    if len({(key.use, key.name, key.public) for key in keys}) != len(keys):
        raise EvidenceFormatError("trust names one key twice")
    authorities = (
        tuple(_parse_tsa(item) for item in list_in(fields, "tsa", TSA_MAX)) if "tsa" in fields else ()
    )
    return Trust(text_in(fields, "log"), keys, authorities)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A hand-over from an old key to a new one of the same use and name, from a tree size on; signed by both.

    It is the payload of a `key.rotated` leaf: disclosures key.use, key.name, key.old, key.new, key.from, key.sig_old,
    key.sig_new. A VRF key does not sign: in the place of a signature stands its VRF proof over the same statement, which
    nobody else can make. It places entries from the very next leaf on, and the old one goes on answering for its places.
    """

    use: KeyUse
    name: str
    old: bytes
    new: bytes
    from_size: int
    sig_old: bytes
    sig_new: bytes

    def is_of(self, key: TrustedKey) -> bool:
        """Whether `key` is the one that hands over."""
        return (key.use, key.name, key.public) == (self.use, self.name, self.old)

    def disclosures(self) -> dict[str, Json]:
        """What the payload of the `key.rotated` leaf says."""
        return {
            "key.use": str(self.use),
            "key.name": self.name,
            "key.old": self.old.hex(),
            "key.new": self.new.hex(),
            "key.from": self.from_size,
            "key.sig_old": self.sig_old.hex(),
            "key.sig_new": self.sig_new.hex(),
        }


def rotation_statement(log: str, use: KeyUse, name: str, old: bytes, new: bytes, from_size: int) -> bytes:
    """What both keys sign."""
    return encode(["dialer/key.rotated/v1", log, str(use), name, old.hex(), new.hex(), from_size])


def sign_rotation(
    log: str, old: TrustedKey, new_public: bytes, from_size: int, sign_old: Sign, sign_new: Sign
) -> Rotation:
    """The hand-over of `old` to a new key from a tree size on.
    `sign_old`, `sign_new`: Ed25519, or for a VRF key the proof over the message.
    """
    statement = rotation_statement(log, old.use, old.name, old.public, new_public, from_size)
    return Rotation(
        old.use, old.name, old.public, new_public, from_size, sign_old(statement), sign_new(statement)
    )


def rotation_of(payload: Payload) -> Rotation:
    """The hand-over that a `key.rotated` leaf's payload states.

    Raises:
        EvidenceFormatError: a part is withheld, missing or not of its form.
    """
    values: dict[str, Json] = {}
    for name in ("use", "name", "old", "new", "from", "sig_old", "sig_new"):
        value = payload.value(f"key.{name}")
        if value is None:
            raise EvidenceFormatError(f"key.rotated does not show key.{name}")
        values[name] = value
    use = KeyUse(one_of("key.use", text_in(values, "use"), frozenset(str(use) for use in KeyUse)))
    size_bytes = PROOF_BYTES if use is KeyUse.VRF else SIGNATURE_BYTES
    return Rotation(
        use=use,
        name=text_in(values, "name"),
        old=hash_in(values, "old"),
        new=hash_in(values, "new"),
        from_size=int_in(values, "from"),
        sig_old=_signature(values, "sig_old", size_bytes),
        sig_new=_signature(values, "sig_new", size_bytes),
    )


def rotation_holds(rotation: Rotation, trust: Trust, seq: int) -> bool:
    """Whether leaf `seq` hands over a key that `trust` believes at that leaf, signed by both keys.

    The new key begins after the leaf that announces it; a VRF key right after it, so that no leaf's place is in doubt.
    """
    if rotation.from_size <= seq or rotation.old == rotation.new:
        return False
    if rotation.use is KeyUse.VRF and rotation.from_size != seq + 1:
        return False
    if not any(rotation.is_of(key) and key.holds_at(seq) for key in trust.keys):
        return False
    statement = rotation_statement(
        trust.log, rotation.use, rotation.name, rotation.old, rotation.new, rotation.from_size
    )
    return _said_by(rotation.use, rotation.old, statement, rotation.sig_old) and _said_by(
        rotation.use, rotation.new, statement, rotation.sig_new
    )


def _said_by(use: KeyUse, public: bytes, statement: bytes, signature: bytes) -> bool:
    if use is KeyUse.VRF:
        return vrf_output(public, statement, signature) is not None
    return ed25519_holds(public, signature, statement)


def key_named(keys: Iterable[TrustedKey], wanted: str) -> TrustedKey | None:
    """The key with an id, if it is among them."""
    return next((key for key in keys if key.id() == wanted), None)


def _key_json(key: TrustedKey) -> dict[str, Json]:
    value: dict[str, Json] = {
        "from": key.from_size,
        "name": key.name,
        "public": key.public.hex(),
        "use": str(key.use),
    }
    if key.to_size is not None:
        value["to"] = key.to_size
    return value


def _parse_key(value: Json) -> TrustedKey:
    fields = exact_fields("key", value, {"use", "name", "public", "from"}, {"to"})
    return TrustedKey(
        KeyUse(one_of("use", text_in(fields, "use"), frozenset(str(use) for use in KeyUse))),
        text_in(fields, "name"),
        hash_in(fields, "public"),
        int_in(fields, "from"),
        int_in(fields, "to") if "to" in fields else None,
    )


def _parse_tsa(value: Json) -> TimeAuthority:
    fields = exact_fields("tsa", value, {"name", "certificate"})
    return TimeAuthority(text_in(fields, "name"), unbase64(text_in(fields, "certificate")))


def _signature(fields: Fields, name: str, size_bytes: int) -> bytes:
    try:
        signature = bytes.fromhex(text_in(fields, name))
    except ValueError:
        raise EvidenceFormatError(f"{name} is not hex") from None
    if len(signature) != size_bytes:
        raise EvidenceFormatError(f"{name} is not {size_bytes} bytes")
    return signature
