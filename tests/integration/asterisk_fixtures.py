"""Three real Asterisk instances on loopback, a permit gate to stand in for ours, and a bare AMI line."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web

from dialer.demo.carrier import CarrierRecord, read_journal
from dialer.demo.stage import free_port
from dialer.telephony.carrier_behaviour import Behaviour, CarrierSettings, CarrierTls, read_behaviours
from dialer.telephony.install import ASTERISK_CONF, AsteriskProgram, ensure_asterisk
from dialer.telephony.instance import Instance
from dialer.telephony.instance_settings import EgressSettings, Ground, HeadlessPhones, PbxSettings, RtpPorts
from dialer.telephony.trunk_profile import TrunkProfile, TrunkTransport
from tests.integration.asterisk_authority import Authority, make_authority
from tests.integration.asterisk_prompts import make_test_prompts

CALLER_ID: Final = "+8613000000099"


def number_ending(digits: str) -> str:
    """A plainly invented mobile number."""
    return f"+86130000000{digits}"


def new_token() -> str:
    """A permit's token, as the ledger makes them."""
    return "pt" + secrets.token_hex(16)


async def until(holds: Callable[[], bool], seconds_max: float = 10.0) -> None:
    """Wait for something to hold, looking at it a hundred times a second."""
    async with asyncio.timeout(seconds_max):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Yes:
    """What a permit says when it is consumed."""

    number: str
    ring_seconds: int = 30
    talk_seconds: int = 60


