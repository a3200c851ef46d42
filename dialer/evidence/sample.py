"""A small log with every kind of story, from fixed seeds: for test vectors, benchmarks and demonstrations.

Its keys are in this file, so they are worth nothing; its origin starts with `demo/`, and a verifier says so. It does in
memory what storage, signer and witness do in the product, in the same order and through the same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dialer.evidence.bundle import Parts, build_bundle, inclusions_of
from dialer.evidence.canonical import Json
from dialer.evidence.checkpoint import Checkpoint, DncHead, Note, cosign, sign_checkpoint
from dialer.evidence.dnc_proof import PLATFORM_SCOPE, org_scope
from dialer.evidence.dnc_tree import EMPTY_HEAD, Change, place_of, prove_place, record_changes
from dialer.evidence.merkle import LeafHash, leaf_hash
from dialer.evidence.parts import Dnc, DncPlace, Earlier, Says
from dialer.evidence.payload import Payload, build_payload
from dialer.evidence.record import (
    Actor,
    ActorKind,
    Event,
    EventType,
    Leaf,
    Policy,
    Recording,
    parse_leaf,
    policy_of,
    policy_packs,
)
from dialer.evidence.tree import EMPTY, consistency_proof, extend, root
from dialer.evidence.trust import KeyUse, Trust, TrustedKey, sign_rotation
from dialer.evidence.vrf import prove, vrf_key

T = EventType

ORG = "sample-org"
START_US = 1_794_969_000_000_000
"""Wednesday 2026-11-18 10:30 in Shanghai, the instant at which demonstrations run."""
PACKS = {"cn": sha256(b"cn pack").digest(), "cn-platform": sha256(b"cn-platform pack").digest()}
CONSENT_TEXT = "本人同意示例软件公司就续费事宜回电。 I agree that Sample Software calls me back about my renewal.\n".encode()


@dataclass(frozen=True, slots=True)
class SampleKey:
    """A key of the sample log, private part included."""

    trusted: TrustedKey
    private: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature."""
        return self.private.sign(message)


