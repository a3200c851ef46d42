"""The payload of an event: a list of disclosures, each salted alone, so that each can be shown or withheld alone.

    digest of a disclosure = name ‖ ":" ‖ hex(HMAC-SHA-256(its salt, JCS([name, value])))
    commit of a leaf       = HMAC-SHA-256(the payload's salt, JCS([digest, digest, …]))      in the payload's order

The name stands beside its digest under the commitment: a reader of a redacted bundle learns *what* is withheld and
can't be told otherwise, but learns nothing of the value, however few values there are to try (every Chinese mobile
number can be tried in under a core-hour: hence 32 random bytes of salt, destroyed with the subject's key).
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dialer.evidence.canonical import EvidenceFormatError, Json, as_bytes, decode, encode, encode_text

SALT_BYTES = 32
PAYLOAD_BYTES_MAX = 1024 * 1024
ITEMS_MAX = 512
DEPTH_OF_VALUE = 3
"""A value stands in an item, in the list of items, in the payload."""

_DISCLOSURE_NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_HEX_SALT = re.compile(r"[0-9a-f]{64}")
_DIGEST = re.compile(r"([a-z][a-z0-9_.]{0,63}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One fact of an event that can be shown alone. `salt` is 32 random bytes of its own. Prints without its value."""

    name: str
    salt: bytes = field(repr=False)
    value: Json = field(repr=False)

    def __post_init__(self) -> None:
        if _DISCLOSURE_NAME.fullmatch(self.name) is None:
            raise EvidenceFormatError("a disclosure's name is a-z, 0-9, _ and . only, 64 at most")
        if len(self.salt) != SALT_BYTES:
            raise EvidenceFormatError("a disclosure's salt is 32 bytes")

    def digest(self) -> str:
        """What the commitment covers of it."""
        mac = hmac.digest(self.salt, encode([self.name, self.value]), "sha256")
        return f"{self.name}:{mac.hex()}"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A disclosure of which only the digest is shown."""

    labelled_digest: str

    def __post_init__(self) -> None:
        if _DIGEST.fullmatch(self.labelled_digest) is None:
            raise EvidenceFormatError("a withheld disclosure is name:64 hex digits")

    @property
    def name(self) -> str:
        """What it is that is withheld."""
        return self.labelled_digest.partition(":")[0]

    def digest(self) -> str:
        """What the commitment covers of it."""
        return self.labelled_digest


@dataclass(frozen=True, slots=True)
class Payload:
    """All disclosures of one event, in order; names are unique. `salt` is the commitment's own 32 random bytes."""

    salt: bytes = field(repr=False)
    items: tuple[Disclosure | Withheld, ...]

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise EvidenceFormatError("a payload's salt is 32 bytes")
        if not 0 < len(self.items) <= ITEMS_MAX:
            raise EvidenceFormatError(f"a payload holds 1 to {ITEMS_MAX} disclosures")
        if len({item.name for item in self.items}) != len(self.items):
            raise EvidenceFormatError("a payload names one disclosure twice")

    def commit(self) -> bytes:
        """The 32 bytes that the leaf's `commit` holds."""
        return hmac.digest(self.salt, encode([item.digest() for item in self.items]), "sha256")

    def redacted(self, keep: frozenset[str]) -> "Payload":
        """The same payload with only the disclosures named in `keep` shown; its commitment stays the same."""
        return Payload(
            self.salt,
            tuple(item if item.name in keep else Withheld(item.digest()) for item in self.items),
        )

    def value(self, name: str) -> Json | None:
        """The value shown under `name`; None where it is withheld or not there."""
        for item in self.items:
            if item.name == name and isinstance(item, Disclosure):
                return item.value
        return None

    def to_json(self) -> dict[str, Json]:
        """`{"salt": hex, "items": [{"name", "salt", "value"} | {"digest"}, …]}`."""
        items: list[Json] = [
            {"name": item.name, "salt": item.salt.hex(), "value": item.value}
            if isinstance(item, Disclosure)
            else {"digest": item.labelled_digest}
            for item in self.items
        ]
        return {"items": items, "salt": self.salt.hex()}

    def to_bytes(self) -> bytes:
        """Canonical bytes: what the vault encrypts under the subject's key (or keeps in clear, if no subject)."""
        return encode(self.to_json())


