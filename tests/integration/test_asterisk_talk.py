"""A talk on real instances: how fast the agent is there, what is recorded, and what a callee hears who is left alone."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio
import soundfile

from dialer.domain.ids import AttemptId
from dialer.telephony.optouts import read_optouts
from dialer.vault.objects import LocalObjects
from dialer.vault.recordings import NOTICE_GAP, RecordingVault
from tests.integration.asterisk_fixtures import AmiLine, World, new_token, number_ending, until

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

CALLEE_HZ = 440
AGENT_HZ = 660
RATE_HZ = 8000
PIECE = 2400

Samples = npt.NDArray[np.float64]


def level_db(samples: Samples, hz: int) -> float:
    """How strong one tone is (Goertzel by one bin of a windowed Fourier transform), in dB."""
    window = samples * np.hanning(len(samples))
    turn = np.exp(-2j * np.pi * hz * np.arange(len(samples)) / RATE_HZ)
    return float(20 * np.log10(abs(np.dot(window, turn)) / len(samples) + 1e-12))


def likeness(heard: Samples, said: Samples) -> float:
    """How much of a saying was heard, 0 to 1: the median over its pieces of the best normalised correlation.

    By pieces, because a busy machine may drop a frame of a saying; a listener would not notice.
    """
    pieces = [said[start : start + PIECE] for start in range(0, len(said) - PIECE, PIECE)]
    loud = [piece for piece in pieces if np.sqrt(np.mean(piece**2)) > 0.02]
    return float(np.median([_best_correlation(heard, piece) for piece in loud]))


def _best_correlation(heard: Samples, said: Samples) -> float:
    heard = np.pad(heard, (0, max(0, len(said) - len(heard) + 1)))
    size = 1 << (len(heard) + len(said)).bit_length()
    product = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)
    product = product[: len(heard) - len(said) + 1]
    energy = np.concatenate(([0.0], np.cumsum(heard**2)))
    stretch = energy[len(said) :] - energy[: -len(said)]
    return float(np.max(product / np.sqrt(stretch * np.sum(said**2) + 1e-6)))


def read(path: Path) -> Samples:
    """One mono file at 8 kHz."""
    samples, rate = soundfile.read(path, dtype="float64")
    assert rate == RATE_HZ
    return np.asarray(samples)


def leg(world: World, attempt: str, name: str) -> Samples:
    """One leg of a recording: `callee` or `agent`."""
    return read(world.pbx_settings.recordings / f"{attempt}-{name}.wav")


def prompt(world: World, name: str) -> Samples:
    """What a prompt says."""
    return read(world.pbx_settings.prompts / f"{name}.wav")


async def call_seat(world: World, seat: str) -> str:
    """Call an agent's phone, as at the start of a shift; returns the leg's channel id."""
    leg_id = f"{seat}-{int(new_token()[2:10], 16)}"
    await world.ami.act(
        Action="Originate",
        Channel=f"PJSIP/{seat}",
        Context="seat",
        Exten="s",
        Priority="1",
        Async="true",
        ChannelId=leg_id,
    )
    await world.ami.event(UserEvent="SeatReady", Uniqueid=leg_id)
    return leg_id


async def call_callee(world: World, ending: str, *variables: str) -> str:
    """Call a callee up to the moment in which an agent may be bridged; returns the attempt."""
    attempt = f"talk-{new_token()[2:14]}"
    await world.originate(world.gate.permit(number_ending(ending)), attempt, variables)
    await world.ami.event(UserEvent="CalleeReady", Attempt=attempt)
    return attempt


async def bridge(world: World, attempt: str, seat: str) -> None:
    """Connect a callee with an agent and wait until both are in the bridge."""
    reply = await world.ami.act(Action="Bridge", Channel1=attempt, Channel2=seat)
    assert reply["Response"] == "Success"
    await world.ami.event(Event="BridgeEnter", Uniqueid=attempt, BridgeType="basic")
    await until(lambda: bool(shared_bridge(world, attempt, seat)))


def shared_bridge(world: World, attempt: str, seat: str) -> list[dict[str, str]]:
    """The seat's entering of a bridge in which the callee is."""
    bridges = {e["BridgeUniqueid"] for e in world.ami.heard(Event="BridgeEnter", Uniqueid=attempt)}
    return [e for e in world.ami.heard(Event="BridgeEnter", Uniqueid=seat) if e["BridgeUniqueid"] in bridges]


