"""Somebody who knows the trunk's password and calls the carrier by themselves. Run by its text, as any user.

Standard input: JSON with host, port, user, secret, number. It prints the carrier's final status, or 0 when nothing came.
"""

import hashlib
import json
import re
import secrets
import socket
import sys

ANSWER_SECONDS_MAX = 5.0


def main() -> None:
    """Call once: the INVITE, the carrier's challenge, the INVITE with its answer."""
    said = json.load(sys.stdin)
    with socket.socket(type=socket.SOCK_DGRAM) as line:
        line.settimeout(ANSWER_SECONDS_MAX)
        try:
            line.connect((said["host"], said["port"]))
            print(call(line, said), flush=True)
        except OSError:
            print(0, flush=True)


def call(line: socket.socket, said: dict[str, str]) -> int:
    """The final status."""
    uri, name = f"sip:{said['number']}@{said['host']}:{said['port']}", secrets.token_hex(8)
    status, text = ask(line, said, uri, name, 1, "")
    if status == 401:
        challenge = dict(re.findall(r'(\w+)="?([^",\r\n]+)"?', text.split("WWW-Authenticate: Digest")[1]))
        status, _ = ask(line, said, uri, name, 2, answer(challenge, said, uri))
    return status


def answer(challenge: dict[str, str], said: dict[str, str], uri: str) -> str:
    """The digest of RFC 2617."""
    one = md5(f"{said['user']}:{challenge['realm']}:{said['secret']}")
    response = md5(f"{one}:{challenge['nonce']}:00000001:c0:auth:{md5(f'INVITE:{uri}')}")
    return (
        f'Authorization: Digest username="{said["user"]}", realm="{challenge["realm"]}", '
        f'nonce="{challenge["nonce"]}", uri="{uri}", response="{response}", algorithm=MD5, '
        f'cnonce="c0", qop=auth, nc=00000001\r\n'
    )


def md5(text: str) -> str:
    """SIP's digest is MD5 by definition."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def ask(
    line: socket.socket, said: dict[str, str], uri: str, name: str, number: int, answered: str
) -> tuple[int, str]:
    """Send one INVITE; its final answer."""
    host, port = line.getsockname()
    body = (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
    )
    line.send(
        (
            f"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{secrets.token_hex(6)}\r\n"
            f"From: <sip:{said['user']}@{host}>;tag={name[:6]}\r\nTo: <{uri}>\r\nCall-ID: {name}\r\n"
            f"CSeq: {number} INVITE\r\nContact: <sip:{said['user']}@{host}:{port}>\r\nMax-Forwards: 10\r\n"
            f"{answered}Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
    )
    while True:
        text = line.recv(8192).decode()
        status = int(text.split()[1])
        if status >= 200 and re.search(rf"^CSeq: {number} INVITE", text, re.MULTILINE):
            return status, text


main()
