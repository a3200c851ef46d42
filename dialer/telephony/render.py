"""Renders one Asterisk instance's configuration from asterisk_conf/templates and typed settings.

A template that names a value which the settings lack fails (StrictUndefined), and no value may bring a line break
of its own. The same settings always give the same text: asterisk_conf/golden holds samples that tests compare.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, assert_never

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialer.telephony.ami_events import CALLEE_ENDPOINT
from dialer.telephony.carrier_behaviour import CarrierSettings, dialplan
from dialer.telephony.install import ASTERISK_CONF
from dialer.telephony.instance_settings import EgressSettings, Ground, PbxSettings, SettingsError
from dialer.telephony.trunk_profile import TrunkTransport

InstanceSettings = PbxSettings | EgressSettings | CarrierSettings

AMI_USER: Final = "dialer"
EGRESS_USER: Final = "dialer"
SIP_REALM: Final = "dialer"

EXCHANGE_ENDPOINT: Final = "exchange"
"""The exchange as the egress calls it on the inbound line."""
INBOUND_SECONDS_MAX: Final = 3600
"""The longest call on the inbound line; `services.inbound` takes one that is older for ended."""
INBOUND_RING_SECONDS: Final = 10
KEPT_SECONDS_MAX: Final = 4
INBOUND_WAIT_SECONDS: Final = 20
"""How long a caller waits for an agent before the menu goes on to the callback."""

NOTICE_TIMES_MAX: Final = 2
YES_MS_MAX: Final = 2000
GATE_SECONDS_MAX: Final = 2
REPORT_SECONDS_MAX: Final = 1
RING_SECONDS_MAX: Final = 180
TALK_SECONDS_MAX: Final = 14_400

AMI_EVENTS: Final = (
    "FullyBooted",
    "Shutdown",
    "Newstate",
    "OriginateResponse",
    "DialState",
    "DialEnd",
    "BridgeEnter",
    "BridgeLeave",
    "DTMFEnd",
    "Hangup",
    "UserEvent",
    "ContactStatus",
    "ChanSpyStart",
    "ChanSpyStop",
)
"""What the dialer needs to hear; each other event is cut at the exchange."""

_SIP: Final = (
    "res_timing_timerfd",
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_sorcery_astdb",
    "res_pjproject",
    "res_pjsip",
    "res_pjsip_session",
    "res_pjsip_pubsub",
    "res_pjsip_authenticator_digest",
    "res_pjsip_outbound_authenticator_digest",
    "res_pjsip_endpoint_identifier_user",
    "res_pjsip_sdp_rtp",
    "res_pjsip_caller_id",
    "res_pjsip_nat",
    "res_pjsip_rfc3326",
    "res_pjsip_dtmf_info",
    "res_rtp_asterisk",
    "chan_pjsip",
    "codec_alaw",
    "codec_ulaw",
    "codec_resample",
    "bridge_simple",
    "bridge_native_rtp",
    "bridge_builtin_features",
    "pbx_config",
    "app_stack",
    "app_exec",
    "func_logic",
    "func_strings",
    "func_cut",
    "func_uri",
    "func_channel",
    "func_callerid",
)

PBX_MODULES: Final = (
    *_SIP,
    "res_crypto",
    "res_http_websocket",
    "res_pjsip_transport_websocket",
    "res_pjsip_registrar",
    "res_srtp",
    "res_format_attr_opus",
    "codec_opus_open_source",
    "format_wav",
    "format_sln",
    "res_musiconhold",
    "bridge_holding",
    "bridge_softmix",
    "app_chanspy",
    "func_groupcount",
    "func_periodic_hook",
    "app_mixmonitor",
    "app_amd",
    "app_bridgewait",
    "app_echo",
    "app_playback",
    "app_read",
    "app_userevent",
    "func_env",
    "func_db",
    "res_audiosocket",
    "app_audiosocket",
    "chan_audiosocket",
)

EGRESS_MODULES: Final = (
    *_SIP,
    "res_curl",
    "func_curl",
    "func_env",
    "func_hangupcause",
    "func_timeout",
    "app_dial",
    "app_playback",
    "format_wav",
    "format_sln",
    "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_outbound_registration",
    "res_srtp",
    "func_groupcount",
)

CARRIER_MODULES: Final = (
    *_SIP,
    "format_wav",
    "format_sln",
    "func_env",
    "app_echo",
    "app_playback",
    "app_playtones",
    "app_senddtmf",
    "app_dial",
    "res_srtp",
    "res_clioriginate",
    "res_pjsip_registrar",
)


def render(settings: InstanceSettings) -> Mapping[str, str]:
    """File name → text of everything below the instance's etc folder.

    Raises:
        SettingsError: a value would break out of its line; nothing was written.
    """
    match settings:
        case PbxSettings():
            return _render(settings.ground, "pbx", PBX_MODULES, _pbx_values(settings))
        case EgressSettings():
            return _render(settings.ground, "egress", EGRESS_MODULES, _egress_values(settings))
        case CarrierSettings():
            return _render(settings.ground, "carrier", CARRIER_MODULES, _carrier_values(settings))
        case _ as never:
            assert_never(never)


def modules_of(settings: InstanceSettings) -> tuple[str, ...]:
    """The modules that have to run in this instance, without `.so`."""
    match settings:
        case PbxSettings():
            return PBX_MODULES
        case EgressSettings():
            return EGRESS_MODULES
        case CarrierSettings():
            return CARRIER_MODULES
        case _ as never:
            assert_never(never)


def seat_names(count: int, first: int = 1) -> tuple[str, ...]:
    """Names of the agents' endpoints, by their numbers over all exchanges."""
    return tuple(f"seat-{number}" for number in range(first, first + count))


