"""The packs, calendars and lists that ship with the product, parsed. Package data, read once at the start."""

from functools import cache
from importlib.resources import files
from typing import Final

from dialer.rules.banned import parse_banned
from dialer.rules.calendar import parse_calendar
from dialer.rules.parse import parse_pack
from dialer.rules.phrases import parse_phrases
from dialer.rules.resolve import PackSet
from dialer.rules.source import RuleRef

PACKS: Final = (
    "house",
    "cn",
    "cn-platform",
    "us/federal",
    "us/ct",
    "us/fl",
    "us/md",
    "us/ok",
    "us/tx",
    "us/wa",
    "gb",
    "de",
    "in",
    "au",
    "sg",
    "hk",
    "jp",
)
CALENDARS: Final = ("cn", "au")


def pack_text(name: str) -> str:
    """The text of a shipped pack, calendar (`calendars/cn`) or list, for tests and for printing."""
    return files("dialer.rules").joinpath(f"packs/{name}.toml").read_text(encoding="utf-8")


def shipped_cases() -> dict[str, str]:
    """The cases files beside the packs, by file name: what `check-packs` runs when none is named."""
    folder = files("dialer.rules").joinpath("packs")
    texts = {}
    for name in PACKS:
        cases = folder.joinpath(f"{name}.cases.toml")
        if cases.is_file():
            texts[f"{name}.cases.toml"] = cases.read_text(encoding="utf-8")
    return texts


@cache
def shipped_packs() -> PackSet:
    """Everything shipped.

    Raises:
        PackError: something doesn't load; nothing may start.
    """
    packs = tuple(parse_pack(pack_text(name), f"{name}.toml") for name in PACKS)
    calendars = [parse_calendar(pack_text(f"calendars/{n}"), f"calendars/{n}.toml") for n in CALENDARS]
    banned = parse_banned(pack_text("banned_business"), "banned_business.toml", "banned_business")
    phrases = parse_phrases(pack_text("phrases"), "phrases.toml", "phrases")
    return PackSet(
        packs=packs,
        calendars={c.calendar_id: c for c in calendars},
        banned={banned.list_id: banned},
        phrases={phrases.list_id: phrases},
    )


@cache
def shipped_laws() -> dict[tuple[str, str, str], RuleRef]:
    """Every rule ever shipped by pack, id and date (ISO): what a kept decision cites."""
    return {
        (pack.pack_id, rule.rule_id, rule.source.dated.isoformat()): pack.ref(rule)
        for pack in shipped_packs().packs
        for rule in pack.rules
    }
