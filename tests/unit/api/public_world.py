"""The public pages on a real database with the sample organisation: the real gate, the real log, no exchange."""

import html
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request

from dialer.api.app import build_app
from dialer.api.public.pages import PublicPages
from dialer.demo.sample_leads import FILED_SITE
from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT
from dialer.domain.errors import EgressUnavailable, ExchangeUnavailable
from dialer.domain.ids import AttemptId, CampaignId
from dialer.ports.ledger import Authorisation
from dialer.services.consent_codes import SmsSender
from dialer.services.consent_desk import ConsentDesk
from dialer.services.refusals import Refusals
from dialer.storage.consent_capture import StoredCapture
from dialer.storage.consent_record import StoredConsents
from dialer.storage.consent_sms import FileSms
from dialer.storage.intake import StoredIntake
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.refusal_spool import RefusalSpool
from dialer.testing.clock import HandWoundClock
from tests.unit.api.api_world import HOST, Rooms
from tests.unit.storage.storage_world import World, fresh_sqlite

FORM = f"/f/{FILED_SITE}"
SITE = "https://www.example.com"
NUMBER = "13000000041"
SMS = {
    "template_id": "SMS_0001",
    "approved_on": "2026-10-01",
    "texts": {"zh": "验证码 {code}，10 分钟内有效。", "en": "Your code is {code}."},
}


class NoExchange:
    """Nothing rings here; what should have been hung up is remembered."""

    def __init__(self) -> None:
        self.cut: list[AttemptId] = []

    async def hang_up(self, attempt_id: AttemptId) -> None:
        self.cut.append(attempt_id)
        raise ExchangeUnavailable

    async def legs(self, attempt_id: AttemptId) -> tuple[()]:
        raise EgressUnavailable


@dataclass
class Public:
    """The pages, and what stands behind them."""

    client: TestClient[Request, Application]
    world: World
    exchange: NoExchange
    messages: Path

    async def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        sent = await self.client.get(path, headers={"Host": HOST} | headers)
        return sent.status, await sent.text(), dict(sent.headers)

    async def post(
        self, path: str, fields: dict[str, str], **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        sent = await self.client.post(path, data=fields, headers={"Host": HOST} | headers)
        return sent.status, await sent.text(), dict(sent.headers)

    async def fields(self, language: str = "zh", **more: str) -> dict[str, str]:
        """What a browser sends that was shown the form."""
        _, shown, _ = await self.get(f"{FORM}?lang={language}")
        return {"text": hidden(shown, "text"), "page": "", "number": NUMBER, "act": "agree"} | more

    async def ask(self, **more: str) -> tuple[int, str, dict[str, str]]:
        """Read the form and send it."""
        return await self.post(f"{FORM}?lang=zh", await self.fields(**more))

    def receipt_path(self, page: str) -> str:
        """The address of the receipt that a page links to."""
        found = re.search(r'id="receipt" href="http://[^/]+(/r/[0-9a-f]{32})"', page)
        assert found is not None, page
        return found.group(1)

    async def decide(self) -> list[Authorisation]:
        """Let the real gate decide about every lead that is due."""
        claims = await self.world.ledger.claim(CampaignId(CAMPAIGN), 100)
        return [await self.world.ledger.authorise(claim) for claim in claims]

    def texts(self) -> list[dict[str, str]]:
        """Text messages that were sent."""
        return [json.loads(path.read_text()) for path in sorted(self.messages.glob("*.json"))]

    def want_codes(self) -> None:
        """Switch the proof of phones on for the source."""
        row = self.world.one("SELECT register_json FROM consent_source WHERE id = :id", id=FILED_SITE)
        register = json.loads(row.register_json)
        register["form"]["sms"] = SMS
        self.world.run(
            "UPDATE consent_source SET register_json = :r WHERE id = :id",
            r=json.dumps(register),
            id=FILED_SITE,
        )


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return html.unescape(found.group(1))


@pytest.fixture
async def public(rooms: Rooms, tmp_path: Path) -> AsyncIterator[Public]:
    async for opened in _public(rooms, tmp_path, FileSms(tmp_path / "sms")):
        yield opened


@pytest.fixture
async def public_without_sms(rooms: Rooms, tmp_path: Path) -> AsyncIterator[Public]:
    async for opened in _public(rooms, tmp_path, None):
        yield opened


async def _public(rooms: Rooms, folder: Path, sms: SmsSender | None) -> AsyncIterator[Public]:
    (folder / "world").mkdir()
    world = World(fresh_sqlite(folder / "world"))
    exchange, clock = NoExchange(), HandWoundClock(DEMO_INSTANT)
    refusals = Refusals(
        calls=world.calls,
        numbers=StoredDoNotCall(world.store, world.log, world.keys),
        telephony=exchange,  # type: ignore[arg-type]  # only what cuts is asked here
        egress=exchange,
        spool=RefusalSpool(folder / "refusals.spool", world.keys),
        clock=clock,
    )
    consents = StoredConsents(world.store, world.log, world.keys)
    desk = ConsentDesk(consents, refusals, sms, clock, rooms.changes)
    intake = StoredIntake(world.store, world.log, world.keys, clock)
    deps = replace(rooms.deps, consents=StoredCapture(world.store, world.keys, intake, rooms.changes))
    app = build_app(deps, PublicPages(deps.settings, desk))
    client: TestClient[Request, Application] = TestClient(TestServer(app))
    await client.start_server()
    yield Public(client, world, exchange, folder / "sms")
    await client.close()
    world.close()
