"""The auditor's desk on the test's database, as the product has it; a dossier's bundles are those of the vectors."""

from pathlib import Path

from dialer.domain.ids import AttemptId, OrganisationId
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.processes.keeping import keeping_of
from dialer.services.audit_desk import AuditDesk
from dialer.services.dossiers import Dossiers
from dialer.services.trail import BuiltBundle, Bundles, Shape
from dialer.signing.checkpointing import LastHead, LogSigner
from dialer.signing.places import SeedHolder
from dialer.storage.bundles import StoredBundleParts
from dialer.storage.dossiers import StoredDossiers
from dialer.storage.holds import StoredHolds
from dialer.storage.log import LogWriter
from dialer.storage.personal import PersonalReader
from dialer.storage.sampling import Sampling
from dialer.storage.store import Store
from dialer.storage.views_audit import AuditReader
from dialer.storage.views_trail import TrailReader
from dialer.vault.objects import LocalObjects
from dialer.vault.recordings import RecordingVault
from tests.unit.storage.proof_world import LOG_SEED, InProcessSigner, trust
from tests.unit.storage.storage_world import ORIGIN

BUNDLE = Path(__file__).resolve().parents[2] / "vectors" / "bundles" / "talked.zip"


def audit_desk(store: Store, log: LogWriter, keys: Keyring, clock: Clock, folder: Path) -> AuditDesk:
    """The desk on this database."""
    personal = PersonalReader(keys)
    return AuditDesk(
        keeping_of(store, log, keys, clock, LocalObjects(folder)).rights,
        AuditReader(store, personal, clock),
        StoredHolds(store, log),
        Sampling(store, log, keys, TrailReader(store, personal)),
    )


class VectorBundles(Bundles):
    """Builds each attempt the same bundle, of the committed vectors: what is in a bundle is tested elsewhere."""

    async def built(self, org: OrganisationId, attempt: AttemptId, shape: Shape) -> BuiltBundle:
        return BuiltBundle(BUNDLE.read_bytes(), at_us=1, state="sealed", size=1)


def dossiers(store: Store, log: LogWriter, keys: Keyring, folder: Path) -> Dossiers:
    """The product's dossiers, signed by a test's key."""
    proof_signer = InProcessSigner(LogSigner(ORIGIN, SeedHolder(LOG_SEED), LastHead(folder / "signer.state")))
    vault = RecordingVault(LocalObjects(folder / "vault"), folder / "spool")
    bundles = VectorBundles(StoredBundleParts(store, keys, trust(), "test"), vault, proof_signer, trust())
    return Dossiers(StoredDossiers(store, log), bundles)
