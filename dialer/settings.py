"""The settings of one installation, from one TOML file. An unknown key stops the start."""

import tomllib
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dialer.domain.errors import InstallationError
from dialer.domain.ids import SeatId
from dialer.ports.speech import Trust
from dialer.services.consent_codes import mentions_barred_trade
from dialer.services.views.session import Role

ENVIRONMENT: Final = "DIALER_SETTINGS"
Port = Annotated[int, Field(ge=1, le=65535)]


class Profile(StrEnum):
    """`demo` alone may shift the clock, has headless seats and runs everything on one machine."""

    PRODUCTION = "production"
    DEMO = "demo"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Folders(_Part):
    """Where things lie. Each process's user can read what it needs and no more."""

    keys: Path
    vault: Path
    spool: Path
    """Where the exchange writes recordings in the clear, until they are sealed. On tmpfs where there is one."""
    run: Path
    """Unix sockets and state files."""
    shipped: Path | None = None
    """Where each leaf is copied before it is acknowledged: another disk or host, where there is one."""

    @property
    def prompts(self) -> Path:
        """What the exchanges play, beside the keys in the installation's home."""
        return self.keys.parent / "prompts"


class Keys(_Part):
    """Where signing keys live: `file` (below `folders.keys`), `pkcs11` with the options module, token and pin_file, or a plug-in."""

    place: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")] = "file"
    options: dict[str, str] = {}


class ObjectStore(_Part):
    """A bucket of an S3-compatible store, in the region that its key in `vault.regions` names."""

    endpoint: Annotated[str, Field(pattern=r"^https?://")]
    bucket: str
    signing_region: str = "us-east-1"
    access_key_file: Path
    secret_key_file: Path
    lock_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    """Object Lock: for how long nobody, we included, can delete a recording. Never longer than the term of a call."""
    ca: Path | None = None


class Vault(_Part):
    """Where recordings lie. Without regions: in `folders.vault`. With them: each organisation's in its own region's store only."""

    regions: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")], ObjectStore] = {}


class Web(_Part):
    """Where the console and API are served. Outside loopback a certificate is needed."""

    host: str
    port: Port
    certificate: Path | None = None
    key: Path | None = None
    addresses: tuple[Annotated[str, Field(pattern=r"^https://[A-Za-z0-9.:\[\]-]+$")], ...] = ()
    """Further addresses under which people reach it, such as that of a reverse proxy."""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Reverse proxies whose `X-Forwarded-For` names the visitor, for the rate limits and the consent's record."""


class Exchange(_Part):
    """The dialer's Asterisk."""

    name: str
    ami_host: str
    ami_port: Port
    ami_ca: Path | None = None
    ami_secret_file: Path
    http_port: Port
    optouts: Path
    """Keys that callees pressed in the notice, kept by the exchange itself while no dialer listened."""
    seats: Annotated[int, Field(ge=0, le=500)]
    seat_first: Annotated[int, Field(ge=1, le=99_000)] = 1
    """The number of its first browser seat: seats are counted over all exchanges."""
    channels_max: Annotated[int, Field(ge=1, le=10_000)] = 400
    """Callees whom it takes at once."""
    headless: Annotated[int, Field(ge=0, le=100)] = 0
    headless_first: Annotated[int, Field(ge=1, le=1000)] = 1
    """The number of its first seat whose phone is a machine: counted over all exchanges, too."""

    @property
    def headless_seats(self) -> tuple[str, ...]:
        """The names of the seats whose phones are machines."""
        return tuple(f"headless-{n}" for n in range(self.headless_first, self.headless_first + self.headless))

    @property
    def browser_seats(self) -> tuple[str, ...]:
        """The names of its agents' endpoints."""
        return tuple(f"seat-{n}" for n in range(self.seat_first, self.seat_first + self.seats))


