"""Opening what several processes share: the database and the log."""

import secrets
from importlib.metadata import PackageNotFoundError, version

from dialer.domain.errors import InstallationError
from dialer.ports.keys import PayloadKeys
from dialer.settings import Profile, Settings
from dialer.storage.log import LogWriter
from dialer.storage.shipping import Shipper
from dialer.storage.sql import Tx
from dialer.storage.store import Store


def software() -> str:
    """The build that stands in each leaf."""
    try:
        return f"dialer-{version('dialer')}"
    except PackageNotFoundError:
        return "dialer-checkout"


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
