"""Checkpoints as C2SP signed notes (tlog-checkpoint, signed-note, tlog-cosignature).

    <origin>\\n                                     the body: what is signed, ends with a newline
    <size>\\n
    <base64 of the root>\\n
    dnc <size> <base64 of the DNC root>\\n          our extension line (decision 16)
    \\n
    — <key name> <base64(key id ‖ signature)>\\n    the log's Ed25519 signature over the body
    — <key name> <base64(key id ‖ time ‖ signature)>\\n    a witness's cosignature/v1

Keys come in as functions that sign, so that this file never sees a private key.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from dialer.evidence.canonical import EvidenceFormatError

Sign = Callable[[bytes], bytes]
"""Message → Ed25519 signature of 64 bytes."""

NOTE_BYTES_MAX = 64 * 1024
SIGNATURES_MAX = 32

_LINE = re.compile("— ([^ +\\s]{1,128}) ([A-Za-z0-9+/]+={0,2})")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_NAME_OF_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}")
_TYPE_LOG = b"\x01"
_TYPE_COSIGNATURE = b"\x04"


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public Ed25519 key under its name, as a log or as a witness uses it."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if _NAME_OF_KEY.fullmatch(self.name) is None:
            raise EvidenceFormatError("a key's name is ASCII letters, digits, . _ / - only, 128 at most")
        if len(self.public) != 32:
            raise EvidenceFormatError("an Ed25519 key is 32 bytes")

    def log_id(self) -> bytes:
        """The four bytes that mark this key's signatures as a log's (signed-note, type 0x01)."""
        return key_id(self.name, _TYPE_LOG, self.public)

    def witness_id(self) -> bytes:
        """The four bytes that mark this key's cosignatures (type 0x04)."""
        return key_id(self.name, _TYPE_COSIGNATURE, self.public)


@dataclass(frozen=True, slots=True)
class DncHead:
    """Size (entries) and root of the DNC tree at the checkpoint, and how many VRF keys have placed entries in it so far.

    The count is signed, so that nobody can keep a key quiet under which a number is on the list.
    """

    size: int
    root: bytes
    keys: int = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's head. `dnc` is None only for logs without a DNC tree."""

    origin: str
    size: int
    root: bytes
    dnc: DncHead | None

    def body(self) -> bytes:
        """The text that is signed, with its closing newline."""
        lines = [self.origin, str(self.size), to_base64(self.root)]
        if self.dnc is not None:
            keys = f" {self.dnc.keys}" if self.dnc.keys > 1 else ""
            lines.append(f"dnc {self.dnc.size} {to_base64(self.dnc.root)}{keys}")
        return ("\n".join(lines) + "\n").encode()


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: key name, key id (4 bytes) and what follows the id."""

    name: str
    key_id: bytes
    blob: bytes

    def line(self) -> str:
        """The line as it stands in the note, without newline."""
        return f"— {self.name} {to_base64(self.key_id + self.blob)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note, parsed but not yet believed."""

    body: bytes
    signatures: tuple[NoteSignature, ...]

    def to_bytes(self) -> bytes:
        """The note as it is stored; `parse_note(n.to_bytes()) == n`."""
        lines = "".join(signature.line() + "\n" for signature in self.signatures)
        return self.body + b"\n" + lines.encode()

    def checkpoint(self) -> Checkpoint:
        """The head that the body states.

        Raises:
            EvidenceFormatError: the body is not origin, size, root and at most one `dnc` line.
        """
        return parse_checkpoint_body(self.body)

    def with_signature(self, signature: NoteSignature) -> "Note":
        """The note with one more line, unless it is there already."""
        if signature in self.signatures:
            return self
        return Note(self.body, (*self.signatures, signature))


def key_id(name: str, type_byte: bytes, public: bytes) -> bytes:
    """signed-note's key id: the first four bytes of SHA-256(name ‖ "\\n" ‖ type ‖ public key)."""
    return sha256(name.encode() + b"\n" + type_byte + public).digest()[:4]


def sign_checkpoint(checkpoint: Checkpoint, key: NoteKey, sign: Sign) -> Note:
    """The note of a checkpoint with the log's signature. During a rotation, add the other key's with `log_signature`."""
    return Note(checkpoint.body(), (log_signature(checkpoint.body(), key, sign),))


def log_signature(body: bytes, key: NoteKey, sign: Sign) -> NoteSignature:
    """A log's signature line over a body."""
    return NoteSignature(key.name, key.log_id(), sign(body))


