"""`dialer doctor`: examines a whole installation and says how to cure each thing that it finds.

What the dialer itself may see of this (`watch`) is also what the alerts are raised from; keys and their owners are for
whoever runs the doctor, best as root.
"""

import asyncio
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import aiohttp

from dialer.domain.errors import InstallationError, StoreUnavailable
from dialer.jobs.couriers import MailCourier, WebhookCourier, read_line_secret
from dialer.processes.doctor_host import look_at_host
from dialer.processes.health import ON_SOCKETS, answers, failing_parts
from dialer.processes.opening import open_store
from dialer.rules.calendar import CalendarGap, calendar_gap
from dialer.rules.kinds.moments import Holidays
from dialer.rules.pack import Place, applies
from dialer.rules.resolve import PackSet
from dialer.rules.shipped import shipped_packs
from dialer.services.alerts import Courier
from dialer.services.findings import Finding, finding
from dialer.services.outside_lists import list_ages_max
from dialer.settings import MailTls, Profile, Settings
from dialer.signing.certificates import CertificateFiles, expires_at
from dialer.signing.keys import KeyFiles
from dialer.storage.health import ListAge, StoredHealth, read_health
from dialer.storage.migrate import newest_revision
from dialer.storage.store import Store
from dialer.vault.objects import FREE_BYTES_MIN

CERTIFICATE_DAYS: Final = 30
DISK_LOW_SHARE: Final = 0.1
SPOOL_SECONDS_MAX: Final = 3600
CLOCK_MS_MAX: Final = 1000
LIST_AGEING_SHARE: Final = 0.75
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_GAPS: Final = {CalendarGap.THIS_YEAR: "calendar.this_year", CalendarGap.NEXT_YEAR: "calendar.next_year"}


async def examine(settings: Settings) -> tuple[Finding, ...]:
    """Everything that is wrong, gravest parts first: keys, processes, database, certificates, disks."""
    stored = await asyncio.to_thread(_in_database, settings)
    running = await _processes(settings)
    host = await look_at_host(settings)
    return (*look_at_keys(settings), *running, *stored, *host, *watch_files(settings))


async def watch(settings: Settings, store: Store, clock: Callable[[], datetime]) -> tuple[Finding, ...]:
    """What the running dialer can see of itself and its neighbours; itself it doesn't ask."""
    try:
        health = await store.read(lambda tx: read_health(tx, clock()))
        stored = judge_stored(health, newest_revision(), shipped_packs())
    except StoreUnavailable:
        stored = (finding("database.away", ""),)
    down = tuple([finding("process.down", name) for name in ON_SOCKETS if not await answers(settings, name)])
    return (*down, *stored, *await asyncio.to_thread(watch_files, settings))


def couriers_of(settings: Settings) -> tuple[Courier, ...]:
    """Who takes the alerts to people, as the settings say.

    Raises:
        InstallationError: a secret's file can't be read.
    """
    found: list[Courier] = []
    mail, hook = settings.alerts.mail, settings.alerts.webhook
    if mail is not None:
        if mail.tls is MailTls.NONE and mail.host not in LOOPBACK:
            raise InstallationError("alerts.mail: outside loopback, mail needs tls or starttls")
        found.append(
            MailCourier(
                host=mail.host,
                port=mail.port,
                tls=mail.tls,
                user=mail.user,
                password=None if mail.password_file is None else read_line_secret(mail.password_file),
                sender=mail.sender,
                to=mail.to,
                origin=settings.origin,
            )
        )
    if hook is not None:
        found.append(WebhookCourier(hook.url, read_line_secret(hook.secret_file), settings.origin))
    return tuple(found)


# ---------------------------------------------------------------- keys


def look_at_keys(settings: Settings) -> tuple[Finding, ...]:
    """Key files that are missing, that others can read, or that all belong to one user."""
    files = KeyFiles(settings.folders.keys)
    private = (
        files.master_key,
        files.pepper,
        files.dnc_vrf,
        files.gate_private,
        files.log_private,
        files.bundle_private,
        files.witness_private,
    )
    found, owners = [], set()
    for path in private:
        about = f"{path.parent.name}/{path.name}"
        try:
            status = path.stat()
        except OSError:
            found.append(finding("key.missing", about))
            continue
        owners.add(status.st_uid)
        if stat.S_IMODE(status.st_mode) & 0o077:
            found.append(finding("key.open", about))
    if len(owners) == 1 and settings.profile is Profile.PRODUCTION:
        found.append(finding("keys.one_user", str(owners.pop())))
    return tuple(found)


# ---------------------------------------------------------------- processes


