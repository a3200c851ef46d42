"""What an operator asks of `dialer init`, from one TOML file, and the settings files that follow from it."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dialer.domain.errors import InstallationError
from dialer.settings import Port, Speech

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
ORDER_BYTES_MAX: Final = 64 * 1024
PAIRS_MAX: Final = 8
RTP_FIRST: Final = 20_000
RTP_EACH: Final = 2_000
"""Audio ports of one Asterisk; a leg takes two. Pair after pair from `RTP_FIRST` on, the pbx before its egress."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Company(_Part):
    """The first organisation. `uscc`: its register number; `callback`: the number that it publishes."""

    name_zh: Annotated[str, Field(min_length=1, max_length=100)]
    name_en: Annotated[str, Field(min_length=1, max_length=100)]
    uscc: Annotated[str, Field(min_length=1, max_length=40)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    callback: Annotated[str, Field(pattern=r"^\+?[0-9]{3,15}$")]


class Console(_Part):
    """Where people open the console. Outside loopback it needs the certificate, which is copied to the dialer's keys."""

    host: Host
    port: Port
    certificate_file: Path | None = None
    key_file: Path | None = None


class GateAddress(_Part):
    """`name` is what the egress calls the gate and what its certificate says; `bind` is where it listens."""

    name: Host
    bind: Host
    port: Port


class Exchanges(_Part):
    """Addresses and ports of the two Asterisks, and how many browser seats there are.

    Each host is a name or an address of the machine or container itself: of the pbx towards the egress and towards
    browsers, of the egress towards the pbx and towards the carrier. All are loopback on one machine without browsers.
    """

    pbx_host: Host
    media_host: Host
    egress_host: Host
    trunk_bind: Host
    ami_port: Port
    http_port: Port
    pbx_sip_port: Port
    egress_sip_port: Port
    seats: Annotated[int, Field(ge=0, le=500)]


@dataclass(frozen=True, slots=True)
class PairNames:
    """What belongs to one pair of an installation: `number` counts from 1, `seat_first` over all pairs."""

    number: int
    said: Exchanges
    seat_first: int

    @property
    def suffix(self) -> str:
        """Behind the names of its files; the first pair has none."""
        return "" if self.number == 1 else f"-{self.number}"

    @property
    def pbx(self) -> str:
        """Name of its pbx, its settings file and its folder."""
        return f"pbx{self.suffix}"

    @property
    def egress(self) -> str:
        """Name of its egress, its settings file and its folder."""
        return f"egress{self.suffix}"

    @property
    def pbx_rtp(self) -> tuple[int, int]:
        """The pbx's audio ports, both ends included."""
        first = RTP_FIRST + 2 * RTP_EACH * (self.number - 1)
        return first, first + RTP_EACH - 1

    @property
    def egress_rtp(self) -> tuple[int, int]:
        """The egress's audio ports, both ends included."""
        first, last = self.pbx_rtp
        return first + RTP_EACH, last + RTP_EACH


class TrunkAccount(_Part):
    """The carrier's account. `secret_file` is read once and copied to where the egress alone reads it."""

    host: Host
    port: Port
    user: Word
    realm: Host
    secret_file: Path


class Order(_Part):
    """All of it. `database`: empty for SQLite inside the home; on PostgreSQL the gate gets a role of its own.

    `database_password_file`: the password of the role `dialer`, read once and copied to the dialer's keys.
    """

    origin: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._/-]{0,100}$")]
    database: Annotated[str, Field(pattern=r'^(postgresql://[^"\\\x00-\x1f]*)?$')] = ""
    database_password_file: Path | None = None
    administrator: Annotated[str, Field(pattern=r"^[a-z][a-z0-9.-]{1,39}$")]
    company: Company
    console: Console
    gate: GateAddress
    exchange: Exchanges
    further_exchanges: Annotated[tuple[Exchanges, ...], Field(max_length=PAIRS_MAX - 1)] = ()
    """More pairs of pbx and egress on this machine, each with ports of its own; one trunk and one gate for all."""
    trunk: TrunkAccount
    speech: Speech | None = None
    """Recognisers of refusals that are said (docs/refusals.md); none: nobody listens but people."""

    @model_validator(mode="after")
    def _ports_differ(self) -> "Order":
        pairs = (self.exchange, *self.further_exchanges)
        tcp = [self.console.port, self.gate.port]
        tcp += [port for said in pairs for port in (said.ami_port, said.http_port)]
        udp = [port for said in pairs for port in (said.pbx_sip_port, said.egress_sip_port)]
        if len(set(tcp)) != len(tcp) or len(set(udp)) != len(udp):
            raise ValueError("two parts are given the same port")
        if (self.console.certificate_file is None) != (self.console.key_file is None):
            raise ValueError("a certificate needs its key, and a key its certificate")
        return self

    @property
    def pairs(self) -> tuple[PairNames, ...]:
        """Every pair, the first one first."""
        return tuple(_numbered((self.exchange, *self.further_exchanges)))


def _numbered(pairs: tuple[Exchanges, ...]) -> Iterator[PairNames]:
    seat = 1
    for number, said in enumerate(pairs, start=1):
        yield PairNames(number, said, seat)
        seat += said.seats


