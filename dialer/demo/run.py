"""`make demo`: everything on one machine, on loopback. `ONCE`: the sample list to its end, verified, judged."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from dialer.demo.callers import (
    REFUSES,
    WANTS_AGENT,
    WANTS_CALLBACK,
    callbacks_without_consent,
    calls_ended,
    ring_in,
    talks_had,
)
from dialer.demo.outcome import LeadEnd, faults, is_over, journal_names_only_leads, lead_ends
from dialer.demo.processes import ONCE, Child, wait_for_port, wait_for_socket
from dialer.demo.sample_organisation import DEMO_INSTANT, ORG
from dialer.demo.stage import Stage, prepare
from dialer.demo.trio import Trio
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.checks import verify_bundle
from dialer.evidence.sound import sound_decoder
from dialer.processes.core import Core, open_core
from dialer.processes.init import Users
from dialer.signing.doors import Door, SignerDoor
from dialer.storage.sql import Tx
from dialer.telephony.install import ensure_asterisk

PORT: Final = 8080
ONCE_SECONDS_MAX: Final = 280.0
QUIET_SECONDS: Final = 2.0
RINGS_IN: Final = (REFUSES, WANTS_CALLBACK, WANTS_AGENT)
RING_IN_TURNS: Final = 120
"""Somebody rings us back once a minute: the loop turns twice a second."""
BESIDE: Final = ("signer", "witness", "gate", "speech")
"""Processes that serve the dialer; it starts last and ends first."""
Say = Callable[[str], None]


def default_home() -> Path:
    """Short, because a unix socket's path is short; one a user."""
    return Path(tempfile.gettempdir()) / f"dialer-demo-{os.getuid()}"


class Demo:
    """One run: three Asterisks and our processes."""

    def __init__(self, stage: Stage, say: Say) -> None:
        self.stage = stage
        self.say = say
        self.trio = Trio(stage, ensure_asterisk(say=say))
        self.children = {name: Child(stage, name) for name in (*BESIDE, "dialer")}

    async def start(self) -> None:
        """Start everything in order."""
        self.say("starting three Asterisks, gate, signer, witness, speech worker and dialer")
        await self.trio.start()
        for name in BESIDE:
            await self.children[name].start()
        for name in BESIDE:
            await wait_for_socket(self.children[name], self.stage.settings.socket(name))
        await self.children["dialer"].start()
        await wait_for_port(self.children["dialer"], self.stage.ports.web)

    async def stop(self) -> None:
        """Stop everything that was started."""
        for name in ("dialer", *reversed(BESIDE)):
            await self.children[name].stop()
        await self.trio.stop()

    def announce(self) -> None:
        """Say where it is and who may log in."""
        stage = self.stage
        self.say("")
        self.say(f"console  http://127.0.0.1:{stage.ports.web}/")
        for login in stage.logins:
            self.say(f"login    {login.role:<14} {login.login:<12} {login.password}")
        self.say(f"clock    the demo runs at {DEMO_INSTANT:%Y-%m-%d %H:%M} UTC and on, whatever today is")
        match stage.users:
            case Users.ONE_EACH:
                self.say(
                    "users    dialer, gate, egress, signer, witness and speech worker each run as their own user"
                )
            case Users.THIS_ONE:
                self.say("users    one user: separation of processes by user is not shown here")
        rejected = len(stage.imported.rejected)
        self.say(
            f"list     {stage.imported.accepted} leads taken, {rejected} rows rejected by line and reason"
        )
        self.say("")