def sample_key(use: KeyUse, name: str, seed: str, from_size: int = 0) -> SampleKey:
    """A key whose private half is SHA-256 of `seed`."""
    private = Ed25519PrivateKey.from_private_bytes(sha256(f"sample {seed}".encode()).digest())
    return SampleKey(TrustedKey(use, name, private.public_key().public_bytes_raw(), from_size, None), private)


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording to seal: the FLAC file, SHA-256 of its frames, and its shape."""

    flac: bytes
    pcm_sha256: bytes
    frames: int
    rate_hz: int
    channels: int


class SampleLog:
    """A log in memory: append, seal a checkpoint, build the bundle of an attempt."""

    def __init__(self, origin: str = "demo/sample", seed: str = "") -> None:
        self.origin = origin
        self._seed = seed
        self.log_key = sample_key(KeyUse.LOG, origin, f"log{seed}")
        self.witness_key = sample_key(KeyUse.WITNESS, "demo/witness", f"witness{seed}")
        self.bundle_key = sample_key(KeyUse.BUNDLE, f"{origin}/export", f"bundle{seed}")
        self.vrf = vrf_key(sha256(f"sample vrf{seed}".encode()).digest())
        self._vrfs = {self.vrf.public: self.vrf}
        vrf = TrustedKey(KeyUse.VRF, f"{origin}/dnc", self.vrf.public, 0, None)
        expired = sample_key(KeyUse.BUNDLE, f"{origin}/export-before", f"expired bundle{seed}")
        self.expired_bundle_key = replace(expired, trusted=replace(expired.trusted, to_size=10))
        owned = (self.log_key, self.witness_key, self.bundle_key, self.expired_bundle_key)
        keys = (*(key.trusted for key in owned), vrf)
        self.trust = Trust(origin, keys)
        self.bodies: list[bytes] = []
        self.payloads: dict[int, Payload] = {}
        self.notes: list[Note] = []
        self.sounds: dict[str, Sound] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._frontier = EMPTY
        self._dnc_nodes: dict[bytes, bytes] = {}
        self._dnc_head: DncHead = EMPTY_HEAD
        self._last_of_attempt: dict[str, LeafHash] = {}
        self._consent_leaf: dict[str, LeafHash] = {}

    def append(
        self,
        kind: EventType,
        says: Mapping[str, Json] | None = None,
        *,
        attempt: str | None = None,
        consent: str | None = None,
        policy: Policy | None = None,
        rec: Recording | None = None,
    ) -> int:
        """Append one leaf; its seq. Its cause is the attempt's leaf before it, else the consent's."""
        seq = len(self.bodies)
        payload = self._payload(seq, says)
        event = Event(
            ts_us=START_US + seq * 250_000,
            node="node-1",
            boot="boot-1",
            type=kind,
            actor=Actor(ActorKind.PROCESS, "dialer"),
            sw="dialer-sample",
            org=ORG if attempt is not None or consent is not None else None,
            attempt_id=attempt,
            sid=f"sid-{consent or attempt}" if attempt is not None or consent is not None else None,
            consent_id=consent,
            policy=policy,
            commit=payload.commit() if payload is not None else None,
            rec=rec,
        )
        before = self._last_of_attempt.get(attempt or "") or self._consent_leaf.get(consent or "")
        prev = leaf_hash(self.bodies[-1]) if self.bodies else None
        body = Leaf(self.origin, seq, prev, (before,) if before else (), event).to_bytes()
        digest = leaf_hash(body)
        if attempt is not None:
            self._last_of_attempt[attempt] = digest
        if kind is T.CONSENT_RECORDED and consent is not None:
            self._consent_leaf[consent] = digest
        self._store(seq, body, digest)
        return seq

    def add_to_dnc(self, scope: str, number: str, attempt: str | None = None) -> int:
        """Put a number on a list: the leaf and the entry of the DNC tree; the leaf's seq."""
        seq = self.append(T.DNC_ADDED, {"scope": scope, Says.CALLEE_NUMBER: number}, attempt=attempt)
        place, _ = place_of(self.vrf, scope, number)
        grown = record_changes(self._dnc_head, [Change(place, seq)], self._dnc_nodes.__getitem__)
        self._dnc_nodes.update(grown.nodes)
        self._dnc_head = grown.head
        return seq

    def seal(self) -> Note:
        """A checkpoint of the log as it stands, signed by the log and cosigned by the witness."""
        head = Checkpoint(self.origin, len(self.bodies), root(self._frontier), self._dnc_head)
        note = sign_checkpoint(head, self.log_key.trusted.note_key(), self.log_key.sign)
        time_s = START_US // 1_000_000 + head.size
        witness = self.witness_key
        note = note.with_signature(cosign(note.body, time_s, witness.trusted.note_key(), witness.sign))
        self.notes.append(note)
        return note

    def rotate_log_key(self) -> None:
        """Hand the log's key over to a fresh one, from the leaf after the announcement on."""
        seq = len(self.bodies)
        fresh = sample_key(KeyUse.LOG, self.origin, f"log{self._seed} after {seq}", seq + 1)
        old = self.log_key
        rotation = sign_rotation(
            self.origin, old.trusted, fresh.trusted.public, seq + 1, old.sign, fresh.sign
        )
        self.append(T.KEY_ROTATED, rotation.disclosures())
        self.trust = self.trust.rotated(rotation)
        self.log_key = fresh

    def rotate_vrf_key(self, delay: int = 0) -> int:
        """Hand the places of refusals over to a fresh VRF key; the old one answers for its own. The leaf's seq.

        `delay`: leaves by which an operator would put it off, which is against the format.
        """
        seq = len(self.bodies)
        fresh = vrf_key(sha256(f"sample vrf{self._seed} after {seq}".encode()).digest())
        old, before = self.trust.of(KeyUse.VRF)[-1], self.vrf
        rotation = sign_rotation(
            self.origin,
            old,
            fresh.public,
            seq + 1 + delay,
            lambda statement: prove(before, statement).proof,
            lambda statement: prove(fresh, statement).proof,
        )
        self.append(T.KEY_ROTATED, rotation.disclosures())
        self.trust = self.trust.rotated(rotation)
        self._dnc_head = replace(self._dnc_head, keys=self._dnc_head.keys + 1)
        self.vrf = self._vrfs[fresh.public] = fresh
        return seq

    def get_node(self, level: int, index: int) -> bytes:
        """A stored node of the log's tree."""
        return self._nodes[level, index]

    def parts(self, attempt: str, number: str | None, also: Sequence[int] = ()) -> Parts:
        """The parts of an attempt's bundle under the last checkpoint, with a DNC proof if `number` is given.

        `also`: leaves to add, as those of key rotations.
        """
        seqs = sorted({*self._closure(attempt), *also})
        note = self.notes[-1]
        size = note.checkpoint().size
        leaves = {seq: self.bodies[seq] for seq in seqs}
        decisions = (s for s in seqs if parse_leaf(leaves[s]).event.type.startswith("decision."))
        decision = min(decisions, default=seqs[0])
        before = max(
            (n.checkpoint().size for n in self.notes if n.checkpoint().size <= decision), default=None
        )
        consented = any(parse_leaf(body).event.type is T.CONSENT_RECORDED for body in leaves.values())
        sound = self.sounds.get(attempt)
        return Parts(
            attempt_id=attempt,
            org=ORG,
            made_us=START_US + 3_600_000_000,
            sw="dialer-sample",
            leaves=leaves,
            note=note,
            inclusions=inclusions_of(leaves, size, self.get_node),
            payloads={seq: self.payloads[seq] for seq in seqs if seq in self.payloads},
            trust=self.trust,
            earlier=self._earlier(before, size),
            recording=sound.flac if sound is not None else None,
            consent={"text.txt": CONSENT_TEXT} if consented else {},
            dnc=self._dnc(number, before) if number is not None else None,
        )

    def bundle(self, parts: Parts) -> bytes:
        """The bundle of these parts, signed by the sample's export key."""
        return self.bundle_with(parts, self.bundle_key)

    def bundle_with(self, parts: Parts, key: SampleKey) -> bytes:
        """The bundle of these parts, signed by a key of the caller's choice."""
        return build_bundle(parts, key.trusted, key.sign)

    def _payload(self, seq: int, says: Mapping[str, Json] | None) -> Payload | None:
        if not says:
            return None
        salts = [
            sha256(f"sample salt {self.origin} {seq} {n}".encode()).digest() for n in range(len(says) + 1)
        ]
        self.payloads[seq] = build_payload(says, salts)
        return self.payloads[seq]

    def _store(self, seq: int, body: bytes, digest: LeafHash) -> None:
        self.bodies.append(body)
        self._nodes[0, seq] = digest
        grown = extend(self._frontier, [digest])
        self._frontier = grown.frontier
        for node in grown.nodes:
            self._nodes[node.level, node.index] = node.hash

    def _closure(self, attempt: str) -> list[int]:
        """The attempt's leaves and all their causes."""
        by_hash = {leaf_hash(body): seq for seq, body in enumerate(self.bodies)}
        leaves = [parse_leaf(body) for body in self.bodies]
        found = {leaf.seq for leaf in leaves if leaf.event.attempt_id == attempt}
        grew = True
        while grew:
            causes = {by_hash[cause] for seq in found for cause in leaves[seq].cause}
            grew = not causes <= found
            found |= causes
        return sorted(found)

    def _earlier(self, before: int | None, size: int) -> tuple[Earlier, ...]:
        if before is None or before == size:
            return ()
        note = next(note for note in self.notes if note.checkpoint().size == before)
        return (Earlier(note, consistency_proof(self.get_node, before, size)),)

    def _dnc(self, number: str, before: int | None) -> Dnc:
        head_before = next((n.checkpoint().dnc for n in self.notes if n.checkpoint().size == before), None)
        places = []
        for scope, key in product((org_scope(ORG), PLATFORM_SCOPE), self.trust.of(KeyUse.VRF)):
            place, made = place_of(self._vrfs[key.public], scope, number)
            get = self._dnc_nodes.__getitem__
            then = prove_place(head_before.root, place, get) if head_before is not None else None
            head = self.notes[-1].checkpoint().dnc or EMPTY_HEAD
            places.append(DncPlace(scope, key.id(), made.proof, then, prove_place(head.root, place, get)))
        return Dnc(before, tuple(places))