def headless_names(count: int, first: int = 1) -> tuple[str, ...]:
    """Names of the demo's machine-answered seats, by their numbers over all exchanges."""
    return tuple(f"headless-{number}" for number in range(first, first + count))


def write(files: Mapping[str, str], folder: Path) -> None:
    """Write rendered files, readable by the owner only (they hold secrets); each appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        draft = folder / f".{name}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(folder / name)


def _pbx_values(settings: PbxSettings) -> dict[str, object]:
    headless = settings.headless
    return {
        "rtp_first": settings.rtp.first,
        "rtp_last": settings.rtp.last,
        "ami_port": settings.ami_port,
        "ami_user": AMI_USER,
        "ami_secret": settings.ami_secret,
        "ami_events": AMI_EVENTS,
        "http_port": settings.http_port,
        "sip_port": settings.sip_port,
        "realm": SIP_REALM,
        "sip_address": settings.sip_address,
        "media_address": settings.media_address,
        "egress_host": settings.egress_host,
        "egress_port": settings.egress_port,
        "egress_user": EGRESS_USER,
        "egress_secret": settings.egress_secret,
        "seats": seat_names(settings.seats, settings.seat_first),
        "headless_seats": headless_names(headless.count, headless.first) if headless else (),
        "carrier_port": headless.carrier_port if headless else 0,
        "phones_secret": headless.secret if headless else "",
        "prompts": settings.prompts,
        "recordings": settings.recordings,
        "patience_ms": settings.patience_ms,
        "notice": settings.notice,
        "optout_key": settings.optout_key,
        "key_seconds": settings.key_seconds,
        "notice_times_max": NOTICE_TIMES_MAX,
        "optouts": settings.optouts,
        "language": settings.notice.rpartition("-")[2],
        "kept_seconds_max": KEPT_SECONDS_MAX,
        "inbound_wait_seconds": INBOUND_WAIT_SECONDS,
        "hold_seconds_max": settings.hold_seconds_max,
        "seat_rtp_seconds_max": settings.seat_rtp_seconds_max,
        "rtp_seconds_max": settings.rtp_seconds_max,
    }


def _egress_values(settings: EgressSettings) -> dict[str, object]:
    return {
        "rtp_first": settings.rtp.first,
        "rtp_last": settings.rtp.last,
        "sip_port": settings.sip_port,
        "sip_address": settings.sip_address,
        "trunk_address": settings.trunk_address,
        "pbx_user": EGRESS_USER,
        "pbx_secret": settings.pbx_secret,
        "gate_url": settings.gate_url,
        "gate_ca": settings.gate_ca,
        "gate_cert": settings.gate_cert,
        "gate_key": settings.gate_key,
        "gate_seconds_max": GATE_SECONDS_MAX,
        "yes_ms_max": YES_MS_MAX,
        "report_seconds_max": REPORT_SECONDS_MAX,
        "ring_seconds_max": RING_SECONDS_MAX,
        "talk_seconds_max": TALK_SECONDS_MAX,
        "carrier_host": settings.carrier_host,
        "carrier_port": settings.carrier_port,
        "trunk_user": settings.trunk_user,
        "trunk_secret": settings.trunk_secret,
        "trunk_realm": settings.trunk_realm,
        "records": settings.records,
        "prompts": settings.prompts,
        "language": settings.language,
        "pbx_host": settings.pbx_host,
        "pbx_port": settings.pbx_port,
        "trunk": settings.trunk,
        "trunk_transport": _trunk_transport(settings),
        "exchange_endpoint": EXCHANGE_ENDPOINT,
        "exchange_from": CALLEE_ENDPOINT,
        "inbound_seconds_max": INBOUND_SECONDS_MAX,
        "inbound_ring_seconds": INBOUND_RING_SECONDS,
        "rtp_seconds_max": settings.rtp_seconds_max,
    }


def _trunk_transport(settings: EgressSettings) -> str:
    """The transport towards the carrier: its own where its address or its protocol is another than the exchange's."""
    own = settings.trunk_address != settings.sip_address or settings.trunk.transport is not TrunkTransport.UDP
    return "trunk" if own else "loopback"


def _carrier_values(settings: CarrierSettings) -> dict[str, object]:
    return {
        "rtp_first": settings.rtp.first,
        "rtp_last": settings.rtp.last,
        "sip_port": settings.sip_port,
        "realm": settings.realm,
        "trunk_user": settings.trunk_user,
        "trunk_secret": settings.trunk_secret,
        "phones_secret": settings.phones_secret,
        "headless_seats": headless_names(settings.headless_seats),
        "agent_tone_hz": settings.agent_tone_hz,
        "behaviours": tuple(dialplan(behaviour, settings.prompts) for behaviour in settings.behaviours),
        "log": settings.journal,
        "customer_port": settings.customer_port,
        "tls": settings.tls,
        "rtp_seconds_max": settings.rtp_seconds_max,
    }


def _render(
    ground: Ground, kind: str, modules: tuple[str, ...], values: Mapping[str, object]
) -> Mapping[str, str]:
    environment = Environment(
        loader=FileSystemLoader(ASTERISK_CONF / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Asterisk's files are not HTML; `_one_line` guards what lands in them
        finalize=_one_line,
    )
    names = [*environment.list_templates(filter_func=lambda name: name.startswith(("shared/", f"{kind}/")))]
    everything = {"ground": ground, "modules": modules} | dict(values)
    return {
        name.split("/")[1].removesuffix(".j2"): environment.get_template(name).render(everything)
        for name in sorted(names)
    }


def _one_line(value: object) -> object:
    if any(ord(character) < 32 for character in str(value)):
        raise SettingsError("a value has a control character, which would be configuration of its own")
    return value
