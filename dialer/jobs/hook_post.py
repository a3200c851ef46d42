"""Sends a webhook's message, and nowhere but to the public net unless the operator opened a private one.

Whoever may set an address could otherwise make the product ask its own neighbours (server-side request forgery). So the
address that is really connected to is looked at, after the name was resolved and in the same step, and redirects
aren't followed.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from dialer.services.webhooks import Posted

SECONDS_MAX: Final = 10.0
ANSWER_BYTES_MAX: Final = 4096
REFUSED: Final = "address_refused"
UNREACHABLE: Final = "unreachable"
TIMED_OUT: Final = "timeout"
UNTRUSTED: Final = "certificate_refused"

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_TRANSLATED: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("2002::/16"))
"""IPv6 addresses behind which an IPv4 address sits that nobody looked at."""


class AddressRefused(OSError):
    """The name leads to an address that may not be asked. Nothing was sent."""


def may_be_asked(address: Address, private: Sequence[Network], *, scheme: str) -> bool:
    """Whether a message may go to this address: a public one over https, or one of the operator's private networks."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    real = mapped or address
    if any(real in network for network in private if network.version == real.version):
        return True
    if scheme != "https" or not real.is_global or real.is_multicast:
        return False
    return not any(real in network for network in _TRANSLATED if network.version == real.version)


class _LookedAt(AbstractResolver):
    """Resolves a name to those of its addresses that may be asked."""

    def __init__(self, private: Sequence[Network], scheme: str) -> None:
        self._private = private
        self._scheme = scheme
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [
            one for one in found if may_be_asked(ip_address(one["host"]), self._private, scheme=self._scheme)
        ]
        if not allowed:
            raise AddressRefused("not an address that may be asked")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


class HookPost:
    """`services.webhooks.Post` over HTTP."""

    def __init__(self, private: Sequence[Network]) -> None:
        """`private`: networks that the operator opened; with them http may do, too."""
        self._private = tuple(private)

    async def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Posted:
        split = urlsplit(url)
        if _is_literal(split.hostname or "") and not may_be_asked(
            ip_address(split.hostname or ""), self._private, scheme=split.scheme
        ):
            # a literal address is connected to without being resolved
            return Posted(None, REFUSED)
        connector = aiohttp.TCPConnector(
            resolver=_LookedAt(self._private, split.scheme), use_dns_cache=False, force_close=True
        )
        timeout = aiohttp.ClientTimeout(total=SECONDS_MAX)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
                session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                await answer.content.read(ANSWER_BYTES_MAX)
                return Posted(answer.status, str(answer.status))
        except AddressRefused:
            return Posted(None, REFUSED)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError):
            return Posted(None, UNTRUSTED)
        except aiohttp.ClientConnectorError as away:
            refused = isinstance(away.os_error, AddressRefused)
            return Posted(None, REFUSED if refused else UNREACHABLE)
        except TimeoutError:
            return Posted(None, TIMED_OUT)
        except (aiohttp.ClientError, OSError, ValueError):
            return Posted(None, UNREACHABLE)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
