"""From where a request came, when proxies stand in between that the operator has named."""

from ipaddress import IPv4Network, IPv6Network, ip_address

from aiohttp import web

Network = IPv4Network | IPv6Network


def address_of(request: web.Request, proxies: tuple[Network, ...]) -> str:
    """The visitor's address: the connection's own, or what the nearest trusted proxy says of it.

    `X-Forwarded-For` is read from its end, where our own proxies write, as far as each hop is one of `proxies`; what
    stands before the first that isn't was written by a stranger and is never believed. "" when nothing can be believed.
    """
    address = request.remote or ""
    if not _is_of(address, proxies):
        return address
    said = ",".join(request.headers.getall("X-Forwarded-For", []))
    for hop in reversed([part.strip() for part in said.split(",") if part.strip()]):
        if not _is_address(hop):
            return ""
        if not _is_of(hop, proxies):
            return hop
        address = hop
    return address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_of(text: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return any(address in network for network in networks if network.version == address.version)
