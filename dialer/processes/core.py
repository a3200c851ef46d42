"""The database and everything that stands on it alone: what the dialer and the command line share."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from dialer.api.verifiers import published
from dialer.compliance.facts import Facts, Unknown, VaultState
from dialer.compliance.gate import decide
from dialer.compliance.outcome import Allowed, Refusal
from dialer.domain.errors import InstallationError
from dialer.evidence.trust import KeyUse
from dialer.evidence.vrf import vrf_key
from dialer.ports.signatures import Signer
from dialer.processes.opening import CONSOLE, open_log, open_store, software, vault_objects
from dialer.rules.shipped import shipped_packs
from dialer.services.trail import Bundles
from dialer.settings import Settings
from dialer.signing.keys import KeyFiles, read_public, read_secret, trust_of
from dialer.storage.bundles import StoredBundleParts
from dialer.storage.calls import StoredCalls
from dialer.storage.campaigns import StoredCampaigns
from dialer.storage.clock import InstallationClock
from dialer.storage.facts import FactsReader, Probes
from dialer.storage.ledger import Ledger
from dialer.storage.log import LogWriter
from dialer.storage.personal import PersonalReader
from dialer.storage.recordings import StoredRegions
from dialer.storage.store import Store
from dialer.vault.keyring import FileKeyring, PastDncKey
from dialer.vault.recordings import RecordingVault


def open_keyring(settings: Settings) -> FileKeyring:
    """The dialer's keys."""
    files = KeyFiles(settings.folders.keys)
    *past, current = sorted(
        trust_of(files, settings.origin).of(KeyUse.VRF), key=lambda key: (key.from_size, key.to_size is None)
    )
    seed = read_secret(files.dnc_vrf)
    if vrf_key(seed).public != current.public:
        raise InstallationError(
            "the key of the DNC tree is not the one in trust.json: run `dialer keys rotate vrf`"
        )
    return FileKeyring(
        master_key=read_secret(files.master_key),
        pepper=read_secret(files.pepper),
        gate_public_key=read_public(files.gate_public),
        vrf_seed=seed,
        dnc_since=current.from_size,
        dnc_past=tuple(PastDncKey(key.from_size, key.public, _past_seed(files, key.public)) for key in past),
    )


def _past_seed(files: KeyFiles, public: bytes) -> bytes | None:
    path = files.dnc_vrf_past(public)
    if not path.exists():
        return None
    seed = read_secret(path)
    if vrf_key(seed).public != public:
        raise InstallationError(f"{path.name} is not the key that its name says")
    return seed


def judge(facts: Facts, now: datetime) -> Allowed | Refusal:
    """The gate with the packs that ship."""
    return decide(facts, shipped_packs(), now)


class VaultProbe:
    """The vault's state as last measured; unknown before the first measurement."""

    def __init__(self, vault: RecordingVault, regions: Callable[[], Awaitable[tuple[str, ...]]]) -> None:
        self._vault = vault
        self._regions = regions
        self._states: dict[str, VaultState] = {}

    async def measure(self) -> None:
        """Look at the spool and at the store of every region that an organisation is in."""
        found = {}
        for region in await self._regions():
            found[region] = await asyncio.to_thread(self._vault.state, region)
        self._states = found

    def state(self, region: str) -> VaultState | Unknown:
        """What was seen last of that region's store."""
        return self._states.get(region, Unknown("the vault was not probed yet"))

    def found(self) -> dict[str, VaultState]:
        """What was seen last of every region's store."""
        return dict(self._states)

    def takes_anything(self) -> bool:
        """Whether any region's store takes recordings; those of the others are refused call by call, at the gate."""
        return VaultState.WRITABLE in self._states.values()


@dataclass(frozen=True, slots=True)
class Core:
    """The database and everything that stands on it alone: shared with the command line."""

    settings: Settings
    store: Store
    keyring: FileKeyring
    log: LogWriter
    clock: InstallationClock
    vault: RecordingVault
    vault_probe: VaultProbe
    facts: FactsReader
    ledger: Ledger
    calls: StoredCalls
    campaigns: StoredCampaigns
    personal: PersonalReader
    bundles: Bundles


def open_core(settings: Settings, signer: Signer) -> Core:
    """Open database, keys and vault."""
    keyring = open_keyring(settings)
    store = open_store(settings, "dialer")
    log = open_log(settings, keyring, "dialer")
    clock = InstallationClock(store)
    places = StoredRegions(store)
    vault = RecordingVault(vault_objects(settings), settings.folders.spool, places.of_attempt)
    probe = VaultProbe(vault, places.all)
    facts = FactsReader(keyring, Probes(clock_error_ms=clock.error_ms, vault_state=probe.state))
    trust = trust_of(KeyFiles(settings.folders.keys), settings.origin)
    verifiers = {name: sha256(content).digest() for name, content in published(CONSOLE).items()}
    return Core(
        settings=settings,
        store=store,
        keyring=keyring,
        log=log,
        clock=clock,
        vault=vault,
        vault_probe=probe,
        facts=facts,
        ledger=Ledger(store, log, keyring, read_facts=facts, decide=judge),
        calls=StoredCalls(store, log, keyring),
        campaigns=StoredCampaigns(store, shipped_packs()),
        personal=PersonalReader(keyring),
        bundles=Bundles(
            StoredBundleParts(store, keyring, trust, software(), verifiers), vault, signer, trust
        ),
    )
