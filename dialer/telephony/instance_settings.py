"""What one Asterisk instance is made of: typed values that the templates of asterisk_conf are filled with.

Every value that lands in a configuration file is checked here for the few characters that it may have, because
Asterisk's files know no quoting: a line break, a comma or a semicolon in a value would be configuration.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dialer.telephony.trunk_profile import TrunkProfile

PORT_MAX: Final = 65_535
LOOPBACK: Final = "127.0.0.1"
SEATS_MAX: Final = 500
SECRET_LENGTH_MIN: Final = 16
RTP_PORTS_MIN: Final = 4

_WORD: Final = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
_SECRET: Final = re.compile(r"^[A-Za-z0-9_-]+$")
_PATH: Final = re.compile(r"^/[A-Za-z0-9._/+@-]+$")
_KEY: Final = re.compile(r"^[0-9*#]$")
_HOST: Final = re.compile(r"^[A-Za-z0-9.-]{1,253}$")
_GATE: Final = re.compile(r"^https://[A-Za-z0-9.-]{1,253}:[0-9]{1,5}$")
_ADDRESS: Final = re.compile(r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$")
_LANGUAGE: Final = re.compile(r"^[a-z]{2}$")
_MODE: Final = re.compile(r"^0[0-7]{3}$")


class SettingsError(ValueError):
    """A value can't stand in an Asterisk configuration file; nothing was written."""


def check(pattern: re.Pattern[str], value: str, what: str) -> None:
    """Refuse a value that is not of the pattern's form. The value is not quoted: it may be a secret."""
    if not pattern.fullmatch(value):
        raise SettingsError(f"{what} has a character or a length that Asterisk's configuration can't hold")


def check_port(port: int, what: str) -> None:
    """Refuse a port outside 1..65535."""
    if not 1 <= port <= PORT_MAX:
        raise SettingsError(f"{what} is no port number")


def check_secret(secret: str, what: str) -> None:
    """Refuse a secret that is short or has characters other than letters, digits, `_` and `-`."""
    check(_SECRET, secret, what)
    if len(secret) < SECRET_LENGTH_MIN:
        raise SettingsError(f"{what} is shorter than {SECRET_LENGTH_MIN} characters")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where an instance stands: its name, its folder, and the program's modules and data.

    `control_mode` (octal text) and `control_group` say who may use the control socket.
    """

    name: str
    root: Path
    modules: Path
    data: Path
    control_mode: str = "0600"
    control_group: str = ""

    def __post_init__(self) -> None:
        """Check every value."""
        check(_WORD, self.name, "the instance's name")
        check(_MODE, self.control_mode, "the control socket's mode")
        if self.control_group:
            check(_WORD, self.control_group, "the control socket's group")
        for path in (self.root, self.modules, self.data):
            check(_PATH, str(path), "a folder of the instance")

    @property
    def etc(self) -> Path:
        """Rendered configuration."""
        return self.root / "etc"

    @property
    def run(self) -> Path:
        """Process id and control socket. A socket's path is at most 107 bytes: keep `root` short."""
        return self.root / "run"

    @property
    def control(self) -> Path:
        """The local control socket."""
        return self.run / "asterisk.ctl"

    @property
    def log(self) -> Path:
        """The folder of the log `messages`."""
        return self.root / "log"

    @property
    def library(self) -> Path:
        """The internal database."""
        return self.root / "lib"

    @property
    def spool(self) -> Path:
        """Asterisk's own spool (not the recordings)."""
        return self.root / "spool"


@dataclass(frozen=True, slots=True)
class RtpPorts:
    """UDP ports for audio, both ends included; a leg takes two."""

    first: int
    last: int

    def __post_init__(self) -> None:
        """Check the range."""
        check_port(self.first, "the first audio port")
        check_port(self.last, "the last audio port")
        if self.last - self.first + 1 < RTP_PORTS_MIN:
            raise SettingsError(f"fewer than {RTP_PORTS_MIN} audio ports")


