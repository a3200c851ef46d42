"""Opening what several processes share: the database and the log."""

import secrets
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import dialer.api
from dialer.domain.errors import InstallationError
from dialer.ports.keys import PayloadKeys
from dialer.settings import Profile, Settings
from dialer.signing.keys import KeyFiles, read_secret_text
from dialer.signing.places import KeyPlace, PlaceSettings, open_place
from dialer.storage.log import LogWriter
from dialer.storage.shipping import Shipper
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.vault.objects import LocalObjects, Objects
from dialer.vault.regions import RegionalObjects

CONSOLE: Final = Path(dialer.api.__file__).parent / "console"
"""The built console."""


def software() -> str:
    """The build that stands in each leaf."""
    try:
        return f"dialer-{version('dialer')}"
    except PackageNotFoundError:
        return "dialer-checkout"


def vault_objects(settings: Settings) -> Objects:
    """Where recordings lie: the local folder, or each region's store.

    Raises:
        InstallationError: a store's key file can't be read.
    """
    local = LocalObjects(settings.folders.vault)
    if not settings.vault.regions:
        return local
    # the store's library costs a third of a second at every start: only where one is set
    from dialer.vault.s3 import S3Objects, S3Place

    stores = {
        name: S3Objects(
            S3Place(
                endpoint=said.endpoint,
                bucket=said.bucket,
                signing_region=said.signing_region,
                access_key=read_secret_text(said.access_key_file),
                secret_key=read_secret_text(said.secret_key_file),
                lock_days=said.lock_days,
                ca_file=None if said.ca is None else str(said.ca),
            )
        )
        for name, said in settings.vault.regions.items()
    }
    return RegionalObjects(stores, local)


def key_place(settings: Settings) -> KeyPlace:
    """Where the signing keys live.

    Raises:
        InstallationError: it can't be opened.
    """
    said = settings.keys
    return open_place(PlaceSettings(said.place, said.options), KeyFiles(settings.folders.keys))


def open_log(settings: Settings, keys: PayloadKeys, process: str) -> LogWriter:
    """A writer of the log for this start of this process."""
    return LogWriter(
        origin=settings.origin,
        node=f"{settings.node}.{process}",
        boot=secrets.token_hex(8),
        software=software(),
        keys=keys,
    )


def open_store(settings: Settings, process: str = "command") -> Store:
    """The database, whose leaves are shipped where a folder is set for it; a shifted clock outside the demo profile is refused.

    Raises:
        InstallationError: the clock is shifted and the profile isn't demo.
    """
    folder = settings.folders.shipped
    store = Store(settings.database, None if folder is None else Shipper(folder, process))

    def offset(tx: Tx) -> int:
        return int(tx.sole("SELECT offset_us FROM clock_offset").offset_us)

    if store.read_now(offset) != 0 and settings.profile is not Profile.DEMO:
        store.close()
        raise InstallationError("the clock is shifted, which only the demo profile may do")
    return store