def build_payload(values: Mapping[str, Json], salts: Sequence[bytes]) -> Payload:
    """A payload of `values` in the mapping's order. `salts`: one for the commitment, then one for each value.

    Raises:
        EvidenceFormatError: not exactly len(values) + 1 salts, or two of them are equal (a salt is used once).
    """
    if len(salts) != len(values) + 1 or len(set(salts)) != len(salts):
        raise EvidenceFormatError("a payload takes one fresh salt for itself and one for each disclosure")
    named = zip(values.items(), salts[1:], strict=True)
    return Payload(salts[0], tuple(Disclosure(name, salt, value) for (name, value), salt in named))


@dataclass(frozen=True, slots=True)
class WrittenPayload:
    """A payload as it is stored, and its commitment."""

    body: bytes = field(repr=False)
    commit: bytes


def write_payload(values: Mapping[str, Json], salts: Sequence[bytes]) -> WrittenPayload:
    """`build_payload(values, salts)` as its bytes and commitment, each value encoded once. `salts` as there.

    Raises:
        EvidenceFormatError: as `build_payload` and `encode`.
    """
    if len(salts) != len(values) + 1 or len(set(salts)) != len(salts) or not 0 < len(values) <= ITEMS_MAX:
        raise EvidenceFormatError("a payload takes one fresh salt for itself and one for each disclosure")
    if any(len(salt) != SALT_BYTES for salt in salts):
        raise EvidenceFormatError("a salt is 32 bytes")
    items, digests = [], []
    for (name, value), salt in zip(values.items(), salts[1:], strict=True):
        if _DISCLOSURE_NAME.fullmatch(name) is None:
            raise EvidenceFormatError("a disclosure's name is a-z, 0-9, _ and . only, 64 at most")
        text = encode_text(value, DEPTH_OF_VALUE)
        mac = hmac.digest(salt, as_bytes(f'["{name}",{text}]'), "sha256")
        digests.append(f'"{name}:{mac.hex()}"')
        items.append(f'{{"name":"{name}","salt":"{salt.hex()}","value":{text}}}')
    commit = hmac.digest(salts[0], f"[{','.join(digests)}]".encode("ascii"), "sha256")
    return WrittenPayload(as_bytes(f'{{"items":[{",".join(items)}],"salt":"{salts[0].hex()}"}}'), commit)


def parse_payload(data: bytes) -> Payload:
    """The payload of `Payload.to_bytes()`.

    Raises:
        EvidenceFormatError: not canonical or not of that form.
    """
    return payload_from_json(decode(data, PAYLOAD_BYTES_MAX))


def payload_from_json(value: Json) -> Payload:
    """The payload of `Payload.to_json()`, as it also stands in a bundle's `opened.json`.

    Raises:
        EvidenceFormatError: not of that form.
    """
    if not isinstance(value, dict) or set(value) != {"items", "salt"} or not isinstance(value["items"], list):
        raise EvidenceFormatError("a payload holds exactly items and salt")
    return Payload(_salt(value["salt"]), tuple(_item(item) for item in value["items"]))


def _item(value: Json) -> Disclosure | Withheld:
    if isinstance(value, dict):
        match value:
            case {"digest": str(digest)} if len(value) == 1:
                return Withheld(digest)
            case {"name": str(name), "salt": salt, "value": shown} if len(value) == 3:
                return Disclosure(name, _salt(salt), shown)
    raise EvidenceFormatError("a payload's item is {name, salt, value} or {digest}")


def _salt(value: Json) -> bytes:
    if not isinstance(value, str) or _HEX_SALT.fullmatch(value) is None:
        raise EvidenceFormatError("a salt is 64 lower-case hex digits")
    return bytes.fromhex(value)