def record_consent(log: SampleLog, consent: str, number: str) -> int:
    """A consent given on a form, with the text as it was shown."""
    files: Json = [
        {"bytes": len(CONSENT_TEXT), "name": "text.txt", "sha256": sha256(CONSENT_TEXT).hexdigest()}
    ]
    says: dict[str, Json] = {Says.CALLEE_NUMBER: number, "purpose": "callback", Says.CONSENT_FILES: files}
    return log.append(T.CONSENT_RECORDED, says, consent=consent)


def permit_call(log: SampleLog, attempt: str, consent: str, number: str) -> None:
    """Decision, permit, and the second gate that consumes it."""
    decided: dict[str, Json] = {
        Says.POLICY_PACKS: policy_packs(PACKS),
        "rules.passed": ["window", "consent", "dnc"],
    }
    log.append(T.DECISION_PERMITTED, decided, attempt=attempt, consent=consent, policy=policy_of(PACKS))
    log.append(
        T.ATTEMPT_AUTHORISED,
        {Says.CALLEE_NUMBER: number, "ring_seconds_max": 30},
        attempt=attempt,
        consent=consent,
    )
    log.append(T.GATE2_PASSED, {"uid": "egress-1"}, attempt=attempt, consent=consent)
    log.append(T.ATTEMPT_PLACED, {"uid": "egress-1"}, attempt=attempt, consent=consent)