def read_order(path: Path) -> Order:
    """The order of a file.

    Raises:
        InstallationError: missing, malformed, or an unknown key; one sentence says which.
    """
    try:
        if path.stat().st_size > ORDER_BYTES_MAX:
            raise InstallationError(f"{path.name} is too large for an order")
        return Order.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as missing:
        raise InstallationError(f"the order {path.name} can't be read") from missing
    except tomllib.TOMLDecodeError as wrong:
        raise InstallationError(f"the order {path.name} is not TOML: {wrong}") from wrong
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InstallationError(f"the order {path.name}: {where}: {first['msg']}") from wrong


def settings_text(order: Order, home: Path) -> str:
    """`dialer.toml`: for the dialer, gate, signer and witness."""
    console = order.console
    pair = f'certificate = "{home}/keys/dialer/console.crt"\nkey = "{home}/keys/dialer/console.pem"\n'
    tls = pair if console.certificate_file else ""
    return f"""# The dialer, gate, signer and witness read this file. It holds no secret.
profile = "production"
node = "main"
origin = "{order.origin}"
database = "{order.database or f"sqlite:///{home}/db/dialer.db"}"

[folders]
keys = "{home}/keys"
vault = "{home}/vault"
spool = "{home}/spool"
run = "{home}/run"

[web]
host = "{console.host}"
port = {console.port}
{tls}
[exchange]
{_exchange_lines(order.pairs[0], home)}
[gate]
host = "{order.gate.bind}"
port = {order.gate.port}
egress_control = "{home}/egress/run/asterisk.ctl"
{_further_text(order, home)}{speech_text(order.speech)}"""


def _exchange_lines(pair: PairNames, home: Path) -> str:
    counted = f"seat_first = {pair.seat_first}\n" if pair.number > 1 else ""
    return f"""name = "{pair.pbx}"
ami_host = "127.0.0.1"
ami_port = {pair.said.ami_port}
ami_secret_file = "{home}/keys/dialer/ami{pair.suffix}.secret"
http_port = {pair.said.http_port}
optouts = "{home}/{pair.pbx}/log/optouts"
seats = {pair.said.seats}
{counted}"""


def _further_text(order: Order, home: Path) -> str:
    """The further pairs as the dialer and the gate know them."""
    return "".join(
        f"""
[[further_exchanges]]
{_exchange_lines(pair, home)}
[[gate.further_egresses]]
name = "{pair.egress}"
control = "{home}/{pair.egress}/run/asterisk.ctl"
"""
        for pair in order.pairs[1:]
    )


def speech_text(speech: Speech | None) -> str:
    """The part of `dialer.toml` from which the speech worker and the dialer know each other; "" where there is none."""
    if speech is None:
        return ""
    lines = ["", "[speech]", f"port = {speech.port}", f'agents = "{speech.agents}"']
    for said in speech.spotters:
        lines += ["", "[[speech.spotters]]", f'name = "{said.name}"', f'language = "{said.language}"']
        lines.append(f'trust = "{said.trust}"')
        if said.model is not None:
            lines.append(f"model = {json.dumps(str(said.model))}")
    return "\n".join(lines) + "\n"


def pbx_text(pair: PairNames, home: Path) -> str:
    """The settings of a pair's pbx."""
    said, (rtp_first, rtp_last) = pair.said, pair.pbx_rtp
    named = "" if pair.number == 1 else f'name = "{pair.pbx}"\nseat_first = {pair.seat_first}\n'
    return f"""# The dialer's exchange. It knows seats and the egress, no trunk and no number.
kind = "pbx"
{named}root = "{home}/{pair.pbx}"
sip_host = "{said.pbx_host}"
media_host = "{said.media_host}"
egress_host = "{said.egress_host}"
sip_port = {said.pbx_sip_port}
ami_port = {said.ami_port}
http_port = {said.http_port}
rtp_first = {rtp_first}
rtp_last = {rtp_last}
egress_port = {said.egress_sip_port}
seats = {said.seats}
ami_secret_file = "{home}/keys/pbx/ami{pair.suffix}.secret"
egress_secret_file = "{home}/keys/pbx/{pair.egress}.secret"
prompts = "{home}/prompts"
recordings = "{home}/spool"
"""


def egress_text(order: Order, pair: PairNames, home: Path) -> str:
    """The settings of a pair's egress."""
    gate, trunk, said, (rtp_first, rtp_last) = order.gate, order.trunk, pair.said, pair.egress_rtp
    named = "" if pair.number == 1 else f'name = "{pair.egress}"\n'
    return f"""# The egress: it alone knows the trunk, and asks the gate before every call.
kind = "egress"
{named}root = "{home}/{pair.egress}"
sip_host = "{said.egress_host}"
trunk_bind = "{said.trunk_bind}"
pbx_host = "{said.pbx_host}"
pbx_port = {said.pbx_sip_port}
prompts = "{home}/prompts"
language = "{"zh" if order.company.country == "CN" else "en"}"
sip_port = {said.egress_sip_port}
rtp_first = {rtp_first}
rtp_last = {rtp_last}
pbx_secret_file = "{home}/keys/egress/{pair.pbx}.secret"
gate_url = "https://{gate.name}:{gate.port}"
gate_ca = "{home}/keys/public/ca.crt"
gate_certificate = "{home}/keys/egress/egress.crt"
gate_key = "{home}/keys/egress/egress.pem"
carrier_host = "{trunk.host}"
carrier_port = {trunk.port}
trunk_user = "{trunk.user}"
trunk_realm = "{trunk.realm}"
trunk_secret_file = "{home}/keys/egress/trunk.secret"
"""
