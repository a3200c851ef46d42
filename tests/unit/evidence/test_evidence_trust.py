"""Trust: keys by range of tree size, both ways, and hand-overs that only the right keys can make."""

from dataclasses import replace
from hashlib import sha256

import pytest

from dialer.evidence.canonical import EvidenceFormatError, Json, encode
from dialer.evidence.checkpoint import Sign
from dialer.evidence.payload import build_payload
from dialer.evidence.sample import SampleLog, sample_key
from dialer.evidence.trust import (
    KeyUse,
    Rotation,
    TrustedKey,
    key_named,
    parse_trust,
    rotation_holds,
    rotation_of,
    sign_rotation,
)
from dialer.evidence.vrf import VrfKey, prove, vrf_key

LOG = SampleLog()
OLD, NEW = LOG.log_key, sample_key(KeyUse.LOG, LOG.origin, "new")


def handed_over(from_size: int = 6) -> Rotation:
    return sign_rotation(LOG.origin, OLD.trusted, NEW.trusted.public, from_size, OLD.sign, NEW.sign)


def test_trust_reads_back_as_itself() -> None:
    ended = replace(LOG.trust, keys=(replace(OLD.trusted, to_size=9), *LOG.trust.keys[1:]))
    for trust in (LOG.trust, ended, LOG.trust.rotated(handed_over())):
        assert parse_trust(trust.to_bytes()) == trust


def test_a_key_holds_from_its_first_size_until_before_its_last() -> None:
    key = TrustedKey(KeyUse.LOG, "demo/log", bytes(32), 5, 9)
    assert [size for size in range(12) if key.holds_at(size)] == [5, 6, 7, 8]
    assert replace(key, to_size=None).holds_at(10**9)


def test_ids_differ_by_name_key_and_kind() -> None:
    key = TrustedKey(KeyUse.LOG, "demo/log", bytes(32), 0, None)
    others = [replace(key, name="demo/lag"), replace(key, public=b"\1" * 32), replace(key, use=KeyUse.VRF)]
    assert len({key.id(), *(other.id() for other in others)}) == 4
    assert key_named([*others, key], key.id()) == key
    assert key_named(others, key.id()) is None


def test_a_hand_over_ends_the_old_key_where_the_new_one_begins() -> None:
    trust = LOG.trust.rotated(handed_over(6))
    assert [key.public for key in trust.at(KeyUse.LOG, 5)] == [OLD.trusted.public]
    assert [key.public for key in trust.at(KeyUse.LOG, 6)] == [NEW.trusted.public]
    assert trust.at(KeyUse.WITNESS, 6) == LOG.trust.at(KeyUse.WITNESS, 6)


def test_a_hand_over_is_read_from_the_payload_of_its_leaf() -> None:
    says = handed_over().disclosures()
    salts = [sha256(bytes((number,))).digest() for number in range(len(says) + 1)]
    payload = build_payload(says, salts)
    assert rotation_of(payload) == handed_over()
    with pytest.raises(EvidenceFormatError, match="does not show"):
        rotation_of(payload.redacted(frozenset(says) - {"key.new"}))


def test_only_the_old_and_the_new_key_together_hand_over() -> None:
    good = handed_over()
    thief = sample_key(KeyUse.LOG, LOG.origin, "thief")
    assert rotation_holds(good, LOG.trust, 5)
    broken = [
        replace(good, from_size=7),
        replace(good, new=thief.trusted.public),
        replace(good, sig_old=good.sig_new),
        replace(good, sig_new=good.sig_old),
        replace(good, use=KeyUse.BUNDLE),
        replace(good, name="demo/other"),
        sign_rotation(LOG.origin, thief.trusted, NEW.trusted.public, 6, thief.sign, NEW.sign),
        sign_rotation(LOG.origin, OLD.trusted, NEW.trusted.public, 6, thief.sign, NEW.sign),
        sign_rotation(LOG.origin, OLD.trusted, NEW.trusted.public, 6, OLD.sign, thief.sign),
        sign_rotation("demo/other", OLD.trusted, NEW.trusted.public, 6, OLD.sign, NEW.sign),
        sign_rotation(LOG.origin, OLD.trusted, OLD.trusted.public, 6, OLD.sign, OLD.sign),
    ]
    assert [rotation_holds(rotation, LOG.trust, 5) for rotation in broken] == [False] * len(broken)


def test_a_key_whose_time_is_over_hands_nothing_over() -> None:
    stolen = replace(LOG.trust, keys=(replace(OLD.trusted, to_size=4), *LOG.trust.keys[1:]))
    assert rotation_holds(handed_over(), LOG.trust, 5)
    assert not rotation_holds(handed_over(), stolen, 5)
    assert not rotation_holds(handed_over(5), LOG.trust, 5), (
        "the new key begins after the leaf that announces it"
    )


def test_a_vrf_key_hands_over_by_proofs_instead_of_signatures_and_from_the_next_leaf_on() -> None:
    vrf, fresh = LOG.trust.of(KeyUse.VRF)[0], vrf_key(sha256(b"fresh").digest())

    def by(key: VrfKey) -> Sign:
        return lambda statement: prove(key, statement).proof

    def handed(from_size: int, old: Sign, new: Sign) -> Rotation:
        return sign_rotation(LOG.origin, vrf, fresh.public, from_size, old, new)

    good = handed(6, by(LOG.vrf), by(fresh))
    assert rotation_holds(good, LOG.trust, 5)
    says = good.disclosures()
    salts = [sha256(bytes((number,))).digest() for number in range(len(says) + 1)]
    assert rotation_of(build_payload(says, salts)) == good
    broken = [
        handed(7, by(LOG.vrf), by(fresh)),
        handed(6, by(fresh), by(fresh)),
        handed(6, by(LOG.vrf), by(LOG.vrf)),
        handed(6, OLD.sign, NEW.sign),
        replace(good, use=KeyUse.LOG),
    ]
    assert [rotation_holds(rotation, LOG.trust, 5) for rotation in broken] == [False] * len(broken)
    with pytest.raises(EvidenceFormatError, match="80 bytes"):
        rotation_of(build_payload({**says, "key.sig_old": "00" * 64}, salts))


KEY: dict[str, Json] = {"from": 0, "name": "demo/log", "public": "00" * 32, "use": "log"}
GOOD: dict[str, Json] = {"keys": [KEY], "log": "demo/log", "v": 1}
BROKEN: list[dict[str, Json]] = [
    {**GOOD, "v": 2},
    {**GOOD, "more": 1},
    {**GOOD, "keys": "x"},
    {**GOOD, "keys": [KEY, KEY]},
    {**GOOD, "keys": [{**KEY, "use": "all"}]},
    {**GOOD, "keys": [{**KEY, "public": "00"}]},
    {**GOOD, "keys": [{**KEY, "name": "démo"}]},
    {**GOOD, "keys": [{**KEY, "name": "demo+log"}]},
    {**GOOD, "keys": [{**KEY, "from": -1}]},
    {**GOOD, "keys": [{**KEY, "from": 5, "to": 4}]},
    {**GOOD, "keys": [{**KEY, "note": "x"}]},
    {**GOOD, "tsa": [{"name": "x", "certificate": "not base64!"}]},
    {**GOOD, "tsa": [{"name": "x"}]},
]


@pytest.mark.parametrize("value", BROKEN, ids=range(len(BROKEN)))
def test_what_is_not_exactly_a_trust_file_is_refused(value: dict[str, Json]) -> None:
    assert parse_trust(encode(GOOD)).log == "demo/log"
    with pytest.raises(EvidenceFormatError):
        parse_trust(encode(value))
