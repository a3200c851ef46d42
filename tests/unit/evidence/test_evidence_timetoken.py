"""Time tokens: one that OpenSSL made, and every way in which one of ours can be wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from time_authority import AT, Authority, authority

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import Outcome
from dialer.evidence.checks import verify_bundle
from dialer.evidence.sample import SAMPLE_ATTEMPTS, SampleLog
from dialer.evidence.timetoken import parse_time_token, token_signed_by

VECTORS = Path(__file__).parents[2] / "vectors" / "time"
GOOD = authority()
CERTIFICATE = GOOD.trusted().certificate


def test_a_token_that_openssl_made_is_read_and_believed() -> None:
    token = parse_time_token((VECTORS / "openssl.tsr").read_bytes())
    assert token.imprint == sha256((VECTORS / "stamped.txt").read_bytes()).digest()
    assert token.at.isoformat() == "2026-11-21T22:48:48+00:00"
    assert token_signed_by(token, (VECTORS / "openssl-authority.der").read_bytes())
    assert not token_signed_by(token, CERTIFICATE)


def test_a_token_says_what_was_stamped_and_when() -> None:
    token = parse_time_token(GOOD.token(b"message"))
    assert (token.imprint, token.at) == (sha256(b"message").digest(), AT)
    assert token_signed_by(token, CERTIFICATE)


NOT_BELIEVED: dict[str, Callable[[], tuple[bytes, bytes]]] = {
    "another authority": lambda: (authority("other").token(b"m"), CERTIFICATE),
    "an expired certificate": lambda: (GOOD.token(b"m", AT + timedelta(days=400)), CERTIFICATE),
    "a certificate not yet valid": lambda: (GOOD.token(b"m", AT - timedelta(days=400)), CERTIFICATE),
    "a certificate for servers": lambda: certified(authority("sample-tsa", ExtendedKeyUsageOID.SERVER_AUTH)),
    "no certificate at all": lambda: (GOOD.token(b"m"), b"0\x00"),
    "an imprint edited": lambda: (
        GOOD.token(b"m").replace(sha256(b"m").digest(), sha256(b"n").digest()),
        CERTIFICATE,
    ),
    "a time edited": lambda: (GOOD.token(b"m").replace(b"20261118030000Z", b"20261118020000Z"), CERTIFICATE),
}


def certified(own: Authority) -> tuple[bytes, bytes]:
    return own.token(b"m"), own.trusted().certificate


@pytest.mark.parametrize("name", NOT_BELIEVED)
def test_a_token_that_the_authority_did_not_sign_so_is_not_believed(name: str) -> None:
    token, certificate = NOT_BELIEVED[name]()
    assert token_signed_by(parse_time_token(GOOD.token(b"m")), CERTIFICATE)
    assert not token_signed_by(parse_time_token(token), certificate)


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_a_refused_token_is_none(status: int) -> None:
    assert parse_time_token(GOOD.token(b"m", status=1)).at == AT
    with pytest.raises(EvidenceFormatError, match="did not grant"):
        parse_time_token(GOOD.token(b"m", status=status))


@settings(max_examples=400)
@given(st.data())
def test_a_spoilt_token_is_refused_or_not_believed_and_never_crashes(data: st.DataObject) -> None:
    honest = GOOD.token(b"message")
    spoilt = bytearray(honest)
    for _ in range(data.draw(st.integers(1, 3))):
        spoilt[data.draw(st.integers(0, len(honest) - 1))] = data.draw(st.integers(0, 255))
    try:
        token = parse_time_token(bytes(spoilt))
    except EvidenceFormatError:
        return
    same = (token.imprint, token.at) == (sha256(b"message").digest(), AT)
    assert same or not token_signed_by(token, CERTIFICATE)


@given(st.binary(max_size=200))
def test_garbage_is_no_token(data: bytes) -> None:
    with pytest.raises(EvidenceFormatError):
        parse_time_token(data)


def test_a_stamped_bundle_verifies_by_a_pinned_authority_and_not_by_another(log: SampleLog) -> None:
    parts = log.parts("talked", SAMPLE_ATTEMPTS["talked"])
    size, first = parts.note.checkpoint().size, log.notes[0]
    tokens = {size: GOOD.token(parts.note.body), first.checkpoint().size: GOOD.token(first.body)}
    data = log.bundle(replace(parts, tokens=tokens))

    def outcome(*authorities: Authority) -> tuple[Outcome, str]:
        trust = replace(log.trust, authorities=tuple(one.trusted() for one in authorities))
        check = next(c for c in verify_bundle(data, trust).checks if c.id == "tsr.tokens")
        return check.outcome, check.detail

    assert outcome(GOOD)[0] is Outcome.PASSED
    assert "2026-11-18 03:00:00 UTC by sample-tsa" in outcome(GOOD)[1]
    assert outcome(authority("other"))[0] is Outcome.FAILED
    assert "not pinned" in outcome()[1]