@dataclass(frozen=True, slots=True)
class HeadlessPhones:
    """Seats whose phones are machines at the simulated carrier; they exist in the demo profile only."""

    count: int
    carrier_port: int
    secret: str
    first: int = 1

    def __post_init__(self) -> None:
        """Check every value."""
        _check_seats(self.count)
        check_port(self.carrier_port, "the carrier's SIP port")
        check_secret(self.secret, "the phones' secret")


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """The dialer's exchange. It knows the egress and the seats, no trunk and no number.

    `sip_address` is the IPv4 address on which it speaks SIP to the egress, `egress_host` where the egress is: both are
    loopback unless the two stand in networks of their own. `media_address` is where browsers' audio reaches it. AMI and
    the softphones' WebSocket are always on loopback.
    """

    ground: Ground
    ami_port: int
    ami_secret: str
    http_port: int
    sip_port: int
    rtp: RtpPorts
    egress_port: int
    egress_secret: str
    seats: int
    prompts: Path
    recordings: Path
    headless: HeadlessPhones | None = None
    patience_ms: int = 2000
    notice: str = "notice-zh"
    optout_key: str = "9"
    key_seconds: int = 5
    hold_seconds_max: int = 60
    rtp_seconds_max: int = 60
    seat_rtp_seconds_max: int = 5
    sip_address: str = LOOPBACK
    media_address: str = LOOPBACK
    seat_first: int = 1
    egress_host: str = LOOPBACK

    @property
    def optouts(self) -> Path:
        """Keys that abandoned callees pressed, written by the exchange itself: a line with attempt and key."""
        return self.ground.log / "optouts"

    def __post_init__(self) -> None:
        """Check every value."""
        check(_KEY, self.optout_key, "the opt-out key")
        for port, what in ((self.ami_port, "the AMI port"), (self.http_port, "the HTTP port")):
            check_port(port, what)
        check_port(self.sip_port, "the exchange's SIP port")
        check_port(self.egress_port, "the egress's SIP port")
        check_secret(self.ami_secret, "the AMI secret")
        check_secret(self.egress_secret, "the egress's secret")
        check(_WORD, self.notice, "the notice's name")
        check(_ADDRESS, self.sip_address, "the exchange's SIP address")
        check(_ADDRESS, self.media_address, "the exchange's address for browsers' audio")
        check(_HOST, self.egress_host, "the egress's host")
        _check_seats(self.seats)
        for path in (self.prompts, self.recordings):
            check(_PATH, str(path), "a folder of the exchange")


@dataclass(frozen=True, slots=True)
class EgressSettings:
    """The second gate's hand: the only instance with the trunk's credentials.

    `sip_address` faces the exchange, `trunk_address` the carrier (IPv4). They are one transport when they are the same,
    else two: then nothing that comes from the carrier's side can reach the exchange's endpoint.
    """

    ground: Ground
    sip_port: int
    rtp: RtpPorts
    pbx_secret: str
    gate_url: str
    gate_ca: Path
    gate_cert: Path
    gate_key: Path
    carrier_host: str
    carrier_port: int
    trunk_user: str
    trunk_secret: str
    prompts: Path
    pbx_port: int
    trunk_realm: str = "carrier"
    rtp_seconds_max: int = 60
    sip_address: str = LOOPBACK
    trunk_address: str = LOOPBACK
    pbx_host: str = LOOPBACK
    language: str = "zh"
    trunk: TrunkProfile = field(default_factory=TrunkProfile)

    def __post_init__(self) -> None:
        """Check every value."""
        check_port(self.sip_port, "the egress's SIP port")
        check_port(self.carrier_port, "the carrier's SIP port")
        check_port(self.pbx_port, "the exchange's SIP port")
        check(_HOST, self.pbx_host, "the exchange's host")
        check(_LANGUAGE, self.language, "the language of the prompts")
        check(_PATH, str(self.prompts), "the folder of the prompts")
        check_secret(self.pbx_secret, "the exchange's secret")
        check_secret(self.trunk_secret, "the trunk's secret")
        check(_WORD, self.trunk_user, "the trunk's user")
        check(_ADDRESS, self.sip_address, "the egress's SIP address")
        check(_ADDRESS, self.trunk_address, "the egress's address on the trunk")
        check(_HOST, self.trunk_realm, "the trunk's realm")
        check(_HOST, self.carrier_host, "the carrier's host")
        check(_GATE, self.gate_url, "the gate's address (https://host:port)")
        for path in (self.gate_ca, self.gate_cert, self.gate_key):
            check(_PATH, str(path), "a certificate's path")

    @property
    def records(self) -> Path:
        """The trunk's own record of each call: a folder with a file a day, a line with token, outcome and seconds."""
        return self.ground.log / "records"


def _check_seats(count: int) -> None:
    if not 0 <= count <= SEATS_MAX:
        raise SettingsError(f"the number of seats is outside 0..{SEATS_MAX}")
