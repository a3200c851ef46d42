"""A second pair of pbx and egress beside the demo's: the same carrier, the same gate, seats of its own."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dialer.demo.stage import Stage, free_port
from dialer.demo.trio import ground_of, run_as
from dialer.settings import read_settings
from dialer.signing.certificates import CertificateFiles
from dialer.storage.sql import Tx
from dialer.telephony.carrier_behaviour import CarrierSettings
from dialer.telephony.install import AsteriskProgram
from dialer.telephony.instance import Instance
from dialer.telephony.instance_settings import EgressSettings, HeadlessPhones, PbxSettings, RtpPorts

PBX, EGRESS = "pbx-2", "egress-2"
SILENCE_SECONDS_MAX = 5
"""How long its egress keeps a callee whose pbx says nothing any more; a minute where nobody waits for it."""


def with_second_pair(stage: Stage) -> Stage:
    """The stage with a second pair in its settings; each has half of the machines."""
    file, home, tcp = stage.settings_file, stage.home, socket.SOCK_STREAM
    machines = stage.settings.exchange.headless
    half = machines // 2
    said = file.read_text().replace(f"headless = {machines}\n", f"headless = {half}\n")
    said += f"""
[[further_exchanges]]
name = "{PBX}"
ami_host = "127.0.0.1"
ami_port = {free_port(tcp)}
ami_secret_file = "{home}/keys/dialer/ami.secret"
http_port = {free_port(tcp)}
optouts = "{home}/{PBX}/log/optouts"
seats = 0
headless = {machines - half}
headless_first = {half + 1}

[[gate.further_egresses]]
name = "{EGRESS}"
control = "{home}/{EGRESS}/run/asterisk.ctl"
records = "{home}/{EGRESS}/log/records"
"""
    file.write_text(said)
    return replace(stage, settings=read_settings(file))


@dataclass(frozen=True)
class SecondPair:
    """Its two Asterisks."""

    pbx: Instance
    egress: Instance

    async def start(self) -> None:
        """Start both."""
        await asyncio.gather(self.pbx.start(), self.egress.start())

    async def stop(self) -> None:
        """Stop both."""
        await asyncio.gather(self.pbx.stop(), self.egress.stop())


def second_pair(stage: Stage, program: AsteriskProgram, carrier: CarrierSettings) -> SecondPair:
    """The second pair of a stage that `with_second_pair` made."""
    (said,) = stage.settings.further_exchanges
    link, files = secrets.token_urlsafe(24), CertificateFiles(stage.settings.folders.keys)
    pbx_sip, egress_sip = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    pbx = PbxSettings(
        ground=ground_of(stage, program, PBX),
        ami_port=said.ami_port,
        ami_secret=stage.ami_secret,
        http_port=said.http_port,
        sip_port=pbx_sip,
        rtp=RtpPorts(29000, 29399),
        egress_port=egress_sip,
        egress_secret=link,
        seats=said.seats,
        prompts=stage.prompts,
        recordings=stage.settings.folders.spool,
        headless=HeadlessPhones(said.headless, carrier.sip_port, carrier.phones_secret, said.headless_first),
    )
    egress = EgressSettings(
        ground=ground_of(stage, program, EGRESS),
        sip_port=egress_sip,
        rtp=RtpPorts(29400, 29799),
        pbx_secret=link,
        gate_url=f"https://127.0.0.1:{stage.ports.gate}",
        gate_ca=files.ca,
        gate_cert=files.certificate("egress"),
        gate_key=files.key("egress"),
        carrier_host="127.0.0.1",
        carrier_port=carrier.sip_port,
        trunk_user=carrier.trunk_user,
        trunk_secret=carrier.trunk_secret,
        prompts=stage.prompts,
        pbx_port=pbx_sip,
        rtp_seconds_max=SILENCE_SECONDS_MAX,
    )
    return SecondPair(
        Instance(program, pbx, run_as(stage, "dialer")), Instance(program, egress, run_as(stage, "egress"))
    )


def egress_of_each(tx: Tx) -> Mapping[str, str]:
    """By attempt, the egress that asked for it: the ids of an egress's channels begin with its name."""
    rows = tx.all("SELECT attempt_id, consumed_uid FROM permit WHERE consumed_uid IS NOT NULL")
    return {row.attempt_id: row.consumed_uid.rpartition("-")[0] for row in rows}