@dataclass(slots=True)
class StandInGate:
    """A permit gate with mutual TLS: each token is good once. `mood` makes it fail in a chosen way."""

    port: int
    authority: Authority
    permits: dict[str, Yes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    outcomes: list[dict[str, str]] = field(default_factory=list)
    failing_status: int = 0
    delay_seconds: float = 0.0
    wrong_uid: str = ""
    left_out: str = ""
    redirect_once: bool = False
    inbound: list[dict[str, str]] = field(default_factory=list)
    inbound_mode: str = "o"
    inbound_id: str = ""
    _runner: web.AppRunner | None = None

    def permit(self, number: str, ring_seconds: int = 30, talk_seconds: int = 60) -> str:
        """Issue a token for a number."""
        token = new_token()
        self.permits[token] = Yes(number, ring_seconds, talk_seconds)
        return token

    def yes(self, number: str) -> Yes:
        """A yes to a number."""
        return Yes(number)

    def form(self, yes: Yes, uid: str) -> str:
        """A yes as it goes over the wire."""
        answer = {
            "uid": uid,
            "num": yes.number,
            "cid": CALLER_ID,
            "cname": "示例软件",
            "ring": str(yes.ring_seconds),
            "max": str(yes.talk_seconds),
        }
        answer.pop(self.left_out, None)
        return urlencode(answer)

    async def start(self, certificate: tuple[Path, Path] | None = None) -> None:
        """Listen; with another certificate the gate is an impostor."""
        cert, key = certificate or self.authority.issue("gate")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        if certificate is None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority.ca)
        application = web.Application()
        application.router.add_get("/permit", self._permit)
        application.router.add_get("/outcome", self._outcome)
        application.router.add_post("/inbound", self._inbound)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=context).start()

    async def stop(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def outcome_of(self, token: str, seconds_max: float = 10.0) -> dict[str, str]:
        """Wait for the egress's report on a token."""
        await until(lambda: any(outcome["token"] == token for outcome in self.outcomes), seconds_max)
        return next(outcome for outcome in self.outcomes if outcome["token"] == token)

    async def _permit(self, request: web.Request) -> web.Response:
        token = request.query["token"]
        self.asked.append(token)
        # Before the delay: a request whose egress gave up long ago must not take what is meant for a later one.
        if self.redirect_once:
            self.redirect_once = False
            raise web.HTTPFound(location=str(request.url))
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        if self.failing_status:
            return web.Response(status=self.failing_status)
        yes = self.permits.pop(token, None)
        if yes is None:
            return web.Response(status=404)
        text = self.form(yes, self.wrong_uid or request.query["uid"])
        return web.Response(text=text, content_type="application/x-www-form-urlencoded")

    async def _inbound(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.inbound.append(form)
        if self.failing_status:
            return web.Response(status=self.failing_status)
        self.inbound_id = secrets.token_hex(16)
        mode = self.inbound_mode if form["caller"] else "u"
        text = urlencode({"uid": form["uid"], "id": self.inbound_id, "mode": mode})
        return web.Response(text=text, content_type="application/x-www-form-urlencoded")

    async def _outcome(self, request: web.Request) -> web.Response:
        self.outcomes.append(dict(request.query))
        return web.Response(status=204)


@dataclass(slots=True)
class AmiLine:
    """The least AMI there can be: one connection, events in a list. (The product's own link is another thing.)"""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    events: list[dict[str, str]] = field(default_factory=list)
    _replies: dict[str, asyncio.Future[dict[str, str]]] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, port: int, secret: str) -> AmiLine:
        """Connect and log in."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        line = cls(reader, writer)
        await reader.readline()
        line._task = asyncio.create_task(line._read())
        reply = await line.act(Action="Login", Username="dialer", Secret=secret)
        assert reply["Response"] == "Success", reply
        return line

    async def close(self) -> None:
        """Hang up the line."""
        self.writer.close()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def act(self, **headers: str | list[str]) -> dict[str, str]:
        """Send one action and wait for its reply."""
        action_id = secrets.token_hex(8)
        lines = [f"ActionID: {action_id}"]
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"{name}: {one}")
        future: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()
        self._replies[action_id] = future
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        async with asyncio.timeout(5):
            return await future

    async def event(self, seconds_max: float = 10.0, **wanted: str) -> dict[str, str]:
        """Wait for the first event that has these headers."""
        await until(lambda: bool(self.heard(**wanted)), seconds_max)
        return self.heard(**wanted)[0]

    def heard(self, **wanted: str) -> list[dict[str, str]]:
        """The events so far that have these headers."""
        return [e for e in self.events if all(e.get(name) == value for name, value in wanted.items())]

    async def _read(self) -> None:
        message: dict[str, str] = {}
        while line := await self.reader.readline():
            text = line.decode("utf-8", errors="replace").rstrip("\r\n")
            if text:
                name, _, value = text.partition(": ")
                message[name] = value
                continue
            if "Event" in message:
                self.events.append(message)
            elif (reply := self._replies.pop(message.get("ActionID", ""), None)) and not reply.done():
                reply.set_result(message)
            message = {}


@dataclass(slots=True, repr=False)
class World:
    """The exchange, the egress, the carrier, the gate and a line to the exchange."""

    root: Path
    pbx: Instance
    egress: Instance
    carrier: Instance
    gate: StandInGate
    ami: AmiLine
    pbx_settings: PbxSettings
    egress_settings: EgressSettings
    carrier_settings: CarrierSettings

    def journal(self) -> list[CarrierRecord]:
        """What the carrier wrote down, oldest first."""
        return read_journal(self.carrier_settings.journal)

    def invites(self) -> int:
        """How many INVITEs the carrier accepted so far."""
        return sum(1 for record in self.journal() if record.event == "INVITE")

    async def ring_in(self, keys: str, caller: str = "8613000000015", line: str = "4000000000") -> None:
        """Let somebody at the carrier ring our number and press `keys` (w: half a second)."""
        said = f"channel originate Local/{caller}-{line}-{keys}@ring-in extension voice@ring-in"
        await self.carrier.rx(said)

    async def originate(self, token: str, attempt: str, variables: tuple[str, ...] = ()) -> dict[str, str]:
        """Ask the exchange to dial a token, as the dialer does."""
        return await self.originate_channel(f"PJSIP/{token}@egress", attempt, variables)

    async def originate_channel(
        self, channel: str, attempt: str, variables: tuple[str, ...] = ()
    ) -> dict[str, str]:
        """Ask the exchange for any channel, as somebody with the AMI secret could."""
        return await self.ami.act(
            Action="Originate",
            Channel=channel,
            Context="callee",
            Exten="s",
            Priority="1",
            Timeout="60000",
            Async="true",
            ChannelId=attempt,
            Variable=[f"ATTEMPT={attempt}", *variables],
        )


def program_for_tests() -> AsteriskProgram:
    """The Asterisk that the tests run on; getting it fails the run, it never skips."""
    return ensure_asterisk()


async def open_world(
    program: AsteriskProgram,
    root: Path,
    prompts: Path,
    trunk: TrunkProfile | None = None,
    behaviours: tuple[Behaviour, ...] | None = None,
) -> World:
    """Start everything. behaviours: of the callees; the tests' own where none are given."""
    authority = make_authority(root / "ca")
    secrets_of = {name: secrets.token_urlsafe(24) for name in ("ami", "egress", "trunk", "phones")}
    gate = StandInGate(free_port(socket.SOCK_STREAM), authority)
    ports = {name: free_port(socket.SOCK_DGRAM) for name in ("pbx", "egress", "carrier")}
    cert, key = authority.issue("egress")
    tls = _carrier_tls(authority, trunk)
    pbx_settings = PbxSettings(
        ground=Ground("pbx", root / "pbx", program.modules, program.data),
        ami_port=free_port(socket.SOCK_STREAM),
        ami_secret=secrets_of["ami"],
        http_port=free_port(socket.SOCK_STREAM),
        sip_port=ports["pbx"],
        rtp=RtpPorts(22000, 22299),
        egress_port=ports["egress"],
        egress_secret=secrets_of["egress"],
        seats=2,
        prompts=prompts,
        recordings=root / "spool",
        key_seconds=1,
        seat_rtp_seconds_max=2,
        hold_seconds_max=2,
        headless=HeadlessPhones(3, ports["carrier"], secrets_of["phones"]),
    )
    egress_settings = EgressSettings(
        ground=Ground("egress", root / "egress", program.modules, program.data),
        sip_port=ports["egress"],
        rtp=RtpPorts(22300, 22599),
        pbx_secret=secrets_of["egress"],
        gate_url=f"https://127.0.0.1:{gate.port}",
        gate_ca=authority.ca,
        gate_cert=cert,
        gate_key=key,
        carrier_host="127.0.0.1",
        carrier_port=ports["carrier"] if tls is None else tls.port,
        trunk_user="trunk",
        trunk_secret=secrets_of["trunk"],
        prompts=prompts,
        pbx_port=ports["pbx"],
        trunk=trunk or TrunkProfile(),
    )
    carrier_settings = CarrierSettings(
        ground=Ground("carrier", root / "carrier", program.modules, program.data),
        sip_port=ports["carrier"],
        rtp=RtpPorts(22600, 22999),
        trunk_user="trunk",
        trunk_secret=secrets_of["trunk"],
        phones_secret=secrets_of["phones"],
        headless_seats=3,
        prompts=prompts,
        customer_port=ports["egress"],
        tls=tls,
        behaviours=behaviours or read_behaviours(ASTERISK_CONF / "profiles/carrier-test.toml"),
    )
    pbx, egress, carrier = (
        Instance(program, settings) for settings in (pbx_settings, egress_settings, carrier_settings)
    )
    await gate.start()
    await _start_all(pbx, egress, carrier)
    ami = await AmiLine.open(pbx_settings.ami_port, secrets_of["ami"])
    return World(root, pbx, egress, carrier, gate, ami, pbx_settings, egress_settings, carrier_settings)


async def _start_all(*instances: Instance) -> None:
    """All of them, or none."""
    started = await asyncio.gather(*(instance.start() for instance in instances), return_exceptions=True)
    for fault in started:
        if isinstance(fault, BaseException):
            await asyncio.gather(*(instance.stop() for instance in instances))
            raise fault


def _carrier_tls(authority: Authority, trunk: TrunkProfile | None) -> CarrierTls | None:
    if trunk is None or trunk.transport is not TrunkTransport.TLS:
        return None
    return CarrierTls(free_port(socket.SOCK_STREAM), *authority.issue("carrier"))


async def close_world(world: World) -> None:
    """Stop everything."""
    await world.ami.close()
    await asyncio.gather(world.pbx.stop(), world.egress.stop(), world.carrier.stop())
    await world.gate.stop()


@pytest.fixture(scope="session")
def asterisk_program() -> AsteriskProgram:
    """The program, found or fetched once a run."""
    return program_for_tests()


@pytest.fixture(scope="session")
def short_root() -> Iterator[Path]:
    """A folder with a path that is short enough for control sockets."""
    folder = Path(tempfile.mkdtemp(prefix="ast-", dir=os.environ.get("DIALER_TEST_TMP")))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(asterisk_program: AsteriskProgram, short_root: Path) -> AsyncIterator[World]:
    """Three instances, the gate and an AMI line, for the whole session."""
    prompts = short_root / "prompts"
    make_test_prompts(prompts)
    opened = await open_world(asterisk_program, short_root, prompts)
    yield opened
    await close_world(opened)
