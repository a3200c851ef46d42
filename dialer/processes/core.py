"""The database and everything that stands on it alone: what the dialer and the command line share."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from dialer.compliance.facts import Facts, Unknown, VaultState
from dialer.compliance.gate import decide
from dialer.compliance.outcome import Allowed, Refusal
from dialer.ports.signatures import Signer
from dialer.processes.opening import open_log, open_store, software
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
from dialer.storage.store import Store
from dialer.vault.keyring import FileKeyring
from dialer.vault.recordings import LocalVault


def open_keyring(settings: Settings) -> FileKeyring:
    """The dialer's keys."""
    files = KeyFiles(settings.folders.keys)
    return FileKeyring(
        master_key=read_secret(files.master_key),
        pepper=read_secret(files.pepper),
        gate_public_key=read_public(files.gate_public),
        vrf_seed=read_secret(files.dnc_vrf),
    )


def judge(facts: Facts, now: datetime) -> Allowed | Refusal:
    """The gate with the packs that ship."""
    return decide(facts, shipped_packs(), now)


class VaultProbe:
    """The vault's state as last measured; unknown before the first measurement."""

    def __init__(self, vault: LocalVault) -> None:
        self._vault = vault
        self._state: VaultState | None = None

    async def measure(self) -> None:
        """Look at both folders."""
        self._state = await asyncio.to_thread(self._vault.state)

    def state(self) -> VaultState | Unknown:
        """What was seen last."""
        return self._state if self._state is not None else Unknown("the vault was not probed yet")


@dataclass(frozen=True, slots=True)
class Core:
    """The database and everything that stands on it alone: shared with the command line."""

    settings: Settings
    store: Store
    keyring: FileKeyring
    log: LogWriter
    clock: InstallationClock
    vault: LocalVault
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
    vault = LocalVault(settings.folders.vault, settings.folders.spool)
    probe = VaultProbe(vault)
    facts = FactsReader(keyring, Probes(clock_error_ms=clock.error_ms, vault_state=probe.state))
    trust = trust_of(KeyFiles(settings.folders.keys), settings.origin)
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
        bundles=Bundles(StoredBundleParts(store, keyring, trust, software()), vault, signer, trust),
    )