class Egress(_Part):
    """One more egress: its name (the instance's own, with which its channel ids begin) and its files."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    control: Path
    records: Path | None = None


class Gate(_Part):
    """Where the permit gate listens for the egress; and the egress's own control socket, which it alone uses."""

    host: str
    port: Port
    egress_control: Path
    egress_records: Path | None = None
    """The egress's own file of ended legs, where this host has it: matched with the permits (B6)."""
    further_egresses: tuple[Egress, ...] = ()

    @property
    def egresses(self) -> tuple[Egress, ...]:
        """Every egress that asks this gate; the first is called `egress`."""
        first = Egress(name="egress", control=self.egress_control, records=self.egress_records)
        return (first, *self.further_egresses)


class Trunk(_Part):
    """What is known of the carrier."""

    truthful_603: bool = False
    profile: Path | None = None
    """The trunk's profile (`dialer trunk add`): the gate writes numbers in its form and keeps its calls a second."""
    channels_max: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Calls that the trunk carries at once; pacing places no more. Not set: the trunk isn't what bounds us."""


class RefusalNotice(_Part):
    """The text message that an organisation's callees get when they refused: approved (B8), word for word.

    `texts`: by language, with `{at}` where the moment stands, once, or without it.
    """

    organisation: Annotated[str, Field(min_length=1, max_length=64)]
    template_id: Annotated[str, Field(min_length=1, max_length=64)]
    approved_on: date
    texts: Annotated[
        dict[
            Annotated[str, Field(pattern=r"^(zh|en)$")],
            Annotated[str, Field(pattern=r"^[^{}]*(\{at\}[^{}]*)?$", min_length=1, max_length=200)],
        ],
        Field(min_length=1),
    ]

    @field_validator("texts")
    @classmethod
    def _no_barred_trade(cls, texts: dict[str, str]) -> dict[str, str]:
        if any(mentions_barred_trade(text) for text in texts.values()):
            raise ValueError("the message mentions a trade that may not send any")
        return texts


class Sms(_Part):
    """Who sends the codes that prove a phone. `file` writes them into the folder `path`; others are plug-ins.

    `refusals`: whose callees are told by a message that their refusal holds; nobody's, unless it is said here.
    """

    sender: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
    path: Path
    refusals: tuple[RefusalNotice, ...] = ()

    @field_validator("refusals")
    @classmethod
    def _one_each(cls, refusals: tuple[RefusalNotice, ...]) -> tuple[RefusalNotice, ...]:
        if len({said.organisation for said in refusals}) != len(refusals):
            raise ValueError("an organisation has two messages for one refusal")
        return refusals


class ListFeed(_Part):
    """An outside list that is fetched by itself. `source`: `folder`, `https`, or a plug-in of `dialer.list_sources`."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
    path: Path
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    """Of numbers that are written without a country code."""
    every_hours: Annotated[int, Field(ge=1, le=720)] = 6


class OpenId(_Part):
    """The operator's own sign-on provider (OpenID Connect). `login_claim`: the claim that is our login name."""

    issuer: Annotated[str, Field(pattern=r"^https?://")]
    client_id: Annotated[str, Field(min_length=1, max_length=200)]
    client_secret_file: Path
    login_claim: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] = "preferred_username"


class MailTls(StrEnum):
    """How the way to the mail server is closed: from the start, after the greeting, or (loopback only) not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


class AlertMail(_Part):
    """The mail server that takes alerts, and who gets them."""

    host: str
    port: Port
    tls: MailTls = MailTls.STARTTLS
    user: str | None = None
    password_file: Path | None = None
    sender: str
    to: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)]


class AlertWebhook(_Part):
    """Where alerts are posted, signed as partners sign (`X-Dialer-Signature`) with the secret of a file."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    secret_file: Path


class Alerts(_Part):
    """Who is told of what `dialer doctor` would find, while the dialer runs. Empty: nobody."""

    mail: AlertMail | None = None
    webhook: AlertWebhook | None = None


class Turn(_Part):
    """A TURN server that shares a secret with us (coturn's `use-auth-secret`), for browsers behind firewalls."""

    urls: Annotated[
        tuple[Annotated[str, Field(pattern=r"^turns?:[A-Za-z0-9.:\[\]-]+(\?transport=(udp|tcp))?$")], ...],
        Field(min_length=1, max_length=4),
    ]
    secret_file: Path
    hours: Annotated[int, Field(ge=1, le=24)] = 12
    """How long a credential is good: a shift, since a call's way may be sought anew at any time of it."""