async def hang_up(world: World, channel: str) -> None:
    """End a channel as the dialer does."""
    await world.ami.act(Action="Hangup", Channel=channel)
    await world.ami.event(Event="Hangup", Uniqueid=channel)


@pytest_asyncio.fixture(loop_scope="session")
async def seat(world: World) -> AsyncIterator[str]:
    """A headless agent who waits for calls."""
    leg_id = await call_seat(world, "headless-1")
    yield leg_id
    await world.ami.act(Action="Hangup", Channel=leg_id)


async def test_the_agent_is_there_within_100_ms_of_the_answer(world: World, seat: str) -> None:
    delays_seconds = []
    for _ in range(3):
        attempt = await call_callee(world, "01")
        await bridge(world, attempt, seat)
        answered = [record for record in world.journal() if record.event == "200"][-1]
        entered = float(shared_bridge(world, attempt, seat)[-1]["Timestamp"])
        delays_seconds.append(entered - answered.at.timestamp())
        await hang_up(world, attempt)
    # The middle one: the machine has other things to do as well.
    assert 0 < sorted(delays_seconds)[1] < 0.1, delays_seconds


async def test_the_agent_waits_again_after_the_talk_and_the_callee_hears_no_notice(
    world: World, seat: str
) -> None:
    attempt = await call_callee(world, "01")
    await bridge(world, attempt, seat)
    ready = len(world.ami.heard(UserEvent="SeatReady", Uniqueid=seat))
    await hang_up(world, attempt)
    await until(lambda: len(world.ami.heard(UserEvent="SeatReady", Uniqueid=seat)) == ready + 1)
    assert world.ami.heard(UserEvent="Abandoned", Attempt=attempt) == []


