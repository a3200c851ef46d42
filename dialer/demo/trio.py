"""The demo's three Asterisks: the dialer's exchange, the egress, and the simulated carrier with the agents' phones."""

import asyncio
import secrets

from dialer.demo.stage import SEATS, Stage
from dialer.domain.errors import InstallationError
from dialer.processes.accounts import groups_of
from dialer.processes.init import Users
from dialer.signing.certificates import CertificateFiles
from dialer.telephony.carrier_behaviour import Behaviour, CarrierSettings, read_behaviours
from dialer.telephony.install import ASTERISK_CONF, AsteriskProgram
from dialer.telephony.instance import ExchangeStartError, Instance, RunAs
from dialer.telephony.instance_settings import (
    LOOPBACK,
    EgressSettings,
    Ground,
    HeadlessPhones,
    PbxSettings,
    RtpPorts,
)

RTP = {"pbx": (26000, 26799), "egress": (26800, 27999), "carrier": (28000, 28799)}


class Trio:
    """Three instances, started and stopped together."""

    def __init__(
        self,
        stage: Stage,
        program: AsteriskProgram,
        behaviours: tuple[Behaviour, ...] | None = None,
        media_address: str = LOOPBACK,
    ) -> None:
        """`behaviours`: what callees do; None: as the demo's profile says. `media_address`: of browsers' audio."""
        trunk, phones, link = (secrets.token_urlsafe(24) for _ in range(3))
        shown = behaviours or read_behaviours(ASTERISK_CONF / "profiles" / "carrier-demo.toml")
        self.carrier_settings = _carrier(stage, program, trunk, phones, shown)
        self.pbx = Instance(
            program, _pbx(stage, program, link, phones, media_address), run_as(stage, "dialer")
        )
        self.egress = Instance(program, _egress(stage, program, link, trunk), run_as(stage, "egress"))
        self.carrier = Instance(program, self.carrier_settings)

    async def start(self) -> None:
        """Start all three.

        Raises:
            InstallationError: one of them didn't come up; none is left running.
        """
        instances = (self.carrier, self.egress, self.pbx)
        started = await asyncio.gather(*(i.start() for i in instances), return_exceptions=True)
        for fault in started:
            if isinstance(fault, ExchangeStartError):
                await self.stop()
                raise InstallationError(str(fault)) from fault
            if isinstance(fault, BaseException):
                await self.stop()
                raise fault

    async def stop(self) -> None:
        """Stop all three."""
        await asyncio.gather(*(i.stop() for i in (self.pbx, self.egress, self.carrier)))


def run_as(stage: Stage, user: str) -> RunAs | None:
    """As whom an instance runs: that system user, where each process has its own."""
    return RunAs(*groups_of(user)) if stage.users is Users.ONE_EACH else None


def _rtp(name: str) -> RtpPorts:
    return RtpPorts(*RTP[name])


def ground_of(stage: Stage, program: AsteriskProgram, name: str) -> Ground:
    """Where an instance stands."""
    # The gate cuts calls through the egress's control socket, as a member of its group.
    return Ground(name, stage.home / name, program.modules, program.data, control_mode="0660")


def _pbx(stage: Stage, program: AsteriskProgram, link: str, phones: str, media_address: str) -> PbxSettings:
    return PbxSettings(
        ground=ground_of(stage, program, "pbx"),
        ami_port=stage.ports.ami,
        ami_secret=stage.ami_secret,
        http_port=stage.ports.http,
        sip_port=stage.ports.pbx_sip,
        rtp=_rtp("pbx"),
        egress_port=stage.ports.egress_sip,
        egress_secret=link,
        seats=SEATS,
        media_address=media_address,
        prompts=stage.prompts,
        recordings=stage.settings.folders.spool,
        headless=HeadlessPhones(stage.settings.exchange.headless, stage.ports.carrier_sip, phones),
    )


def _egress(stage: Stage, program: AsteriskProgram, link: str, trunk: str) -> EgressSettings:
    files = CertificateFiles(stage.settings.folders.keys)
    return EgressSettings(
        ground=ground_of(stage, program, "egress"),
        sip_port=stage.ports.egress_sip,
        rtp=_rtp("egress"),
        pbx_secret=link,
        gate_url=f"https://127.0.0.1:{stage.ports.gate}",
        gate_ca=files.ca,
        gate_cert=files.certificate("egress"),
        gate_key=files.key("egress"),
        carrier_host="127.0.0.1",
        carrier_port=stage.ports.carrier_sip,
        trunk_user="trunk",
        trunk_secret=trunk,
        prompts=stage.prompts,
        pbx_port=stage.ports.pbx_sip,
    )


def _carrier(
    stage: Stage, program: AsteriskProgram, trunk: str, phones: str, behaviours: tuple[Behaviour, ...]
) -> CarrierSettings:
    return CarrierSettings(
        ground=ground_of(stage, program, "carrier"),
        sip_port=stage.ports.carrier_sip,
        rtp=_rtp("carrier"),
        trunk_user="trunk",
        trunk_secret=trunk,
        phones_secret=phones,
        headless_seats=sum(said.headless for said in stage.settings.exchanges),
        prompts=stage.prompts,
        customer_port=stage.ports.egress_sip,
        behaviours=behaviours,
    )
