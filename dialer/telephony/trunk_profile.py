"""A carrier's trunk (中继) as data: how we log in, what is spoken, how numbers are written, and its limits.

The egress renders it and keeps the channel limit; the gate writes the number in the carrier's form and keeps the calls a second.
"""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dialer.domain.errors import InstallationError

Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")]
Codec = Annotated[str, Field(pattern=r"^(alaw|ulaw)$")]
"""What the egress can pass through without a licence or a transcoder of its own."""
_PATH: Final = re.compile(r"^/[A-Za-z0-9._/+@-]+$")


class TrunkLogin(StrEnum):
    """How the carrier knows us."""

    REGISTER = "register"
    """We register, and answer its challenges."""
    DIGEST = "digest"
    """We answer its challenges."""
    ADDRESS = "address"
    """By our address alone: then the firewall is what keeps others from it."""


class TrunkTransport(StrEnum):
    """What SIP goes over."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class TrunkMedia(StrEnum):
    """What audio goes over."""

    PLAIN = "plain"
    SRTP = "srtp"


class NumberForm(StrEnum):
    """How the carrier wants a number of the permit, which is E.164."""

    E164 = "e164"
    DIGITS = "digits"
    """E.164 without its plus sign."""
    NATIONAL = "national"
    """As dialled inside `country`; other countries' numbers with their 00 prefix."""


class TrunkProfile(BaseModel):
    """One trunk. The secret is in a file that the egress alone reads. Limits are of calls that are up, and of new calls."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    login: TrunkLogin = TrunkLogin.DIGEST
    transport: TrunkTransport = TrunkTransport.UDP
    ca: Path | None = None
    """Whose certificates we believe the carrier by (TLS)."""
    media: TrunkMedia = TrunkMedia.PLAIN
    codecs: Annotated[tuple[Codec, ...], Field(min_length=1)] = ("alaw", "ulaw")
    from_domain: Host | None = None
    """The host of our From header, where the carrier asks for its own."""
    asserted_identity: bool = False
    """Whether P-Asserted-Identity states the caller ID, too."""
    number_form: NumberForm = NumberForm.E164
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "CN"
    channels_max: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Calls at once, in both directions; 0: as many as the machine can."""
    calls_per_second_max: Annotated[int, Field(ge=0, le=1_000)] = 0
    """New calls in any second; 0: no limit."""

    @model_validator(mode="after")
    def _fits(self) -> TrunkProfile:
        if (self.transport is TrunkTransport.TLS) != (self.ca is not None):
            raise ValueError("TLS needs the authority's file, and only TLS")
        if self.media is TrunkMedia.SRTP and self.transport is not TrunkTransport.TLS:
            raise ValueError("the keys of SRTP would go in the clear without TLS")
        if self.ca is not None and not _PATH.match(str(self.ca)):
            raise ValueError("the authority's file has a path that Asterisk's configuration can't hold")
        return self


def read_trunk_profile(path: Path) -> TrunkProfile:
    """The profile of a TOML file.

    Raises:
        InstallationError: missing, malformed, or a value that doesn't fit; one sentence says which.
    """
    try:
        return TrunkProfile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as missing:
        raise InstallationError(f"the trunk's file {path.name} can't be read") from missing
    except tomllib.TOMLDecodeError as wrong:
        raise InstallationError(f"the trunk's file {path.name} is not TOML: {wrong}") from wrong
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InstallationError(f"the trunk's file {path.name}: {where}: {first['msg']}") from wrong


def dialled_as(e164: str, form: NumberForm, country: str) -> str:
    """The digits that the carrier is asked to call, for the permit's number in E.164; digits and `+` only."""
    match form:
        case NumberForm.E164:
            return e164
        case NumberForm.DIGITS:
            return e164.removeprefix("+")
        case NumberForm.NATIONAL:
            said = phonenumbers.format_out_of_country_calling_number(phonenumbers.parse(e164), country)
            digits = "".join(character for character in said if character.isdigit())
            same = phonenumbers.region_code_for_number(phonenumbers.parse(e164)) == country
            return digits if same else f"00{e164.removeprefix('+')}"