async def test_each_leg_of_the_recording_has_its_own_voice_and_the_talks_length(
    world: World, seat: str
) -> None:
    attempt = await call_callee(world, "02")
    await bridge(world, attempt, seat)
    started = asyncio.get_running_loop().time()
    await asyncio.sleep(1.6)
    await hang_up(world, attempt)
    talked_seconds = asyncio.get_running_loop().time() - started
    await asyncio.sleep(0.2)
    callee, agent = leg(world, attempt, "callee"), leg(world, attempt, "agent")
    assert len(callee) == len(agent)
    assert abs(len(callee) / RATE_HZ - talked_seconds) < 0.3
    middle = slice(RATE_HZ // 2, len(callee) - RATE_HZ // 4)
    assert level_db(callee[middle], CALLEE_HZ) - level_db(callee[middle], AGENT_HZ) >= 30
    assert level_db(agent[middle], AGENT_HZ) - level_db(agent[middle], CALLEE_HZ) >= 30
    both = read(world.pbx_settings.recordings / f"{attempt}.wav")[middle]
    assert level_db(both, CALLEE_HZ) > -40
    assert level_db(both, AGENT_HZ) > -40


async def test_a_callee_whom_nobody_takes_hears_the_notice_after_the_patience(world: World) -> None:
    attempt = await call_callee(world, "03", "PATIENCE_MS=700", "NOTICE=notice-en")
    ready = await world.ami.event(UserEvent="CalleeReady", Attempt=attempt)
    abandoned = await world.ami.event(UserEvent="Abandoned", Attempt=attempt)
    assert abandoned["Cause"] == "nobody"
    assert 0.65 < float(abandoned["Timestamp"]) - float(ready["Timestamp"]) < 1.2
    await world.ami.event(Event="Hangup", Uniqueid=attempt)
    said = prompt(world, "notice-en")
    assert likeness(leg(world, attempt, "agent"), said) > 0.8
    # The measure can tell: in a talk no notice is heard, see below.
    assert likeness(leg(world, attempt, "callee"), said) < 0.6


async def test_a_callee_whose_agent_dies_in_the_talk_hears_the_notice(world: World, seat: str) -> None:
    attempt = await call_callee(world, "04", "PATIENCE_MS=300", "NOTICE=notice-en")
    await bridge(world, attempt, seat)
    await asyncio.sleep(0.6)
    assert world.ami.heard(UserEvent="Abandoned", Attempt=attempt) == [], "in a talk patience is over"
    await world.ami.act(Action="Hangup", Channel=seat)
    assert (await world.ami.event(UserEvent="Abandoned", Attempt=attempt))["Cause"] == "agent_lost"
    await world.ami.event(Event="Hangup", Uniqueid=attempt)
    assert likeness(leg(world, attempt, "agent"), prompt(world, "notice-en")) > 0.8


async def test_a_callee_whose_agent_dies_before_the_patience_ends_hears_the_notice(
    world: World, seat: str
) -> None:
    attempt = await call_callee(world, "04", "PATIENCE_MS=5000")
    await bridge(world, attempt, seat)
    await world.ami.act(Action="Hangup", Channel=seat)
    assert (await world.ami.event(UserEvent="Abandoned", Attempt=attempt))["Cause"] == "agent_lost"
    await hang_up(world, attempt)


async def test_a_callee_whose_agent_is_taken_away_hears_the_notice(world: World, seat: str) -> None:
    first = await call_callee(world, "05")
    await bridge(world, first, seat)
    second = await call_callee(world, "06")
    await bridge(world, second, seat)
    assert (await world.ami.event(UserEvent="Abandoned", Attempt=first))["Cause"] == "agent_lost"
    assert world.ami.heard(UserEvent="Abandoned", Attempt=second) == []
    await hang_up(world, first)
    await hang_up(world, second)


async def test_the_key_9_in_a_talk_is_heard_as_a_key_of_that_callee(world: World, seat: str) -> None:
    attempt = await call_callee(world, "70")
    await bridge(world, attempt, seat)
    key = await world.ami.event(Event="DTMFEnd", Uniqueid=attempt, Direction="Received")
    assert key["Digit"] == "9"
    assert [record.event for record in world.journal()].count("KEY") >= 1
    await hang_up(world, attempt)


async def test_the_key_9_in_the_notice_is_written_down_while_the_dialer_is_dead(world: World) -> None:
    attempt = await call_callee(world, "71", "PATIENCE_MS=400", "NOTICE=notice-en")
    port, secret = world.pbx_settings.ami_port, world.pbx_settings.ami_secret
    await world.ami.close()
    try:
        await until(lambda: attempt in [one.attempt_id for one in read_optouts(world.pbx_settings.optouts)])
    finally:
        events = world.ami.events
        world.ami = await AmiLine.open(port, secret)
        world.ami.events[:0] = events
    (pressed,) = [one for one in read_optouts(world.pbx_settings.optouts) if one.attempt_id == attempt]
    assert pressed.key == "9"
    await world.ami.event(Event="Hangup", Uniqueid=attempt)
    assert likeness(leg(world, attempt, "agent"), prompt(world, "optout-done-en")) > 0.8


async def test_the_key_9_in_the_notice_is_told_to_the_dialer(world: World) -> None:
    attempt = await call_callee(world, "72", "PATIENCE_MS=400")
    told = await world.ami.event(UserEvent="OptOut", Attempt=attempt)
    assert told["Key"] == "9"
    await hang_up(world, attempt)


async def test_another_key_says_the_notice_once_more_and_opts_out_of_nothing(world: World) -> None:
    attempt = await call_callee(world, "73", "PATIENCE_MS=400", "OPTOUT_KEY=1")
    await world.ami.event(Event="DTMFEnd", Uniqueid=attempt, Digit="9")
    await world.ami.event(UserEvent="NoticeSaid", Attempt=attempt, seconds_max=20)
    assert world.ami.heard(UserEvent="OptOut", Attempt=attempt) == []


async def test_a_callee_on_hold_hears_music_and_is_taken_back(world: World, seat: str) -> None:
    attempt = await call_callee(world, "74", "PATIENCE_MS=300")
    await bridge(world, attempt, seat)
    await asyncio.sleep(0.5)
    entered = len(shared_bridge(world, attempt, seat))
    reply = await world.ami.act(Action="Redirect", Channel=attempt, Context="hold", Exten="s", Priority="1")
    assert reply["Response"] == "Success"
    await world.ami.event(UserEvent="Held", Attempt=attempt)
    await asyncio.sleep(0.8)
    reply = await world.ami.act(Action="Bridge", Channel1=attempt, Channel2=seat)
    assert reply["Response"] == "Success"
    await until(lambda: len(shared_bridge(world, attempt, seat)) > entered)
    assert world.ami.heard(UserEvent="Abandoned", Attempt=attempt) == []
    await world.ami.act(Action="Hangup", Channel=seat)
    assert (await world.ami.event(UserEvent="Abandoned", Attempt=attempt))["Cause"] == "agent_lost"
    await hang_up(world, attempt)
    await asyncio.sleep(0.2)
    held = leg(world, attempt, "agent")[int(0.8 * RATE_HZ) : int(1.2 * RATE_HZ)]
    assert np.max(np.abs(held)) > 0.01, "music"
    assert level_db(held, AGENT_HZ) < level_db(leg(world, attempt, "agent")[: RATE_HZ // 2], AGENT_HZ) - 20


async def test_a_callee_is_not_left_on_hold_for_ever(world: World, seat: str) -> None:
    attempt = await call_callee(world, "74")
    await bridge(world, attempt, seat)
    await world.ami.act(Action="Redirect", Channel=attempt, Context="hold", Exten="s", Priority="1")
    held = await world.ami.event(UserEvent="Held", Attempt=attempt)
    lost = await world.ami.event(UserEvent="Abandoned", Attempt=attempt)
    assert lost["Cause"] == "agent_lost"
    assert 1.9 < float(lost["Timestamp"]) - float(held["Timestamp"]) < 2.6
    await hang_up(world, attempt)


@pytest.mark.parametrize(("mode", "is_recorded"), [("at_start", True), ("before", False)])
async def test_the_recording_notice_is_part_of_the_recording_or_comes_before_it(
    world: World, mode: str, is_recorded: bool
) -> None:
    attempt = await call_callee(
        world, "07", f"RECORDING={mode}", "RECNOTICE=recording-en", "PATIENCE_MS=9000"
    )
    await asyncio.sleep(0.3)
    await hang_up(world, attempt)
    await asyncio.sleep(0.2)
    resemblance = likeness(leg(world, attempt, "agent"), prompt(world, "recording-en"))
    assert resemblance > 0.8 if is_recorded else resemblance < 0.6
    ready = world.ami.heard(UserEvent="CalleeReady", Attempt=attempt)[0]
    said_ms = len(prompt(world, "recording-en")) * 1000 // RATE_HZ
    assert ready["Recording"] == mode
    assert said_ms - 50 < int(ready["NoticeMs"]) < said_ms + 500
    unrecorded = world.pbx_settings.recordings / f"{attempt}-unrecorded"
    assert unrecorded.exists() is not is_recorded


async def test_a_recording_that_begins_after_the_notice_names_what_is_missing_from_the_answer_on(
    world: World, tmp_path: Path
) -> None:
    attempt = f"talk-{new_token()[2:14]}"
    await world.originate(
        world.gate.permit(number_ending("07")),
        attempt,
        ("RECORDING=before", "RECNOTICE=recording-en", "PATIENCE_MS=9000"),
    )
    up = await world.ami.event(Event="Newstate", Uniqueid=attempt, ChannelState="6")
    await world.ami.event(UserEvent="CalleeReady", Attempt=attempt)
    await asyncio.sleep(1.0)
    await hang_up(world, attempt)
    gone = world.ami.heard(Event="Hangup", Uniqueid=attempt)[0]
    await asyncio.sleep(0.2)
    vault = RecordingVault(LocalObjects(tmp_path), world.pbx_settings.recordings)
    sealed = await vault.seal(AttemptId(attempt))
    assert sealed is not None
    (gap,) = (g for g in sealed.gaps if g.why == NOTICE_GAP)
    said_ms = len(prompt(world, "recording-en")) * 1000 // RATE_HZ
    assert gap.from_ms == 0
    assert said_ms - 50 < gap.to_ms < said_ms + 500
    whole_ms = (float(gone["Timestamp"]) - float(up["Timestamp"])) * 1000
    assert abs(sealed.frames * 1000 / sealed.rate_hz - whole_ms) < 300, "from the answer to the end"
    flac = await vault.open(sealed.path, sealed.key, sealed.ct_sha256)
    sound, _ = soundfile.read(io.BytesIO(flac), dtype="float64", always_2d=True)
    silence, talk = np.split(sound, [gap.to_ms * RATE_HZ // 1000])
    assert (np.max(np.abs(silence)), level_db(talk[:, 0], CALLEE_HZ) > -30) == (0, True)
    await vault.discard_spool(AttemptId(attempt))
    assert list(world.pbx_settings.recordings.glob(f"{attempt}*")) == []


async def test_a_supervisor_listens_to_a_seat_and_is_heard_by_nobody(world: World, seat: str) -> None:
    attempt = await call_callee(world, "75")
    await bridge(world, attempt, seat)
    listener = f"headless-2-{int(new_token()[2:10], 16)}"
    await world.ami.act(
        Action="Originate",
        Channel="PJSIP/headless-2",
        Context="listen",
        Exten="quiet",
        Priority="1",
        Async="true",
        ChannelId=listener,
        Variable=f"SPY_ON={seat}",
    )
    spying = await world.ami.event(Event="ChanSpyStart", SpyerUniqueid=listener)
    assert spying["SpyeeUniqueid"] == seat
    await hang_up(world, attempt)
    await hang_up(world, listener)


async def test_nobody_listens_to_a_callee_past_the_seat(world: World, seat: str) -> None:
    attempt = await call_callee(world, "76")
    await bridge(world, attempt, seat)
    listener = f"headless-2-{int(new_token()[2:10], 16)}"
    await world.ami.act(
        Action="Originate",
        Channel="PJSIP/headless-2",
        Context="listen",
        Exten="quiet",
        Priority="1",
        Async="true",
        ChannelId=listener,
        Variable=f"SPY_ON={attempt}",
    )
    await world.ami.event(Event="Hangup", Uniqueid=listener)
    assert world.ami.heard(Event="ChanSpyStart", SpyerUniqueid=listener) == []
    await hang_up(world, attempt)


async def test_an_attempts_name_can_not_leave_the_folder_of_the_recordings(world: World) -> None:
    attempt = f"talk-{new_token()[2:14]}"
    token = world.gate.permit(number_ending("08"))
    await world.ami.act(
        Action="Originate",
        Channel=f"PJSIP/{token}@egress",
        Context="callee",
        Exten="s",
        Priority="1",
        Async="true",
        ChannelId=attempt,
        Variable=f"ATTEMPT=../../{attempt};touch x",
    )
    ready = await world.ami.event(UserEvent="CalleeReady", Uniqueid=attempt)
    await hang_up(world, attempt)
    assert ready["Attempt"] == f"{attempt}touchx"
    assert (world.pbx_settings.recordings / f"{attempt}touchx.wav").is_file()
    assert not [
        path for path in world.root.rglob(f"{attempt}*") if path.parent != world.pbx_settings.recordings
    ]
