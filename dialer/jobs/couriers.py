"""Alerts by mail and by webhook. Their words are fixed: codes, sentences, cures; never a person's data."""

import json
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp
import aiosmtplib

from dialer.domain.errors import CourierUnavailable, InstallationError
from dialer.services.alerts import Alert, Turn
from dialer.services.refusal_hooks import SIGNATURE_PREFIX, signature_of

SECONDS_MAX: Final = 10.0
SIGNATURE: Final = "X-Dialer-Signature"
TIMESTAMP: Final = "X-Dialer-Timestamp"


def read_line_secret(path: Path) -> str:
    """The one line of a secret's file.

    Raises:
        InstallationError: it can't be read.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as missing:
        raise InstallationError(f"the secret file {path.name} can't be read by this user") from missing


class WebhookCourier:
    """Posts each round of alerts as one JSON document, signed as partners sign theirs."""

    def __init__(self, url: str, secret: str, origin: str) -> None:
        self._url = url
        self._secret = secret.encode()
        self._origin = origin

    async def deliver(self, alerts: Sequence[Alert]) -> None:
        """`Courier`. Anything but a 2xx answer is a failure."""
        said = {"origin": self._origin, "alerts": [_document(alert) for alert in alerts]}
        body = json.dumps(said, ensure_ascii=False).encode()
        # the receiver holds it against its own clock: real time, also where the demo's is shifted
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: SIGNATURE_PREFIX + signature_of(self._secret, timestamp, body),
        }
        timeout = aiohttp.ClientTimeout(total=SECONDS_MAX)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    raise CourierUnavailable(f"the alert webhook answered {answer.status}")
        except (aiohttp.ClientError, OSError, TimeoutError) as away:
            raise CourierUnavailable(f"the alert webhook can't be reached: {type(away).__name__}") from away


class MailCourier:
    """Sends each round of alerts as one plain mail, Chinese above English. `tls`: `tls`, `starttls` or `none`."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        tls: str,
        user: str | None,
        password: str | None,
        sender: str,
        to: Sequence[str],
        origin: str,
    ) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._user, self._password = user, password
        self._sender, self._to, self._origin = sender, tuple(to), origin

    async def deliver(self, alerts: Sequence[Alert]) -> None:
        """`Courier`. One mail to all of them; a recipient that the server refuses is a failure."""
        context = ssl.create_default_context() if self._tls != "none" else None
        try:
            refused, _ = await aiosmtplib.send(
                self._mail(alerts),
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._tls == "tls",
                start_tls=self._tls == "starttls",
                tls_context=context,
                timeout=SECONDS_MAX,
            )
        except (aiosmtplib.SMTPException, OSError) as away:
            raise CourierUnavailable(
                f"the mail server did not take the alert: {type(away).__name__}"
            ) from away
        if refused:
            raise CourierUnavailable("the mail server refused a recipient of the alerts")

    def _mail(self, alerts: Sequence[Alert]) -> EmailMessage:
        began = sum(alert.turn is Turn.BEGAN for alert in alerts)
        mail = EmailMessage()
        mail["From"], mail["To"] = self._sender, ", ".join(self._to)
        mail["Subject"] = f"[{self._origin}] {began} began, {len(alerts) - began} ended / 新增 {began} 项告警"
        mail.set_content("\n\n".join(_paragraph(alert) for alert in alerts) + "\n")
        return mail


def _document(alert: Alert) -> dict[str, object]:
    said = alert.finding
    return {
        "turn": alert.turn.value,
        "at": alert.at.isoformat(),
        "code": said.code,
        "about": said.about,
        "gravity": said.gravity.value,
        "sentence": {"zh": said.sentence.zh, "en": said.sentence.en},
        "cure": {"zh": said.cure.zh, "en": said.cure.en},
    }


def _paragraph(alert: Alert) -> str:
    said = alert.finding
    zh, en = ("开始", "Began") if alert.turn is Turn.BEGAN else ("已恢复", "Ended")
    lines = [f"{zh}：{said.sentence.zh}", f"{en}: {said.sentence.en} [{said.code}]"]
    if alert.turn is Turn.BEGAN:
        lines += [f"处理：{said.cure.zh}", f"Cure: {said.cure.en}"]
    return "\n".join(lines)
