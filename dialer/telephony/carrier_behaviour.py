"""What a simulated callee does, as data: a table by the last two digits of the number, rendered to dialplan.

The table is a profile (asterisk_conf/profiles/carrier-demo.toml). Each entry has `endings`, an Asterisk pattern of
two digits, and `steps`, one word and its value each.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from dialer.telephony.instance_settings import (
    Ground,
    RtpPorts,
    SettingsError,
    check,
    check_port,
    check_secret,
)

STEPS_MAX: Final = 20
STEP_MS_MAX: Final = 3_600_000
_ENDINGS: Final = re.compile(r"^([0-9XZN]|\[[0-9-]+\]){2}$")
_PROMPT: Final = re.compile(r"^[a-z0-9][a-z0-9-]{0,39}$")
_WORD: Final = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
_PATH: Final = re.compile(r"^/[A-Za-z0-9._/+@-]+$")


@dataclass(frozen=True, slots=True)
class Ring:
    """180 Ringing, then wait."""

    ms: int


@dataclass(frozen=True, slots=True)
class RingForEver:
    """180 Ringing until the caller gives up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """200 OK."""


@dataclass(frozen=True, slots=True)
class Tone:
    """Speak one pure tone."""

    hz: int
    ms: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Say nothing."""

    ms: int


@dataclass(frozen=True, slots=True)
class Echo:
    """Say again whatever is heard, until the caller hangs up: so a recording shows what the callee heard."""


@dataclass(frozen=True, slots=True)
class Key:
    """Press one key (RFC 4733)."""

    digit: str


@dataclass(frozen=True, slots=True)
class Speak:
    """Play a prompt, once."""

    prompt: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with a final SIP code, 400 to 699."""

    sip_code: int


Step = Ring | RingForEver | Answer | Tone | Silence | Echo | Key | Speak | Refuse


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What callees do whose number ends in `endings` (an Asterisk pattern of two digits)."""

    endings: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        """Check the pattern and the number of steps."""
        check(_ENDINGS, self.endings, "the endings of a behaviour")
        if not 1 <= len(self.steps) <= STEPS_MAX:
            raise SettingsError(f"a behaviour has 1 to {STEPS_MAX} steps")


@dataclass(frozen=True, slots=True)
class CarrierTls:
    """A carrier that speaks to its customer over TLS, and takes no audio but SRTP."""

    port: int
    certificate: Path
    key: Path

    def __post_init__(self) -> None:
        """Check every value."""
        check_port(self.port, "the carrier's TLS port")
        for path in (self.certificate, self.key):
            check(_PATH, str(path), "a certificate's path")


@dataclass(frozen=True, slots=True)
class CarrierSettings:
    """The outside world: a carrier with its callees, and the phones of headless agents."""

    ground: Ground
    sip_port: int
    rtp: RtpPorts
    trunk_user: str
    trunk_secret: str
    phones_secret: str
    headless_seats: int
    prompts: Path
    behaviours: tuple[Behaviour, ...]
    customer_port: int = 0
    """The SIP port of the egress whose numbers can be rung from here; 0: none can."""
    tls: CarrierTls | None = None
    realm: str = "carrier"
    agent_tone_hz: int = 660
    rtp_seconds_max: int = 60

    def __post_init__(self) -> None:
        """Check every value."""
        check_port(self.sip_port, "the carrier's SIP port")
        check_secret(self.trunk_secret, "the trunk's secret")
        check_secret(self.phones_secret, "the phones' secret")
        check(_WORD, self.trunk_user, "the trunk's user")
        check(_WORD, self.realm, "the carrier's realm")
        check(_PATH, str(self.prompts), "the folder of the prompts")

    @property
    def journal(self) -> Path:
        """The carrier's own record of each INVITE, 180, 200 and end: tests and the demo judge from it."""
        return self.ground.log / "journal"


def read_behaviours(path: Path) -> tuple[Behaviour, ...]:
    """Read the table.

    Raises:
        SettingsError: an unknown step or a value out of its bounds; nothing was rendered.
    """
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Behaviour(str(entry["endings"]), tuple(parse_step(str(step)) for step in entry["steps"]))
        for entry in data["behaviour"]
    )


def parse_step(text: str) -> Step:
    """Read one step: a word and its values, apart by spaces."""
    match text.split():
        case ["ring", ms]:
            return Ring(_ms(ms))
        case ["ring_for_ever"]:
            return RingForEver()
        case ["answer"]:
            return Answer()
        case ["tone", hz, ms]:
            return Tone(_bounded(hz, 50, 3500, "a tone in Hz"), _ms(ms))
        case ["silence" | "stay", ms]:
            return Silence(_ms(ms))
        case ["echo"]:
            return Echo()
        case ["key", digit] if re.fullmatch(r"[0-9*#]", digit):
            return Key(digit)
        case ["speak", prompt] if _PROMPT.match(prompt):
            return Speak(prompt)
        case ["refuse", code]:
            return Refuse(_bounded(code, 400, 699, "a final SIP code"))
        case _:
            raise SettingsError(f"no callee can do this: {text!r}")


def dialplan(behaviour: Behaviour, prompts: Path) -> tuple[str, ...]:
    """The lines of dialplan that do it."""
    applications = ["NoOp()"]
    for step in behaviour.steps:
        applications += _applications(step, prompts)
    applications.append("Hangup(16)")
    pattern = behaviour.endings if behaviour.endings.isdigit() else f"_{behaviour.endings}"
    first, *rest = applications
    return (f"exten => {pattern},1,{first}", *(f" same => n,{application}" for application in rest))


def _applications(step: Step, prompts: Path) -> list[str]:
    match step:
        case Ring(ms):
            return ["Gosub(log,s,1(180))", "Ringing()", f"Wait({_seconds(ms)})"]
        case RingForEver():
            return ["Gosub(log,s,1(180))", "Ringing()", "Wait(3600)"]
        case Answer():
            # Without the delay of its own, which Answer() adds until it hears audio.
            return ["Gosub(log,s,1(200))", "Answer(0)"]
        case Tone(hz, ms):
            return [f"Playtones({hz})", f"Wait({_seconds(ms)})", "StopPlaytones()"]
        case Silence(ms):
            return [f"Wait({_seconds(ms)})"]
        case Echo():
            return ["Echo()"]
        case Key(digit):
            return ["Gosub(log,s,1(KEY))", f"SendDTMF({digit})"]
        case Speak(prompt):
            return [f"Playback({prompts}/{prompt})"]
        case Refuse(code):
            return [f"Gosub(log,s,1({code}))", f"PJSIPHangup({code})"]
        case _ as never:
            assert_never(never)


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def _ms(text: str) -> int:
    return _bounded(text, 0, STEP_MS_MAX, "a duration in milliseconds")


def _bounded(text: str, low: int, high: int, what: str) -> int:
    if not text.isdigit() or not low <= int(text) <= high:
        raise SettingsError(f"{what} is outside {low}..{high}")
    return int(text)