async def _processes(settings: Settings) -> tuple[Finding, ...]:
    found = [finding("process.down", name) for name in ON_SOCKETS if not await answers(settings, name)]
    try:
        failing = await failing_parts(settings)
    except (OSError, TimeoutError, ValueError, aiohttp.ClientError):
        return (*found, finding("process.down", "dialer"))
    return (*found, *(finding("dialer.not_ready", part) for part in failing))


# ---------------------------------------------------------------- database


def _in_database(settings: Settings) -> tuple[Finding, ...]:
    try:
        store = open_store(settings)
    except (StoreUnavailable, InstallationError):
        return (finding("database.away", ""),)
    try:
        offset = store.read_now(lambda tx: int(tx.sole("SELECT offset_us FROM clock_offset").offset_us))
        now = datetime.now(UTC) + timedelta(microseconds=offset)
        health = store.read_now(lambda tx: read_health(tx, now))
    except StoreUnavailable:
        return (finding("database.away", ""),)
    finally:
        store.close()
    apart_ms = abs(int((health.now - now).total_seconds() * 1000))
    clock = (finding("clock.off", str(apart_ms)),) if apart_ms > CLOCK_MS_MAX else ()
    return (*clock, *judge_stored(health, newest_revision(), shipped_packs()))


def judge_stored(health: StoredHealth, revision: str, packs: PackSet) -> tuple[Finding, ...]:
    """What the database's own state says, under the packs that ship."""
    found = []
    if health.revision != revision:
        found.append(finding("database.old", health.revision))
    found += [finding("stop.open", code) for code in health.stops]
    found += [finding("webhook.failing", webhook) for webhook in health.webhooks_failing]
    if health.witness_seconds is not None:
        found.append(finding("witness.late", str(health.witness_seconds)))
    found += look_at_calendars(packs, health.places, health.now)
    return (*found, *_list_ages(health.lists, health.now, list_ages_max(packs.packs, health.now.date())))


def look_at_calendars(packs: PackSet, places: tuple[Place, ...], now: datetime) -> Iterator[Finding]:
    """Calendars by which calls between these places are judged and that lack this year, or from 1 November the next."""
    binding = [pack for pack in packs.packs if any(applies(pack, place) for place in places)]
    named = {r.value.calendar for pack in binding for r in pack.rules if isinstance(r.value, Holidays)}
    for calendar in (c for c in packs.calendars.values() if c.calendar_id in named):
        gap = calendar_gap(calendar, now.astimezone(ZoneInfo(calendar.zone)).date())
        if gap is not None:
            yield finding(_GAPS[gap], calendar.calendar_id)


def _list_ages(lists: tuple[ListAge, ...], now: datetime, days_max: Mapping[str, int]) -> Iterator[Finding]:
    for known in lists:
        allowed = days_max.get(known.kind)
        if allowed is None:
            continue
        share = (now - known.as_of) / timedelta(days=allowed)
        if share > 1:
            yield finding("list.old", known.kind)
        elif share > LIST_AGEING_SHARE:
            yield finding("list.ageing", known.kind)


# ---------------------------------------------------------------- files


def watch_files(settings: Settings) -> tuple[Finding, ...]:
    """Certificates, disks, and recordings that nobody sealed."""
    return (*_certificates(settings, datetime.now(UTC)), *_disks(settings), *_spool(settings))


def _certificates(settings: Settings, now: datetime) -> Iterator[Finding]:
    files = CertificateFiles(settings.folders.keys)
    paths = [files.ca]
    if settings.web.certificate is not None:
        paths.append(settings.web.certificate)
    # the gate's own lies in the gate's folder, which only the gate's user and root can look into
    if os.access(files.certificate("gate").parent, os.X_OK):
        paths.append(files.certificate("gate"))
    for path in paths:
        ends = expires_at(path)
        if ends is None:
            yield finding("certificate.missing", path.name)
        elif ends <= now:
            yield finding("certificate.expired", path.name)
        elif ends <= now + timedelta(days=CERTIFICATE_DAYS):
            yield finding("certificate.soon", path.name)


def _disks(settings: Settings) -> Iterator[Finding]:
    folders = settings.folders
    for name, folder in (("vault", folders.vault), ("spool", folders.spool), ("run", folders.run)):
        try:
            usage = shutil.disk_usage(folder)
        except OSError:
            yield finding("disk.full", name)
            continue
        if usage.free < FREE_BYTES_MIN or not os.access(folder, os.W_OK):
            yield finding("disk.full", name)
        elif usage.free < usage.total * DISK_LOW_SHARE:
            yield finding("disk.low", name)


def _spool(settings: Settings) -> Iterator[Finding]:
    left = 0
    for path in settings.folders.spool.glob("*"):
        try:
            left += path.is_file() and time.time() - path.stat().st_mtime > SPOOL_SECONDS_MAX
        except OSError:
            continue
    if left:
        yield finding("spool.left", str(left))
