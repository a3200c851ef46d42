"""Leaves: every field both ways, nothing beside them, and no value in an error."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.evidence.canonical import EvidenceFormatError, encode
from dialer.evidence.merkle import LeafHash
from dialer.evidence.record import (
    Actor,
    ActorKind,
    Ciphertext,
    Event,
    EventType,
    Leaf,
    Policy,
    Recording,
    parse_leaf,
    policy_of,
    policy_packs,
)

HASH = st.binary(min_size=32, max_size=32)
ID = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._:/@~+-]{0,20}\Z")
COUNT = st.integers(1, 2**53 - 1)
EVENTS = st.builds(
    Event,
    ts_us=COUNT,
    node=ID,
    boot=ID,
    type=st.sampled_from(EventType),
    actor=st.builds(Actor, st.sampled_from(ActorKind), ID),
    sw=ID,
    org=st.none() | ID,
    call_id=st.none() | ID,
    attempt_id=st.none() | ID,
    sid=st.none() | ID,
    consent_id=st.none() | ID,
    policy=st.none() | st.builds(Policy, ID, HASH),
    commit=st.none() | HASH,
    ct=st.none() | st.builds(Ciphertext, HASH, COUNT),
    rec=st.none() | st.builds(Recording, ID, HASH, COUNT, COUNT, COUNT, COUNT),
)
CAUSES = st.lists(HASH.map(LeafHash), max_size=3, unique=True).map(tuple)
LEAVES = st.builds(
    Leaf, st.just("demo/log"), st.integers(1, 2**53 - 1), HASH.map(LeafHash), CAUSES, EVENTS
) | st.builds(Leaf, st.just("demo/log"), st.just(0), st.none(), CAUSES, EVENTS)

PLAIN = Leaf(
    log="demo/log",
    seq=1,
    prev=LeafHash(bytes(32)),
    cause=(),
    event=Event(
        ts_us=1_795_000_000_000_000,
        node="node-1",
        boot="b-1",
        type=EventType.DECISION_PERMITTED,
        actor=Actor(ActorKind.PROCESS, "dialer"),
        sw="dialer-0.1.0",
    ),
)


@given(LEAVES)
def test_a_leaf_reads_back_as_itself(leaf: Leaf) -> None:
    data = leaf.to_bytes()
    assert parse_leaf(data) == leaf
    assert parse_leaf(data).to_bytes() == data


def test_fields_without_a_value_are_left_out() -> None:
    assert set(json.loads(PLAIN.to_bytes())) == {
        *("v", "log", "seq", "ts", "node", "boot", "type", "actor", "sw", "prev")
    }


def test_the_vocabulary_holds_every_state_of_an_attempt() -> None:
    # decisions 2: the moves of the second machine, in its order
    states = (
        *("authorised", "placed", "ringing", "answered", "connected", "wrapping", "sealed"),
        *("refused", "failed", "abandoned", "cancelled", "lapsed", "uncertain", "ended_unknown"),
    )
    assert [t.removeprefix("attempt.") for t in EventType if t.startswith("attempt.")] == list(states)


CHANGES = {
    "a field more": {"note": "x"},
    "a float": {"ts": 1.5},
    "a text for a number": {"seq": "1"},
    "a number for a text": {"node": 1},
    "seq below zero": {"seq": -1},
    "another version": {"v": 2},
    "an unknown type": {"type": "attempt.spent"},
    "an unknown actor": {"actor": {"id": "x", "kind": "robot"}},
    "an actor with a field more": {"actor": {"id": "x", "kind": "user", "name": "x"}},
    "an empty list of causes": {"cause": []},
    "one cause twice": {"cause": ["00" * 32] * 2},
    "a cause of the wrong length": {"cause": ["00" * 31]},
    "upper-case hex": {"commit": "AB" * 32},
    "an id with look-alike letters": {"node": "nоde"},  # the second letter is Cyrillic
    "an id with a blank": {"node": "node 1"},
    "an empty id": {"node": ""},
    "an origin in capitals": {"log": "Demo/Log"},
    "a recording with its sound's hash": {
        "rec": {
            **dict.fromkeys(("ch", "ct_bytes", "frames", "rate"), 2),
            **dict.fromkeys(("ct_sha256", "pcm_sha256"), "00" * 32),
            "id": "r",
        }
    },
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_leaf_that_is_not_exactly_of_the_form_is_refused(name: str) -> None:
    fields = json.loads(PLAIN.to_bytes())
    assert parse_leaf(encode(fields)) == PLAIN
    fields.update(CHANGES[name])
    data = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(EvidenceFormatError):
        parse_leaf(data)


@pytest.mark.parametrize("name", sorted(json.loads(PLAIN.to_bytes())))
def test_a_leaf_that_lacks_a_field_is_refused(name: str) -> None:
    fields = json.loads(PLAIN.to_bytes())
    del fields[name]
    with pytest.raises(EvidenceFormatError):
        parse_leaf(encode(fields))


def test_only_the_first_leaf_has_no_predecessor() -> None:
    assert replace(PLAIN, seq=0, prev=None).prev is None
    for broken in ({"seq": 0}, {"prev": None}):
        with pytest.raises(EvidenceFormatError, match="prev"):
            replace(PLAIN, **broken)


def test_an_error_names_the_field_and_never_its_value() -> None:
    with pytest.raises(EvidenceFormatError) as caught:
        replace(PLAIN.event, node="+86 130 0000 0001")
    assert "node" in str(caught.value)
    assert "130" not in str(caught.value)


def test_the_policy_of_several_packs_is_one_name_and_one_digest_whatever_their_order() -> None:
    one, two = {"cn": b"\1" * 32, "cn-platform": b"\2" * 32}, {"cn-platform": b"\2" * 32, "cn": b"\1" * 32}
    assert policy_of(one) == policy_of(two)
    assert policy_of(one).id == "cn+cn-platform"
    assert policy_of(one).sha256 != policy_of({**one, "cn": b"\3" * 32}).sha256
    assert policy_packs(two) == [
        {"id": "cn", "sha256": "01" * 32},
        {"id": "cn-platform", "sha256": "02" * 32},
    ]
    with pytest.raises(EvidenceFormatError, match="without packs"):
        policy_of({})
