"""The DNC tree: places by the RFC's vectors, presence and absence under every root, nothing provable that is not so."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checkpoint import DncHead
from dialer.evidence.dnc_proof import (
    EMPTY_SUBTREE,
    DncEntry,
    PlaceProof,
    changes_proven,
    is_listed,
    org_scope,
    parse_place_proof,
)
from dialer.evidence.dnc_tree import EMPTY_HEAD, Change, place_of, prove_place, record_changes
from dialer.evidence.ecvrf import ORDER, vrf_output
from dialer.evidence.vrf import prove, vrf_key

# RFC 9381 appendix B.3, examples 16 to 18: secret key, public key, alpha, pi, beta.
RFC_9381 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f"
        "26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab12"
        "68a1b0db10836d9826a528ca76567805",
        "90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff"
        "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed593"
        "3bf0864a62558b3ed7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926d"
        "a3ef39226bbc355bdc9850112c8f4b02",
        "eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"
        "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf80"
        "96bb474e53895c362d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a"
        "2d41b00b05081ed0f58ee5e31b3a970e",
        "645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c45"
        "2118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
    ),
]
KEY = vrf_key(sha256(b"dnc").digest())


@pytest.mark.parametrize("example", RFC_9381, ids=["16", "17", "18"])
def test_the_vrf_gives_the_proofs_and_outputs_of_the_rfc(example: tuple[str, ...]) -> None:
    secret, public, alpha, pi, beta = map(bytes.fromhex, example)
    key = vrf_key(secret)
    made = prove(key, alpha)
    assert (key.public, made.proof, made.output) == (public, pi, beta)
    assert vrf_output(public, alpha, pi) == beta


@settings(max_examples=60)
@given(st.binary(max_size=30), st.integers(0, 80 * 8 - 1))
def test_a_vrf_proof_with_any_bit_changed_is_none(alpha: bytes, bit: int) -> None:
    made = prove(KEY, alpha)
    assert vrf_output(KEY.public, alpha, made.proof) == made.output
    broken = bytearray(made.proof)
    broken[bit // 8] ^= 1 << bit % 8
    assert vrf_output(KEY.public, alpha, bytes(broken)) is None
    assert vrf_output(KEY.public, alpha + b"x", made.proof) is None


def test_a_vrf_proof_of_another_form_or_under_a_weak_key_is_none() -> None:
    made = prove(KEY, b"a")
    unreduced = (int.from_bytes(made.proof[48:], "little") + ORDER).to_bytes(32, "little")
    assert vrf_output(KEY.public, b"a", made.proof[:48] + unreduced) is None
    assert vrf_output(KEY.public, b"a", made.proof[:-1]) is None
    for weak in (b"\x01" + bytes(31), bytes(32), b"\xff" * 32, b"short"):
        assert vrf_output(weak, b"a", made.proof) is None


def test_a_key_prints_without_its_secret() -> None:
    assert KEY._scalar.hex() not in repr(KEY)
    assert repr(KEY._scalar) not in repr(KEY)
    with pytest.raises(EvidenceFormatError):
        vrf_key(b"short")


class Store:
    """Nodes by hash, as storage keeps them, and every head that there ever was."""

    def __init__(self) -> None:
        self.nodes: dict[bytes, bytes] = {}
        self.heads = [EMPTY_HEAD]

    def record(self, changes: list[Change]) -> DncHead:
        grown = record_changes(self.heads[-1], changes, self.nodes.__getitem__)
        for digest, stored in grown.nodes.items():
            assert sha256(stored).digest() == digest
            self.nodes[digest] = stored
        self.heads.append(grown.head)
        return grown.head

    def proof(self, head: DncHead, place: bytes) -> PlaceProof:
        return prove_place(head.root, place, self.nodes.__getitem__)


# Few distinct leading bits, so that places share long ways; both ends of the space are in it.
PLACES = st.sampled_from(
    [bytes([0] * n + [b] + [7] * (31 - n)) for n in (0, 1, 31) for b in (1, 2, 3, 128)]
) | st.binary(min_size=32, max_size=32)


@settings(max_examples=150)
@given(st.lists(st.lists(PLACES, max_size=6, unique=True), max_size=6), PLACES)
def test_every_place_is_proven_under_every_root_as_it_was_then(
    batches: list[list[bytes]], stranger: bytes
) -> None:
    store = Store()
    known: dict[bytes, tuple[int, ...]] = {}
    states = [dict(known)]
    seq = 0
    for batch in batches:
        changes = []
        for place in batch:
            changes.append(Change(place, seq))
            known[place] = (*known.get(place, ()), seq)
            seq += 3
        store.record(changes)
        states.append(dict(known))
    for head, state in zip(store.heads, states, strict=True):
        assert head.size == len(state)
        for place in {*known, stranger}:
            proof = store.proof(head, place)
            assert parse_place_proof(proof.to_json()) == proof
            assert changes_proven(proof, place, head) == state.get(place, ())


@settings(max_examples=60)
@given(st.lists(PLACES, min_size=1, max_size=12, unique=True), st.randoms(use_true_random=False))
def test_the_root_does_not_depend_on_batches_or_their_order(places: list[bytes], rng: object) -> None:
    changes = [Change(place, number) for number, place in enumerate(places)]
    whole, single, backwards = Store(), Store(), Store()
    whole.record(changes)
    for change in changes:
        single.record([change])
    for change in reversed(changes):
        backwards.record([change])
    assert whole.heads[-1] == single.heads[-1] == backwards.heads[-1]


def listed_store() -> tuple[Store, bytes, bytes]:
    store = Store()
    places = [place_of(KEY, org_scope("acme"), f"+86130000000{n:02}")[0] for n in range(60)]
    store.record([Change(place, 10 + number) for number, place in enumerate(places[:50])])
    return store, places[0], places[55]


def test_a_listed_place_cannot_be_shown_absent_nor_an_absent_one_listed() -> None:
    store, listed, absent = listed_store()
    head = store.heads[-1]
    assert changes_proven(store.proof(head, listed), listed, head) == (10,)
    assert changes_proven(store.proof(head, absent), absent, head) == ()
    honest = store.proof(head, listed)
    neighbour = store.proof(head, absent)
    assert honest.end is not None
    forgeries = [
        PlaceProof(honest.siblings, None),
        PlaceProof(honest.siblings[:-1], None),
        PlaceProof(honest.siblings, DncEntry(listed, (11,))),
        PlaceProof(honest.siblings, DncEntry(absent, (10,))),
        neighbour,
        store.proof(EMPTY_HEAD, listed),
        PlaceProof((), DncEntry(absent, (1,))),
    ]
    for forgery in forgeries:
        assert changes_proven(forgery, listed, head) is None
    assert changes_proven(store.proof(head, listed), listed, DncHead(0, EMPTY_SUBTREE)) is None
    assert changes_proven(store.proof(EMPTY_HEAD, listed), listed, DncHead(5, EMPTY_SUBTREE)) is None


def test_an_entry_answers_for_every_size_of_the_log() -> None:
    # on at 10, off by the person's own consent at 20, on again at 30
    changes = (10, 20, 30)
    states = {9: False, 10: True, 19: True, 20: False, 29: False, 30: True, 99: True}
    assert {seq: is_listed(changes, seq) for seq in states} == states
    assert not is_listed((), 5)


def test_a_change_that_is_not_later_than_the_last_is_refused() -> None:
    store, listed, _ = listed_store()
    assert store.record([Change(listed, 11)]).size == 50
    with pytest.raises(EvidenceFormatError, match="ascend"):
        store.record([Change(listed, 11)])


def test_a_place_differs_by_number_scope_and_key() -> None:
    other = vrf_key(sha256(b"other").digest())
    places = {
        place_of(KEY, org_scope("acme"), "+8613000000001")[0],
        place_of(KEY, org_scope("acme"), "+8613000000002")[0],
        place_of(KEY, org_scope("bcme"), "+8613000000001")[0],
        place_of(KEY, "platform", "+8613000000001")[0],
        place_of(other, org_scope("acme"), "+8613000000001")[0],
    }
    assert len(places) == 5
    assert place_of(KEY, "platform", "+8613000000001")[0] in places


BROKEN = [
    {},
    {"siblings": ["00"]},
    {"siblings": ["00" * 32] * 257},
    {"siblings": [], "more": 1},
    {"siblings": [], "end": {"place": "00" * 32}},
    {"siblings": [], "end": {"place": "00" * 32, "changes": []}},
    {"siblings": [], "end": {"place": "00" * 32, "changes": [2, 1]}},
    {"siblings": [], "end": {"place": "00" * 32, "changes": ["1"]}},
    {"siblings": [], "end": {"place": "00" * 31, "changes": [1]}},
]


@pytest.mark.parametrize("value", BROKEN, ids=range(len(BROKEN)))
def test_what_is_not_exactly_a_place_proof_is_refused(value: dict[str, list[str]]) -> None:
    assert parse_place_proof({"siblings": []}) == PlaceProof((), None)
    with pytest.raises(EvidenceFormatError):
        parse_place_proof(value)
