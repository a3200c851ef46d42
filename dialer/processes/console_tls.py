"""The console's certificate: served, and exchanged for a newer one without a restart.

Certificates come from files. Whoever fetches them by ACME does it outside (certbot, docs/production.md): a process that
holds keys and a database needs neither port 80 nor an account somewhere, and certbot's hook hands over what it fetched:

    certbot ──renewed──▶ `dialer keys certificate CHAIN KEY` ──checked, put in place──▶ seen here within a minute
"""

import asyncio
import datetime as dt
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509

from dialer.domain.errors import InstallationError
from dialer.settings import Settings

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True)
class ConsoleTls:
    """A context that browsers are served by, and the state of the files that it was read from."""

    chain: Path
    key: Path
    context: ssl.SSLContext
    seen: tuple[int, int]

    async def look(self) -> bool:
        """Serve by the files as they are now, where they changed; whether they had.

        Raises:
            InstallationError: they are no pair, or can't be read; the former certificate is still served.
        """
        now = _state(self.chain, self.key)
        if now == self.seen:
            return False
        # a pair that doesn't fit must not reach the context that is in use
        await asyncio.to_thread(_context, self.chain, self.key)
        await asyncio.to_thread(self.context.load_cert_chain, self.chain, self.key)
        self.seen = now
        return True


def open_tls(settings: Settings) -> ConsoleTls | None:
    """The console's TLS; None on loopback without a certificate.

    Raises:
        InstallationError: outside loopback without one, or the pair can't be used.
    """
    chain, key = settings.web.certificate, settings.web.key
    if chain is None or key is None:
        if settings.web.host not in LOOPBACK:
            raise InstallationError(
                "outside loopback the console needs a certificate: set web.certificate and web.key"
            )
        return None
    return ConsoleTls(chain, key, _context(chain, key), _state(chain, key))


def take_certificate(settings: Settings, chain: Path, key: Path) -> dt.datetime:
    """Put a newer pair in the place of the console's; when it expires. What is wrong with it is found before.

    Raises:
        InstallationError: no pair, expired, for another name, or the settings name no place for it.
    """
    placed = settings.web.certificate, settings.web.key
    if placed[0] is None or placed[1] is None:
        raise InstallationError(
            "the settings name neither web.certificate nor web.key: there is no place for it"
        )
    _context(chain, key)
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    ends = certificate.not_valid_after_utc
    if ends <= dt.datetime.now(dt.UTC):
        raise InstallationError(f"{chain.name} has expired")
    wanted = _names(settings)
    if missing := sorted(wanted - _covered(certificate, wanted)):
        raise InstallationError(f"{chain.name} is not for {', '.join(missing)}")
    # the key first: while the two don't fit, the former pair is served on
    _replace(placed[1], key.read_bytes())
    _replace(placed[0], chain.read_bytes())
    return ends


def _context(chain: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(chain, key)
    except (OSError, ssl.SSLError) as wrong:
        raise InstallationError(f"{chain.name} and {key.name} can't be read, or are no pair") from wrong
    return context


def _state(chain: Path, key: Path) -> tuple[int, int]:
    try:
        return chain.stat().st_mtime_ns, key.stat().st_mtime_ns
    except OSError as missing:
        raise InstallationError("the console's certificate or its key is not there") from missing


def _names(settings: Settings) -> set[str]:
    """The names under which people reach the console itself; a reverse proxy's address is the proxy's to prove."""
    proxied = bool(settings.web.proxies)
    addresses = () if proxied else settings.web.addresses
    hosts = {address.removeprefix("https://").rsplit(":", 1)[0] for address in addresses}
    own = settings.web.host
    return hosts | ({own} if own not in (*LOOPBACK, "0.0.0.0", "::") else set())  # noqa: S104 - compared, not bound


def _covered(certificate: x509.Certificate, wanted: set[str]) -> set[str]:
    try:
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    names = set(named.get_values_for_type(x509.DNSName))
    names |= {str(address) for address in named.get_values_for_type(x509.IPAddress)}
    return {one for one in wanted if one in names or f"*.{one.split('.', 1)[-1]}" in names}


def _replace(place: Path, content: bytes) -> None:
    """Put a file in the place of another in one step, with the same owner and mode."""
    former = place.stat()
    fresh = place.with_name(f".{place.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0:
        os.chown(fresh, former.st_uid, former.st_gid)
    fresh.chmod(former.st_mode & 0o777)
    fresh.replace(place)