def finish_talk(log: SampleLog, attempt: str, sound: Sound | None) -> None:
    """From ringing to the seal, with the recording or the leaf that says why there is none."""
    for state in (T.ATTEMPT_RINGING, T.ATTEMPT_ANSWERED, T.ATTEMPT_CONNECTED):
        log.append(state, attempt=attempt)
    log.append(T.ATTEMPT_WRAPPING, {"hung_up_by": "callee", "sip.code": 200}, attempt=attempt)
    seal_recording(log, attempt, sound)
    log.append(T.DISPOSITION_SET, {"code": "callback_done"}, attempt=attempt)
    log.append(T.ATTEMPT_SEALED, attempt=attempt)


def seal_recording(log: SampleLog, attempt: str, sound: Sound | None) -> None:
    """The leaf of the recording, or of its absence."""
    if sound is None:
        log.append(T.RECORDING_MISSING, {"why": "vault_unavailable"}, attempt=attempt)
        return
    ciphertext = sha256(b"ciphertext of " + sound.flac).digest()
    rec = Recording(
        f"rec-{attempt}", ciphertext, len(sound.flac) + 64, sound.frames, sound.rate_hz, sound.channels
    )
    hashes: dict[str, Json] = {
        Says.FLAC_SHA256: sha256(sound.flac).hexdigest(),
        Says.PCM_SHA256: sound.pcm_sha256.hex(),
    }
    log.append(T.RECORDING_SEALED, hashes, attempt=attempt, rec=rec)
    log.sounds[attempt] = sound


NUMBERS: Sequence[str] = tuple(f"+86130000000{number:02}" for number in range(100))
"""Plainly invented."""


def sample_log(sound: Sound | None, seed: str = "") -> SampleLog:
    """Five attempts: `talked`, `refused` (on the DNC list), `said-no` (refused in the talk), `busy`, `lapsed`.

    Their callees are NUMBERS[1] to NUMBERS[5]. The log's key is rotated in the middle; every part is cosigned.
    """
    log = SampleLog(seed=seed)
    log.append(T.CONFIG_CHANGED, {"what": "installed"})
    for number in (2, *range(20, 40)):
        log.add_to_dnc(org_scope(ORG), NUMBERS[number])
    log.add_to_dnc(PLATFORM_SCOPE, NUMBERS[50])
    for name, number in (("c1", 1), ("c2", 2), ("c3", 3), ("c4", 4), ("c5", 5)):
        record_consent(log, name, NUMBERS[number])
    log.seal()
    permit_call(log, "talked", "c1", NUMBERS[1])
    finish_talk(log, "talked", sound)
    log.append(
        T.DECISION_REFUSED,
        {"codes": ["dnc.organisation"], Says.CALLEE_NUMBER: NUMBERS[2]},
        attempt="refused",
        consent="c2",
        policy=policy_of(PACKS),
    )
    log.append(T.ATTEMPT_REFUSED, attempt="refused", consent="c2")
    log.seal()
    log.rotate_log_key()
    permit_call(log, "said-no", "c3", NUMBERS[3])
    for state in (T.ATTEMPT_RINGING, T.ATTEMPT_ANSWERED, T.ATTEMPT_CONNECTED):
        log.append(state, attempt="said-no")
    log.append(T.REFUSAL_HEARD, {"reason": "key_9"}, attempt="said-no")
    log.add_to_dnc(org_scope(ORG), NUMBERS[3], attempt="said-no")
    log.append(T.ATTEMPT_WRAPPING, attempt="said-no")
    seal_recording(log, "said-no", None)
    log.append(T.ATTEMPT_SEALED, attempt="said-no")
    permit_call(log, "busy", "c4", NUMBERS[4])
    log.append(T.ATTEMPT_FAILED, {"sip.code": 486}, attempt="busy")
    log.append(T.DECISION_PERMITTED, attempt="lapsed", consent="c5", policy=policy_of(PACKS))
    log.append(T.ATTEMPT_AUTHORISED, {Says.CALLEE_NUMBER: NUMBERS[5]}, attempt="lapsed", consent="c5")
    log.append(T.ATTEMPT_LAPSED, {"why": "expired"}, attempt="lapsed", consent="c5")
    log.append(T.CONFIG_CHANGED, {"what": "closed"})
    log.seal()
    return log


SAMPLE_ATTEMPTS: Mapping[str, str] = {
    name: NUMBERS[number] for number, name in enumerate(("talked", "refused", "said-no", "busy", "lapsed"), 1)
}
"""Attempt → number of its callee."""
