"""Wires the dialer's side of the speech worker."""

from dataclasses import dataclass

from dialer.processes.core import Core
from dialer.processes.keeping import CALENDAR
from dialer.rules.shipped import shipped_packs
from dialer.rules.spoken import refusal_phrases
from dialer.services.changes import Changes
from dialer.services.matching import Matching
from dialer.services.refusals import Refusals
from dialer.services.seats import Seats
from dialer.services.spoken_words import AgentsHeard, SpokenWords
from dialer.speech.door import SpeechDoor
from dialer.storage.heard import StoredHeardWords
from dialer.telephony.exchange import Exchange


@dataclass(frozen=True, slots=True)
class SpeechParts:
    """What listens. `door`: to the worker; None where the settings have none."""

    words: SpokenWords
    store: StoredHeardWords
    door: SpeechDoor | None


def listening_of(
    core: Core, exchange: Exchange, refusals: Refusals, seats: Seats, matching: Matching, changes: Changes
) -> SpeechParts:
    """Wire it."""
    said = core.settings.speech
    door = None if said is None else SpeechDoor(core.settings.socket("speech"))
    store = StoredHeardWords(core.store, core.log, core.keyring)
    words = SpokenWords(
        worker=door,
        calls=core.calls,
        refusals=refusals,
        store=store,
        telephony=exchange,
        seats=seats,
        matching=matching,
        clock=core.clock,
        changes=changes,
        lists=refusal_phrases(),
        calendar=shipped_packs().calendars[CALENDAR],
        agents=AgentsHeard.YES if said is not None and said.agents == "on" else AgentsHeard.NO,
    )
    return SpeechParts(words, store, door)
