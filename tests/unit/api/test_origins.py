"""Whose address a visitor has: our own proxies are believed, nobody else."""

from ipaddress import ip_network
from typing import cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from dialer.api.origins import address_of

PROXIES = (ip_network("10.0.0.0/24"), ip_network("2001:db8::/48"))


def asked(remote: str, *forwarded: str) -> web.Request:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    request = make_mocked_request("GET", "/", headers=headers)
    return cast(web.Request, request.clone(remote=remote))


@pytest.mark.parametrize(
    ("remote", "forwarded", "address", "why"),
    [
        ("203.0.113.9", (), "203.0.113.9", "a direct connection"),
        ("203.0.113.9", ("198.51.100.7",), "203.0.113.9", "a stranger's own header is not believed"),
        ("10.0.0.2", ("198.51.100.7",), "198.51.100.7", "our proxy says who came"),
        ("10.0.0.2", ("1.2.3.4, 198.51.100.7",), "198.51.100.7", "what stands before was the stranger's"),
        ("10.0.0.2", ("198.51.100.7, 10.0.0.3",), "198.51.100.7", "two of our proxies in a row"),
        ("10.0.0.2", ("1.2.3.4", "198.51.100.7"), "198.51.100.7", "two headers are one list"),
        ("10.0.0.2", (), "10.0.0.2", "a proxy that says nothing is itself the visitor"),
        ("10.0.0.2", ("unknown",), "", "what is no address is nobody's"),
        ("10.0.0.2", ("198.51.100.7, garbage",), "", "nothing before garbage is believed"),
        ("2001:db8::1", ("2001:db9::7",), "2001:db9::7", "the same in the newer protocol"),
    ],
)
def test_a_proxy_is_believed_as_far_as_it_is_ours(
    remote: str, forwarded: tuple[str, ...], address: str, why: str
) -> None:
    assert address_of(asked(remote, *forwarded), PROXIES) == address, why


def test_without_named_proxies_nobody_is_believed() -> None:
    assert address_of(asked("10.0.0.2", "198.51.100.7"), ()) == "10.0.0.2"