class Media(_Part):
    """How browsers' audio finds its way. Empty: they reach the exchange's `media_host` by themselves."""

    stun: Annotated[
        tuple[Annotated[str, Field(pattern=r"^stuns?:[A-Za-z0-9.:\[\]-]+$")], ...], Field(max_length=4)
    ] = ()
    turn: Turn | None = None


class Webhooks(_Part):
    """Where messages to other programs may go, beside public addresses: private networks, where http may do, too."""

    private_networks: tuple[IPv4Network | IPv6Network, ...] = ()


class Logins(_Part):
    """How people get in. `second_factor`: roles that do nothing before they have one."""

    second_factor: frozenset[Role] = frozenset()


class SpotterSettings(_Part):
    """A recogniser for one language. `trusted`: the operator answers for it, and its final text is a refusal at once."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,40}$")]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    model: Path | None = None
    trust: Trust = Trust.HINT


class Speech(_Part):
    """The speech worker. `port`: where the exchange sends sound, on loopback; 0: any that is free.

    `agents`: whether the agents' words are listened to as well, for what they may not say.
    """

    port: Annotated[int, Field(ge=0, le=65535)] = 0
    agents: Literal["off", "on"] = "off"
    spotters: tuple[SpotterSettings, ...]


class Settings(_Part):
    """All of it."""

    profile: Profile
    node: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    origin: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._/-]{0,100}$")]
    database: str
    folders: Folders
    web: Web
    exchange: Exchange
    further_exchanges: tuple[Exchange, ...] = ()
    """More pairs of pbx and egress: each with its own link, seats and trunk."""
    gate: Gate
    trunk: Trunk = Trunk()
    vault: Vault = Vault()
    keys: Keys = Keys()
    sms: Sms | None = None
    lists: tuple[ListFeed, ...] = ()
    alerts: Alerts = Alerts()
    logins: Logins = Logins()
    webhooks: Webhooks = Webhooks()
    media: Media = Media()
    speech: Speech | None = None
    openid: OpenId | None = None

    @field_validator("lists")
    @classmethod
    def _one_source_each(cls, lists: tuple[ListFeed, ...]) -> tuple[ListFeed, ...]:
        if len({said.kind for said in lists}) != len(lists):
            raise ValueError("a list has two sources")
        return lists

    @model_validator(mode="after")
    def _pairs_differ(self) -> "Settings":
        seats = [seat for said in self.exchanges for seat in (*said.browser_seats, *said.headless_seats)]
        names = [said.name for said in self.exchanges]
        egresses = [said.name for said in self.gate.egresses]
        for of in (seats, names, egresses):
            if len(set(of)) != len(of):
                raise ValueError("two exchanges have a name or a seat in common")
        return self

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every pair, the first one first."""
        return (self.exchange, *self.further_exchanges)

    @property
    def browser_seats(self) -> tuple[SeatId, ...]:
        """The agents' seats of all pairs."""
        return tuple(SeatId(seat) for said in self.exchanges for seat in said.browser_seats)

    def socket(self, name: str) -> Path:
        """The unix socket of a process: signer, witness, gate, speech."""
        return self.folders.run / f"{name}.sock"


def read_settings(path: Path) -> Settings:
    """The settings of a file.

    Raises:
        InstallationError: missing, malformed, an unknown key, or a shifted-clock origin outside the demo profile.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        settings = Settings.model_validate(said)
    except OSError as missing:
        raise InstallationError(f"the settings file {path.name} can't be read") from missing
    except tomllib.TOMLDecodeError as wrong:
        raise InstallationError(f"the settings file {path.name} is not TOML: {wrong}") from wrong
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InstallationError(f"the settings file {path.name}: {where}: {first['msg']}") from wrong
    if settings.origin.startswith("demo/") != (settings.profile is Profile.DEMO):
        raise InstallationError("the log's origin starts with demo/ exactly when the profile is demo")
    return settings
