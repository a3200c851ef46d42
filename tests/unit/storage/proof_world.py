"""A small real store with everything that a proof has: signed and witnessed heads, recordings in a vault, refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import soundfile as sf
from nacl.signing import SigningKey

from dialer.calls.attempt import AttemptState
from dialer.domain.ids import AttemptId, LeadId, OrganisationId
from dialer.evidence.checkpoint import Checkpoint, parse_checkpoint_body, parse_note
from dialer.evidence.trust import KeyUse, Trust, TrustedKey
from dialer.evidence.vrf import vrf_key
from dialer.ports.calls import MoveFields
from dialer.services.checkpoints import Checkpoints
from dialer.services.store_audit import StoreAudit
from dialer.services.trail import Bundles
from dialer.signing.checkpointing import LastHead, LogSigner, Witness
from dialer.signing.places import SeedHolder
from dialer.storage.bundles import StoredBundleParts
from dialer.storage.fsck import Against, check_store
from dialer.storage.heads import StoredHeads
from dialer.storage.recordings import StoredRecordings
from dialer.storage.shipping import Shipper
from dialer.vault.keyring import FileKeyring
from dialer.vault.objects import LocalObjects
from dialer.vault.recordings import RecordingVault
from dialer.vault.sweep import measure
from tests.unit.storage.storage_world import MACHINE, ORIGIN, World, fresh_sqlite, keyring

LOG_SEED, WITNESS_SEED, BUNDLE_SEED = b"l" * 32, b"w" * 32, b"b" * 32
WITNESS_TIME_S = 1_700_000_000


def public(seed: bytes) -> bytes:
    return bytes(SigningKey(seed).verify_key)


def trust() -> Trust:
    """The keys of this store."""
    return Trust(
        ORIGIN,
        (
            TrustedKey(KeyUse.LOG, ORIGIN, public(LOG_SEED), 0, None),
            TrustedKey(KeyUse.WITNESS, f"{ORIGIN}/witness", public(WITNESS_SEED), 0, None),
            TrustedKey(KeyUse.BUNDLE, f"{ORIGIN}/bundle", public(BUNDLE_SEED), 0, None),
            TrustedKey(KeyUse.VRF, f"{ORIGIN}/dnc", vrf_key(b"v" * 32).public, 0, None),
        ),
    )


@dataclass
class InProcessSigner:
    """`ports.Signer` with the signer's own judgement, without its socket."""

    signer: LogSigner

    async def sign(self, body: bytes, proof: tuple[bytes, ...]) -> bytes | int:
        answer = self.signer.sign(parse_checkpoint_body(body), proof)
        return answer if isinstance(answer, int) else answer.to_bytes()

    async def sign_bundle(self, message: bytes) -> bytes:
        return SigningKey(BUNDLE_SEED).sign(message).signature


@dataclass
class InProcessWitness:
    """`ports.WitnessDoor` with the witness's own judgement, without its socket."""

    witness: Witness

    async def add(self, old_size: int, note: bytes, proof: tuple[bytes, ...]) -> str | int:
        answer = self.witness.add(old_size, parse_note(note), proof, WITNESS_TIME_S)
        assert answer is not None, "another log's key"
        return answer if isinstance(answer, int) else answer.line() + "\n"


@dataclass
class ProofWorld:
    """One installation in a folder."""

    home: Path
    shipped: Path | None = None
    url: str | None = None
    keys: FileKeyring = field(default_factory=keyring)
    core: World = field(init=False)
    vault: RecordingVault = field(init=False)
    checkpoints: Checkpoints = field(init=False)

    def __post_init__(self) -> None:
        for name in ("vault", "spool"):
            (self.home / name).mkdir(exist_ok=True)
        database = self.home / "dialer.db"
        url = self.url
        if url is None:
            url = f"sqlite:///{database}" if database.exists() else fresh_sqlite(self.home)
        self.core = World(url, keys=self.keys)
        if self.shipped is not None:
            # the world opens its own store; what a process gives it at its start is given here
            self.core.store._ship = Shipper(self.shipped, "test")
        self.vault = RecordingVault(LocalObjects(self.home / "vault"), self.home / "spool")
        self.recordings = StoredRecordings(self.core.store, self.core.log, self.core.keys)
        self.signer = InProcessSigner(
            LogSigner(ORIGIN, SeedHolder(LOG_SEED), LastHead(self.home / "signer.state"))
        )
        log_key = TrustedKey(KeyUse.LOG, ORIGIN, public(LOG_SEED), 0, None).note_key()
        witness = Witness(
            f"{ORIGIN}/witness", SeedHolder(WITNESS_SEED), log_key, LastHead(self.home / "witness.state")
        )
        heads = StoredHeads(self.core.store, ORIGIN)
        self.checkpoints = Checkpoints(heads, self.signer, InProcessWitness(witness))
        parts = StoredBundleParts(self.core.store, self.core.keys, trust(), "test")
        self.bundles = Bundles(parts, self.vault, self.signer, trust())

    def close(self) -> None:
        self.core.close()

    async def sign(self) -> int:
        """Sign and cosign the head of now; its size."""
        await self.checkpoints.sign()
        return await self.checkpoints.cosign()

    async def talked(self, ending: int) -> AttemptId:
        """A call with its recording, to its end."""
        return await self.talked_to(await self.core.lead(ending), ending)

    async def talked_to(self, lead: LeadId, ending: int) -> AttemptId:
        permit = await self.core.placed(lead, f"egress-{ending}")
        attempt = permit.attempt_id
        for state in (AttemptState.RINGING, AttemptState.ANSWERED, AttemptState.CONNECTED):
            assert await self.core.calls.advance(attempt, state, MACHINE, {}, {})
        self._speak(attempt, ending)
        audio = await self.vault.seal(attempt)
        assert audio is not None
        await self.recordings.sealed(attempt, audio)
        await self.vault.discard_spool(attempt)
        fields: MoveFields = {"outcome": "talked", "ended": True}
        assert await self.core.calls.advance(attempt, AttemptState.WRAPPING, MACHINE, fields, {})
        assert await self.core.calls.advance(attempt, AttemptState.SEALED, MACHINE, {}, {})
        self.core.run("UPDATE lead SET state = 'done' WHERE id = :id", id=lead)
        return attempt

    def _speak(self, attempt: AttemptId, ending: int) -> None:
        turn = np.arange(4000) * 2 * np.pi / 8000
        for leg, tone in (("callee", 440 + ending), ("agent", 660)):
            sound = (np.sin(turn * tone) * 9000).astype(np.int16)
            sf.write(self.home / "spool" / f"{attempt}-{leg}.wav", sound, 8000, subtype="PCM_16")

    async def bundle(self, attempt: AttemptId, org: str) -> bytes:
        built = await self.bundles.build(OrganisationId(org), attempt)
        assert isinstance(built, bytes), built
        return built

    def witnessed(self) -> Checkpoint | None:
        """The head in the witness's own file."""
        size, root = LastHead(self.home / "witness.state").read(ORIGIN)
        return Checkpoint(ORIGIN, size, root, None) if size else None

    def audit(self) -> StoreAudit:
        """`fsck` on this store."""
        root = self.home / "vault"
        against = Against(trust(), self.witnessed(), self.core.keys, partial(measure, LocalObjects(root)))
        return self.core.store.read_now(lambda tx: check_store(tx, against))

    def codes(self) -> set[str]:
        """Codes of what `fsck` finds."""
        return {found.code for found in self.audit().found}