async def run_demo(home: Path, port: int, once: Path | None, say: Say) -> int:
    """Run until Ctrl-C, or with `once` (the expectations) to the end of the list; the exit code."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        stage = await prepare(home, port, say)
        if once is not None:
            os.environ[ONCE] = "1"
        demo = Demo(stage, say)
        stack.push_async_callback(demo.stop)
        await demo.start()
        say(f"up in {time.monotonic() - began:.1f} s")
        demo.announce()
        door = Door(stage.settings.socket("signer"))
        stack.push_async_callback(door.close)
        core = open_core(stage.settings, SignerDoor(door))
        stack.callback(core.store.close)
        if once is None:
            await _watch(demo, core)
            return 0
        return await _to_the_end(demo, core, once)


async def _watch(demo: Demo, core: Core) -> None:
    """A line of what happens, until Ctrl-C."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    seen, turns = 0, 0
    while not stop.is_set():
        seen = await _tell(demo, core, seen)
        if turns % RING_IN_TURNS == RING_IN_TURNS // 2:
            await ring_in(demo.trio.carrier, RINGS_IN[turns // RING_IN_TURNS % len(RINGS_IN)])
        turns += 1
        try:
            await asyncio.wait_for(stop.wait(), 0.5)
        except TimeoutError:
            continue


async def _tell(demo: Demo, core: Core, seen: int) -> int:
    def news(tx: Tx) -> list[tuple[int, str, str | None]]:
        rows = tx.all(
            "SELECT seq, type, attempt_id FROM leaf WHERE seq >= :seen ORDER BY seq LIMIT 500", seen=seen
        )
        return [(int(r.seq), r.type, r.attempt_id) for r in rows]

    for child in demo.children.values():
        child.check()
    for seq, kind, attempt_id in await core.store.read(news):
        seen = seq + 1
        if kind.startswith(("attempt.", "dnc.", "refusal.", "gate2.", "inbound.")):
            demo.say(f"{seq:>6}  {kind:<22} {attempt_id or ''}")
    return seen


async def _to_the_end(demo: Demo, core: Core, expectations: Path) -> int:
    deadline = time.monotonic() + ONCE_SECONDS_MAX
    quiet_since: float | None = None
    for ending in (REFUSES, WANTS_CALLBACK):
        await ring_in(demo.trio.carrier, ending)
    seen, asked_for_agent = 0, False
    while time.monotonic() < deadline:
        seen = await _tell(demo, core, seen)
        rang = len(await core.store.read(calls_ended))
        over = await core.store.read(is_over) and rang >= len(RINGS_IN) - 1
        if over and not asked_for_agent:
            # the list is worked off: an agent is there for whoever rings now
            asked_for_agent = True
            await ring_in(demo.trio.carrier, WANTS_AGENT)
        over = over and rang == len(RINGS_IN)
        quiet_since = (quiet_since or time.monotonic()) if over else None
        if quiet_since is not None and time.monotonic() - quiet_since > QUIET_SECONDS:
            break
        await asyncio.sleep(0.3)
    journal = demo.trio.carrier_settings.journal
    ends = await core.store.read(lambda tx: lead_ends(tx, core.keyring, journal))
    bad_bundles = await _export_all(demo, core, ends)
    wrong = faults(ends, expectations)
    if not journal_names_only_leads(journal, ends):
        wrong.append("the carrier saw a number that is not on the list")
    wrong += await _inbound_faults(demo, core)
    for row in demo.stage.imported.rejected:
        demo.say(f"line {row.line:>3} rejected  {row.code}: {row.sentence.en}")
    for line in (*wrong, *bad_bundles):
        demo.say(f"WRONG  {line}")
    demo.say(
        f"{len(ends)} leads, {sum(e.invites for e in ends)} INVITEs, {len(wrong) + len(bad_bundles)} faults"
    )
    return 1 if wrong or bad_bundles else 0


async def _inbound_faults(demo: Demo, core: Core) -> list[str]:
    """Who rang us: one is on the list now, one was called back under the consent given by telephone, one got an agent."""
    wishes = await core.store.read(calls_ended)
    demo.say("")
    demo.say(f"rang us back: {', '.join(wishes)}")
    unproven = await core.store.read(callbacks_without_consent)
    found = (
        []
        if sorted(wishes) == ["callback", "none", "refused"]
        else ["the inbound line: one refusal, one callback, one talk"]
    )
    if unproven:
        found.append("the inbound line: a callback has no consent with its recording")
    if await core.store.read(talks_had) != 1:
        found.append("the inbound line: nobody who asked for an agent had a recorded talk")
    if not await core.store.read(lambda tx: tx.all("SELECT id FROM dnc_entry WHERE reason = 'inbound_line'")):
        found.append("the inbound line: the refusal is not on the list")
    return found


async def _export_all(demo: Demo, core: Core, ends: list[LeadEnd]) -> list[str]:
    """Write and verify the bundle of each lead's last attempt; what failed."""
    await _until_cosigned(core)
    bad: list[str] = []
    demo.say("")
    demo.say(f"{'lead':<6}{'state':<9}{'outcome':<24}{'attempt':<34}{'bundle / objections'}")
    for end in ends:
        said = ", ".join(end.codes)
        if not end.attempt_id:
            bad.append(f"{end.ending:02d}: no decision was made")
            continue
        data = await core.bundles.build(OrganisationId(ORG), AttemptId(end.attempt_id))
        if not isinstance(data, bytes):
            bad.append(f"{end.ending:02d}: no bundle")
            continue
        path = demo.stage.bundles / f"{end.attempt_id}.zip"
        await asyncio.to_thread(path.write_bytes, data)
        report = await asyncio.to_thread(verify_bundle, data, core.bundles.trust, sound_decoder())
        if report.exit_code != 0:
            failed = [f"{c.id}: {c.detail}" for c in report.checks if c.outcome == "fail"]
            bad.append(f"{end.ending:02d}: bundle {report.verdict}: {'; '.join(failed)}")
        verdict = report.verdict
        demo.say(
            f"{end.ending:02d}    {end.state:<9}{end.outcome:<24}{end.attempt_id:<34}{verdict}  {path}  {said}"
        )
    return bad


async def _until_cosigned(core: Core) -> None:
    for _ in range(150):
        done = await core.store.read(
            lambda tx: tx.sole(
                "SELECT (SELECT size FROM log_head) AS size,"
                " (SELECT COALESCE(MAX(size), 0) FROM checkpoint WHERE cosigned_us IS NOT NULL) AS cosigned"
            )
        )
        if done.size == done.cosigned:
            return
        await asyncio.sleep(0.1)
