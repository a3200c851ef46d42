"""Checkpoints: the published examples of the note formats, and every line both ways."""

import base64
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checkpoint import (
    Checkpoint,
    DncHead,
    Note,
    NoteKey,
    NoteSignature,
    cosign,
    cosignature_time,
    log_signature,
    log_signature_holds,
    parse_checkpoint_body,
    parse_note,
    sign_checkpoint,
)


def private(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(sha256(seed.encode()).digest())


def note_key(seed: str, name: str) -> NoteKey:
    return NoteKey(name, private(seed).public_key().public_bytes_raw())


LOG, WITNESS = note_key("log", "demo/log"), note_key("witness", "demo/witness")
HEAD = Checkpoint("demo/log", 7, sha256(b"root").digest(), DncHead(3, sha256(b"dnc").digest()))
SIGNED = sign_checkpoint(HEAD, LOG, private("log").sign)
COSIGNED = SIGNED.with_signature(cosign(SIGNED.body, 1_795_000_000, WITNESS, private("witness").sign))


def test_a_note_of_the_go_checksum_database_is_read_and_believed() -> None:
    # The example of the Go documentation of signed notes: an independent implementation wrote it.
    data = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    ).encode()
    key = NoteKey("PeterNeumann", base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:])
    assert key.log_id().hex() == "c74f20a3"
    note = parse_note(data)
    assert note.to_bytes() == data
    assert log_signature_holds(note, key)
    assert not log_signature_holds(parse_note(data.replace(b"answer", b"Answer")), key)


@given(
    st.integers(0, 2**53 - 1),
    st.binary(min_size=32, max_size=32),
    st.none()
    | st.builds(
        DncHead, st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32), st.integers(1, 2**53 - 1)
    ),
)
def test_a_checkpoint_reads_back_as_itself(size: int, root: bytes, dnc: DncHead | None) -> None:
    head = Checkpoint("demo/log", size, root, dnc)
    note = sign_checkpoint(head, LOG, private("log").sign)
    assert parse_note(note.to_bytes()) == note
    assert note.checkpoint() == head


def test_the_body_is_the_text_of_the_format() -> None:
    root, dnc = base64.b64encode(HEAD.root).decode(), base64.b64encode(sha256(b"dnc").digest()).decode()
    assert SIGNED.body.decode() == f"demo/log\n7\n{root}\ndnc 3 {dnc}\n"


def test_the_log_signature_binds_body_key_and_name() -> None:
    assert log_signature_holds(SIGNED, LOG)
    assert log_signature_holds(COSIGNED, LOG)
    assert not log_signature_holds(SIGNED, note_key("thief", "demo/log"))
    assert not log_signature_holds(SIGNED, replace(LOG, name="demo/lag"))
    assert not log_signature_holds(Note(replace(HEAD, size=8).body(), SIGNED.signatures), LOG)
    assert not log_signature_holds(Note(SIGNED.body, SIGNED.signatures * 2), LOG)


def test_a_cosignature_binds_body_time_and_witness() -> None:
    assert cosignature_time(COSIGNED, WITNESS) == 1_795_000_000
    assert cosignature_time(SIGNED, WITNESS) is None
    assert cosignature_time(COSIGNED, note_key("thief", "demo/witness")) is None
    line = COSIGNED.signatures[1]
    later = NoteSignature(line.name, line.key_id, (1_795_000_001).to_bytes(8, "big") + line.blob[8:])
    assert cosignature_time(Note(SIGNED.body, (later,)), WITNESS) is None
    assert cosignature_time(Note(replace(HEAD, size=8).body(), (line,)), WITNESS) is None


def test_a_log_signature_is_no_cosignature_even_by_the_same_key() -> None:
    twice = NoteKey("demo/log", LOG.public)
    assert cosignature_time(SIGNED, twice) is None
    assert twice.log_id() != twice.witness_id()


def test_a_second_key_signs_beside_the_first_during_a_rotation() -> None:
    new = note_key("new", "demo/log")
    both = SIGNED.with_signature(log_signature(SIGNED.body, new, private("new").sign))
    assert log_signature_holds(both, LOG)
    assert log_signature_holds(both, new)
    assert both.with_signature(both.signatures[0]) == both


TEXT = SIGNED.to_bytes().decode()
BROKEN = {
    "no signature": SIGNED.body.decode() + "\n",
    "no blank line": TEXT.replace("\n\n", "\n"),
    "no last newline": TEXT[:-1],
    "a hyphen for the dash": TEXT.replace("—", "-"),
    "a carriage return": TEXT.replace("\n", "\r\n"),
    "a name with a plus": TEXT.replace("— demo/log", "— demo+log"),
    "two blanks": TEXT.replace("— ", "—  "),
    "base64 with stray bits": TEXT[:-3] + {"w": "x", "A": "B", "Q": "R", "g": "h"}[TEXT[-4]] + "==\n"
    if TEXT.endswith("==\n")
    else TEXT[:-2] + "\x00\n",
    "a signature of nothing": SIGNED.body.decode() + "\n— demo/log AAAA\n",
    "too many": TEXT + TEXT.split("\n\n")[1] * 32,
    "too long": "x" * 70_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_exactly_a_note_is_refused(name: str) -> None:
    assert parse_note(TEXT.encode()) == SIGNED
    with pytest.raises(EvidenceFormatError):
        parse_note(BROKEN[name].encode())


BODIES = [
    b"",
    b"demo/log\n7\n",
    SIGNED.body.replace(b"\n7\n", b"\n07\n"),
    SIGNED.body.replace(b"\n7\n", b"\n-7\n"),
    SIGNED.body.replace(b"\n7\n", b"\n" + b"9" * 16 + b"\n"),
    SIGNED.body.replace(b"dnc 3", b"dnc  3"),
    SIGNED.body.replace(b"dnc 3", b"DNC 3"),
    SIGNED.body + SIGNED.body.split(b"\n")[3] + b"\n",
    SIGNED.body.replace(b"=", b"", 1),
    "dеmo/log\n".encode() + SIGNED.body.partition(b"\n")[2],  # a Cyrillic e
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_not_exactly_a_checkpoint_is_refused(body: bytes) -> None:
    assert parse_checkpoint_body(SIGNED.body) == HEAD
    with pytest.raises(EvidenceFormatError):
        parse_checkpoint_body(body)


@given(st.binary(max_size=200))
def test_garbage_is_never_a_note_that_reads_back_otherwise(data: bytes) -> None:
    try:
        note = parse_note(data)
    except EvidenceFormatError:
        return
    assert note.to_bytes() == data