def cosign(body: bytes, time_s: int, key: NoteKey, sign: Sign) -> NoteSignature:
    """A witness's cosignature/v1 line: it saw this head, consistent with all it saw before, at `time_s` (Unix)."""
    signature = sign(cosigned_message(body, time_s))
    return NoteSignature(key.name, key.witness_id(), time_s.to_bytes(8, "big") + signature)


def cosigned_message(body: bytes, time_s: int) -> bytes:
    """What a witness signs (tlog-cosignature)."""
    return f"cosignature/v1\ntime {time_s}\n".encode() + body


def parse_note(data: bytes) -> Note:
    """The note of stored bytes.

    Raises:
        EvidenceFormatError: not a signed note, or not written as this module writes it.
    """
    if len(data) > NOTE_BYTES_MAX:
        raise EvidenceFormatError(f"note over {NOTE_BYTES_MAX} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvidenceFormatError("note is not UTF-8", error.start) from None
    if any(ord(character) < 0x20 and character != "\n" for character in text):
        raise EvidenceFormatError("note holds a control character")
    body, separator, tail = text.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise EvidenceFormatError("note has no signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise EvidenceFormatError(f"note has more than {SIGNATURES_MAX} signatures")
    note = Note((body + "\n").encode(), tuple(_parse_line(line) for line in lines))
    if note.to_bytes() != data:
        raise EvidenceFormatError("note is not in canonical form")
    return note


def parse_checkpoint_body(body: bytes) -> Checkpoint:
    """The head that a note's body states.

    Raises:
        EvidenceFormatError: not exactly the lines that `Checkpoint.body` writes.
    """
    lines = body.decode("utf-8", "replace").split("\n")
    if len(lines) not in (4, 5) or lines[-1] != "":
        raise EvidenceFormatError("checkpoint is not origin, size, root and at most one dnc line")
    dnc = None
    if len(lines) == 5:
        words = lines[3].split(" ")
        if len(words) not in (3, 4) or words[0] != "dnc":
            raise EvidenceFormatError("checkpoint's extension line is not dnc <size> <root> [<keys>]")
        keys = _parse_size(words[3]) if len(words) == 4 else 1
        if len(words) == 4 and keys < 2:
            raise EvidenceFormatError("checkpoint's count of VRF keys is said from two on")
        dnc = DncHead(_parse_size(words[1]), _hash_of(words[2]), keys)
    if _NAME_OF_KEY.fullmatch(lines[0]) is None:
        raise EvidenceFormatError("checkpoint's origin is not an origin")
    return Checkpoint(lines[0], _parse_size(lines[1]), _hash_of(lines[2]), dnc)


def log_signature_holds(note: Note, key: NoteKey) -> bool:
    """Whether the note carries exactly one line of this log key and it holds."""
    lines = [s for s in note.signatures if s.name == key.name and s.key_id == key.log_id()]
    return len(lines) == 1 and ed25519_holds(key.public, lines[0].blob, note.body)


def cosignature_time(note: Note, key: NoteKey) -> int | None:
    """When (Unix seconds) this witness cosigned the note; None if it has not, or a line of it does not hold."""
    times = []
    for signature in note.signatures:
        if signature.name == key.name and signature.key_id == key.witness_id():
            time_s = int.from_bytes(signature.blob[:8], "big")
            message = cosigned_message(note.body, time_s)
            if len(signature.blob) != 72 or not ed25519_holds(key.public, signature.blob[8:], message):
                return None
            times.append(time_s)
    return max(times) if times else None


def ed25519_holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether an Ed25519 signature holds; malformed keys and signatures do not."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def unbase64(text: str) -> bytes:
    """Strict standard base64: refuses blanks, missing padding and stray bits in the last character.

    Raises:
        EvidenceFormatError: not exactly what an encoder writes.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise EvidenceFormatError("not base64") from None
    if to_base64(data) != text:
        raise EvidenceFormatError("base64 is not in canonical form")
    return data


def _parse_line(line: str) -> NoteSignature:
    match = _LINE.fullmatch(line)
    if match is None:
        raise EvidenceFormatError("a signature line is not “— name base64”")
    blob = unbase64(match[2])
    if not 4 < len(blob) <= 1024:
        raise EvidenceFormatError("a signature line holds no signature")
    return NoteSignature(match[1], blob[:4], blob[4:])


def _parse_size(text: str) -> int:
    if _SIZE.fullmatch(text) is None or int(text) >= 2**53:
        raise EvidenceFormatError("a size is a decimal integer below 2^53")
    return int(text)


def _hash_of(text: str) -> bytes:
    root = unbase64(text)
    if len(root) != 32:
        raise EvidenceFormatError("a root is 32 bytes")
    return root


def to_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode()
