"""Alerts, delivered to a real mail server and a real web server: what begins, what ends, and what waits for a courier."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from dialer.domain.errors import CourierUnavailable
from dialer.jobs.couriers import MailCourier, WebhookCourier
from dialer.services.alerts import Alerts
from dialer.services.findings import Finding, finding

SECRET = "not-a-secret-of-anyone"
DISK = finding("disk.low", "vault")
WITNESS = finding("witness.late", "90")


class At:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 6, 1, 12, tzinfo=UTC)


class Receiver:
    """A web server that takes alerts, unless it is told to be broken."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, list[dict[str, object]]]] = []
        self.status = 204
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        stamp = request.headers["X-Dialer-Timestamp"].encode()
        expected = hmac.new(SECRET.encode(), b"v1." + stamp + b"." + body, hashlib.sha256).hexdigest()
        assert request.headers["X-Dialer-Signature"] == f"v1={expected}"
        if self.status == 204:
            self.bodies.append(json.loads(body))
        return web.Response(status=self.status)

    def told(self) -> list[list[tuple[object, object]]]:
        return [[(a["turn"], a["code"]) for a in body["alerts"]] for body in self.bodies]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/alerts", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listening).start()
    made.url = f"http://127.0.0.1:{listening.getsockname()[1]}/alerts"
    yield made
    await runner.cleanup()


class Mailbox:
    """What aiosmtpd hands over."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (its name)
        del server, session
        self.envelopes.append(envelope)
        return "250 taken"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


def mail(port: int) -> MailCourier:
    return MailCourier(
        host="127.0.0.1",
        port=port,
        tls="none",
        user=None,
        password=None,
        sender="dialer@calls.example",
        to=["ops@calls.example"],
        origin="calls.example/log",
    )


class Looking:
    """What a look finds, settable."""

    def __init__(self) -> None:
        self.found: tuple[Finding, ...] = ()

    async def __call__(self) -> tuple[Finding, ...]:
        return self.found


async def test_a_finding_is_told_when_it_lasts_and_again_when_it_is_over(receiver: Receiver) -> None:
    look = Looking()
    alerts = Alerts(look, [WebhookCourier(receiver.url, SECRET, "calls.example/log")], At())
    await alerts.run()
    look.found = (DISK,)
    await alerts.run()
    assert receiver.told() == []
    for _ in range(3):
        await alerts.run()
    assert receiver.told() == [[("began", "disk.low")]]
    look.found = ()
    await alerts.run()
    await alerts.run()
    assert receiver.told() == [[("began", "disk.low")], [("ended", "disk.low")]]


async def test_what_comes_and_goes_at_once_is_not_told(receiver: Receiver) -> None:
    look = Looking()
    alerts = Alerts(look, [WebhookCourier(receiver.url, SECRET, "calls.example/log")], At())
    for _ in range(4):
        look.found = (DISK,)
        await alerts.run()
        look.found = ()
        await alerts.run()
    assert receiver.told() == []


async def test_a_courier_that_fails_tells_later_and_keeps_no_other_from_telling(
    receiver: Receiver, mailbox: tuple[Mailbox, int]
) -> None:
    box, port = mailbox
    look = Looking()
    alerts = Alerts(look, [WebhookCourier(receiver.url, SECRET, "o"), mail(port)], At())
    look.found = (DISK, WITNESS)
    receiver.status = 503
    await alerts.run()
    with pytest.raises(CourierUnavailable):
        await alerts.run()
    assert (receiver.told(), len(box.envelopes)) == ([], 1)
    receiver.status = 204
    await alerts.run()
    assert receiver.told() == [[("began", "disk.low"), ("began", "witness.late")]]
    assert len(box.envelopes) == 1


async def test_a_mail_says_it_in_both_languages_with_its_cure(mailbox: tuple[Mailbox, int]) -> None:
    box, port = mailbox
    look = Looking()
    alerts = Alerts(look, [mail(port)], At())
    look.found = (DISK,)
    await alerts.run()
    await alerts.run()
    (envelope,) = box.envelopes
    assert envelope.rcpt_tos == ["ops@calls.example"]
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=default)
    body = message.get_body()
    assert body is not None
    text = body.get_content()
    for words in (DISK.sentence.zh, DISK.sentence.en, DISK.cure.zh, DISK.cure.en):
        assert words in text
    assert "1 began" in str(message["Subject"])


async def test_nobody_at_the_address_is_a_courier_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    look = Looking()
    look.found = (DISK,)
    for courier in (WebhookCourier(f"http://127.0.0.1:{port}/", SECRET, "o"), mail(port)):
        alerts = Alerts(look, [courier], At())
        await alerts.run()
        with pytest.raises(CourierUnavailable):
            await alerts.run()
