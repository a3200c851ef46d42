"""How often a person is taken for a machine, and a machine for a person, by the exchange's answer detection.

`python -m bench.bench_amd` · calls made-up callees on real Asterisk with detection on: people who greet in a word, in a
sentence or with a company's name, slowly and fast, in a quiet room and in a noisy one; and the announcements of
voicemails. Prints a table by kind. Synthetic voices: a rate among them bounds nothing about a country's people.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dialer.telephony.carrier_behaviour import Answer, Behaviour, Ring, Silence, Speak, Step
from dialer.telephony.prompts import Language, Prompt, Voice, make_prompts
from tests.integration.asterisk_fixtures import (
    World,
    close_world,
    new_token,
    number_ending,
    open_world,
    program_for_tests,
    until,
)
from tests.integration.asterisk_prompts import TEST_PROMPTS

ZH, EN = Language.ZH, Language.EN
PEOPLE: Final = {
    "a word or two": ((ZH, "喂？"), (ZH, "喂，你好。"), (ZH, "您好。"), (EN, "Hello?"), (EN, "Yes?")),
    "a question": (
        (ZH, "喂，你好，请问是哪位？"),
        (ZH, "你好，找谁？"),
        (EN, "Hello, who is this?"),
        (EN, "Hi, this is Sam speaking."),
    ),
    "a company's greeting": (
        (ZH, "您好，这里是样例公司前台，请问有什么可以帮您？"),
        (EN, "Good morning, Sample Company, Alex speaking, how may I help you?"),
    ),
}
MACHINES: Final = (
    (ZH, "您好，您拨打的用户暂时无法接通，请在嘀声后留言，留言结束后请按井号键。"),
    (ZH, "您好，我现在不方便接听电话，请在提示音后留下您的姓名和电话，我会尽快给您回电。"),
    (
        EN,
        "Hi, you have reached my voicemail. I cannot take your call. Please leave a message after the tone.",
    ),
    (
        EN,
        "The person you are calling is not available at this moment. At the tone, please record your message.",
    ),
)
TEMPOS: Final = (0.8, 1.0, 1.25)
ROOMS: Final = {"quiet": 0.0, "noisy": 0.012}
"""Of full scale; the noisy room is louder than 256 of 32,768, the level that Asterisk's own sample takes for silence."""
LISTENED_SECONDS: Final = 6
AT_ONCE: Final = 6


@dataclass(frozen=True, slots=True)
class Callee:
    """One who answers: what they are, what they say and where. name: of the sound's file."""

    kind: str
    name: str
    language: Language
    text: str
    tempo: float
    room: str


def callees() -> tuple[Callee, ...]:
    """Everyone who is called once."""
    said = [(kind, *one) for kind, all_said in PEOPLE.items() for one in all_said]
    said += [("machine", *one) for one in MACHINES]
    made = itertools.product(said, TEMPOS, ROOMS)
    return tuple(
        Callee(kind, f"amd-{n}", language, text, tempo, room)
        for n, ((kind, language, text), tempo, room) in enumerate(made)
    )


def record(callee: Callee, folder: Path) -> None:
    """The sound of one callee: what they say at their tempo, then their room for as long as anybody listens."""
    file, draft = folder / f"{callee.name}.wav", folder / f"{callee.name}.new.wav"
    paced = ["sox", str(file), str(draft), "tempo", str(callee.tempo), "pad", "0", str(LISTENED_SECONDS)]
    subprocess.run(paced, check=True, capture_output=True)
    noise = ROOMS[callee.room]
    if noise == 0.0:
        draft.replace(file)
        return
    hum = folder / f"{callee.name}.hum.wav"
    for command in (
        ["sox", str(draft), str(hum), "synth", "brownnoise", "vol", str(noise)],
        ["sox", "-m", "-v", "1", str(draft), "-v", "1", str(hum), str(file)],
    ):
        subprocess.run(command, check=True, capture_output=True)
    hum.unlink()
    draft.unlink()


async def heard_as(world: World, ending: str, answers_at_once: asyncio.Semaphore) -> str:
    """Call one callee and hang up; what the exchange took the answer for."""
    async with answers_at_once:
        attempt = f"amd-{new_token()[2:14]}"
        await world.originate(world.gate.permit(number_ending(ending)), attempt, ("AMD=on",))

        def told() -> list[dict[str, str]]:
            return [
                event
                for name in ("CalleeReady", "CalleeMachine")
                for event in world.ami.heard(UserEvent=name, Attempt=attempt)
            ]

        await until(lambda: bool(told()), 20)
        answer = told()[0]
        if answer["UserEvent"] == "CalleeReady":
            await world.ami.act(Action="Hangup", Channel=attempt)
        await world.ami.event(Event="Hangup", Uniqueid=attempt)
        return "MACHINE" if answer["UserEvent"] == "CalleeMachine" else answer["Class"]


async def main() -> None:
    """Call everyone, print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    everyone = callees()
    with tempfile.TemporaryDirectory(prefix="amd-") as name:
        prompts = Path(name, "prompts")
        spoken = (Prompt(c.name, c.language, c.text, Voice.CALLEE) for c in everyone)
        make_prompts((*TEST_PROMPTS, *spoken), prompts)
        for callee in everyone:
            record(callee, prompts)
        steps: dict[str, tuple[Step, ...]] = {
            f"{n:02}": (Ring(300), Answer(), Silence(400), Speak(callee.name), Silence(2000))
            for n, callee in enumerate(everyone)
        }
        behaviours = tuple(Behaviour(ending, does) for ending, does in steps.items())
        world = await open_world(program_for_tests(), Path(name), prompts, behaviours=behaviours)
        try:
            gate = asyncio.Semaphore(AT_ONCE)
            taken = await asyncio.gather(*(heard_as(world, ending, gate) for ending in steps))
        finally:
            await close_world(world)
    counts = Counter((c.kind, c.room, took) for c, took in zip(everyone, taken, strict=True))
    print(f"{'who answered':<22}{'room':<8}{'calls':>6}{'human':>8}{'unsure':>8}{'machine':>9}")
    for kind in (*PEOPLE, "machine"):
        for room in ROOMS:
            human, unsure, machine = (counts[kind, room, took] for took in ("HUMAN", "NOTSURE", "MACHINE"))
            calls = human + unsure + machine
            print(f"{kind:<22}{room:<8}{calls:>6}{human:>8}{unsure:>8}{machine:>9}")


if __name__ == "__main__":
    asyncio.run(main())
