"""As much of SIP as the door must read: who a browser's message claims to be (RFC 3261, RFC 7118).

The reader is strict where the exchange is lenient: a message that could be read in two ways is refused.
"""

import re
from dataclasses import dataclass
from typing import Final

MESSAGE_BYTES_MAX: Final = 32 * 1024
HEADERS_MAX: Final = 100

_START: Final = re.compile(r"^([A-Z]{1,20}) (\S+) SIP/2\.0$")
_STATUS: Final = re.compile(r"^SIP/2\.0 [1-6][0-9]{2}( .*)?$")
_NAME: Final = re.compile(r"^[A-Za-z0-9.!%*_+`'~-]+$")
_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\""
_ADDRESS: Final = re.compile(
    rf"^(?:{_QUOTED}\s*|[^<>\",;:@]*)<sips?:([^@<>;?:\s]+)@[^<>\s,]+>\s*(?:;(?:[^<>,\"]|{_QUOTED})*)?$"
)
_USERNAME: Final = re.compile(
    r"(?:^|[\s,])username\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]+))", re.IGNORECASE
)
_COMPACT: Final = {"f": "from", "t": "to", "m": "contact", "i": "call-id", "v": "via"}


@dataclass(frozen=True, slots=True)
class Malformed:
    """Not a SIP message that we let through."""

    why: str


@dataclass(frozen=True, slots=True)
class KeepAlive:
    """CRLF alone (RFC 5626)."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to a request of the exchange."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request: its method, who it says it is from, whether it belongs to a dialog, its credentials' users."""

    method: str
    from_user: str
    to_user: str | None
    contact_user: str | None
    in_dialog: bool
    usernames: tuple[str, ...]


Message = Request | Response | KeepAlive | Malformed


def read_message(text: str) -> Message:
    """Read one WebSocket message."""
    if not text.strip("\r\n"):
        return KeepAlive()
    if len(text) > MESSAGE_BYTES_MAX or "\0" in text:
        return Malformed("size")
    head, separator, _ = text.partition("\r\n\r\n")
    if not separator or re.search(r"(?<!\r)\n|\r(?!\n)", head):
        return Malformed("line ends")
    start, *lines = head.split("\r\n")
    if _STATUS.match(start):
        return Response()
    opening = _START.match(start)
    if opening is None:
        return Malformed("start line")
    headers = _headers(lines)
    return headers if isinstance(headers, Malformed) else _request(opening.group(1), headers)


def _headers(lines: list[str]) -> dict[str, list[str]] | Malformed:
    if len(lines) > HEADERS_MAX:
        return Malformed("too many headers")
    headers: dict[str, list[str]] = {}
    for line in lines:
        if line[:1] in (" ", "\t"):
            return Malformed("folded header")
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t").lower()
        if not colon or not _NAME.match(name):
            return Malformed("header")
        headers.setdefault(_COMPACT.get(name, name), []).append(value.strip())
    return headers


def _request(method: str, headers: dict[str, list[str]]) -> Request | Malformed:
    senders, receivers = headers.get("from", []), headers.get("to", [])
    if len(senders) != 1 or len(receivers) != 1:
        return Malformed("From and To once each")
    sender = _ADDRESS.match(senders[0])
    if sender is None:
        return Malformed("From")
    receiver = _ADDRESS.match(receivers[0])
    contacts = headers.get("contact", [])
    contact = _ADDRESS.match(contacts[0]) if len(contacts) == 1 else None
    users: list[str] = []
    for name in ("authorization", "proxy-authorization"):
        for value in headers.get(name, []):
            found = _USERNAME.findall(value)
            if len(found) != 1:
                return Malformed("credentials")
            users.append(found[0][0] or found[0][1])
    return Request(
        method=method,
        from_user=sender.group(1),
        to_user=None if receiver is None else receiver.group(1),
        contact_user=None if contact is None else contact.group(1),
        in_dialog=re.search(r";\s*tag\s*=", receivers[0], re.IGNORECASE) is not None,
        usernames=tuple(users),
    )
