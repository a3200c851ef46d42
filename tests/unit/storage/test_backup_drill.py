"""The drill: back up while calls run, kill, restore elsewhere. With log shipping no acknowledged leaf is lost."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from dialer.demo.sample_organisation import ORG, SUPERVISOR
from dialer.domain.errors import InstallationError, SignerUnavailable
from dialer.domain.ids import LeadId, OrganisationId, UserId
from dialer.evidence.checkpoint import Checkpoint
from dialer.ports.ledger import Refused
from dialer.processes.backup import Restored, backup, restore
from dialer.processes.declare import declare_loss
from dialer.rules.shipped import shipped_packs
from dialer.services.subject_rights import CaseKind, CaseView, SubjectRights
from dialer.settings import Exchange, Folders, Gate, Profile, Settings, Web
from dialer.signing.checkpointing import LastHead
from dialer.storage.clock import InstallationClock
from dialer.storage.subject_cases import StoredCases
from dialer.vault.objects import LocalObjects
from dialer.vault.removal import VaultFiles
from tests.unit.storage.proof_world import ProofWorld
from tests.unit.storage.storage_world import ORIGIN, keyring, number_of

DAY = 86_400
DEADLINE_SECONDS = 60


def settings_of(home: Path) -> Settings:
    """Where an installation in `home` has its database, vault and keys."""
    for name in ("vault", "spool", "keys", "run"):
        (home / name).mkdir(parents=True, exist_ok=True)
    return Settings(
        profile=Profile.DEMO,
        node="test",
        origin=ORIGIN,
        database=f"sqlite:///{home}/dialer.db",
        folders=Folders(keys=home / "keys", vault=home / "vault", spool=home / "spool", run=home / "run"),
        web=Web(host="127.0.0.1", port=1),
        exchange=Exchange(
            name="pbx",
            ami_host="127.0.0.1",
            ami_port=1,
            ami_secret_file=home / "none",
            http_port=1,
            optouts=home / "none",
            seats=0,
        ),
        gate=Gate(host="127.0.0.1", port=1, egress_control=home / "none"),
    )


def folders(tmp_path: Path) -> tuple[Path, Path, Path, Path]:
    """Here, elsewhere, the backup, the shipped log."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    return here, there, tmp_path / "backup", tmp_path / "shipped"


def witnessed(home: Path) -> Checkpoint | None:
    size, root = LastHead(home / "witness.state").read(ORIGIN)
    return Checkpoint(ORIGIN, size, root, None) if size else None


@contextmanager
def opened(home: Path, shipped: Path | None = None) -> Iterator[ProofWorld]:
    world = ProofWorld(home, shipped)
    try:
        yield world
    finally:
        world.close()


def say(line: str) -> None:
    assert number_of(0)[:8] not in line


async def refusal_of(world: ProofWorld, lead: LeadId) -> set[str]:
    """Codes with which the gate refuses a lead that is put back into the queue."""
    world.core.run("UPDATE lead SET state = 'queued', due_us = 0 WHERE id = :id", id=lead)
    answer = await world.core.ledger.authorise(await world.core.claim(lead))
    assert isinstance(answer, Refused), answer
    return {o.code for o in answer.refusal.objections}


@pytest.mark.rule("D20")
async def test_with_log_shipping_a_restore_elsewhere_loses_nothing_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    here, there, kept, shipped = folders(tmp_path)
    with opened(here, shipped) as world:
        first = await world.talked(1)
        await world.sign()
        assert backup(settings_of(here), kept, say) == 0
        lead = await world.core.lead(2)
        await world.core.refuse(lead)
        await world.core.placed(await world.core.lead(3))
        await world.sign()
        size, seen = world.core.size(), witnessed(here)
    done = restore(settings_of(there), kept, shipped, seen, keyring())
    assert (done.size, done.complete, done.missing_files) == (size, True, ())
    assert done.replayed.refusals == 1
    (here / "witness.state").rename(there / "witness.state")
    with opened(there) as world:
        assert world.audit().found == ()
        assert world.core.attempt(first).state == "sealed"
        assert "DNC_ORGANISATION" in await refusal_of(world, lead)
        await world.core.permit(await world.core.lead(5))
        await world.sign()
        assert world.audit().exposed == 0


async def test_without_a_shipped_log_the_gap_is_shown_dialling_stays_off_and_the_witness_refuses(
    tmp_path: Path,
) -> None:
    here, there, kept, _ = folders(tmp_path)
    with opened(here) as world:
        await world.talked(1)
        await world.sign()
        assert backup(settings_of(here), kept, say) == 0
        at_backup = world.core.size()
        await world.core.refuse(await world.core.lead(2))
        await world.sign()
        lost = world.core.size() - at_backup
        seen = witnessed(here)
    done = restore(settings_of(there), kept, None, seen, keyring())
    assert not done.complete
    empty = tmp_path / "empty"
    empty.mkdir()
    (there / "dialer.db").unlink()
    done = restore(settings_of(there), kept, empty, seen, keyring())
    assert not done.complete
    assert f"{lost} are lost" in done.why
    (here / "witness.state").rename(there / "witness.state")
    with opened(there) as world:
        assert "DIALLING_STOPPED" in await refusal_of(world, await world.core.lead(5))
        assert "witness.tail" in world.codes() or "witness.root" in world.codes()
        await world.checkpoints.sign()
        with pytest.raises(SignerUnavailable, match="witness"):
            await world.checkpoints.cosign()
    settings = settings_of(there)
    for name in ("signer", "witness"):
        (there / f"{name}.state").rename(settings.folders.run / f"{name}.state")
    with pytest.raises(InstallationError, match="no administrator"):
        declare_loss(settings, "nobody", "the disk broke", say)
    login = _administrator(there)
    assert declare_loss(settings, login, "the disk broke", say) == 0
    with pytest.raises(InstallationError, match="nothing was restored"):
        declare_loss(settings, login, "again", say)
    assert seen is not None
    assert seen.root.hex() in (settings.folders.run / "witness.declared").read_text()
    for name in ("signer", "witness"):
        (settings.folders.run / f"{name}.state").rename(there / f"{name}.state")
    with opened(there) as world:
        await world.sign()
        assert world.codes() == set()
        await world.core.permit(await world.core.lead(7))


def _administrator(home: Path) -> str:
    with opened(home) as world:
        world.core.run("UPDATE user_account SET role = 'administrator' WHERE id = :id", id=SUPERVISOR)
        return str(world.core.one("SELECT login FROM user_account WHERE id = :id", id=SUPERVISOR).login)


async def test_an_erasure_since_the_backup_happens_again(tmp_path: Path) -> None:
    here, there, kept, shipped = folders(tmp_path)
    with opened(here, shipped) as world:
        attempt = await world.talked(1)
        await world.sign()
        assert backup(settings_of(here), kept, say) == 0
        core = world.core
        clock = InstallationClock(core.store)
        cases = StoredCases(core.store, core.log, core.keys, clock, shipped_packs)
        rights = SubjectRights(
            cases, VaultFiles(LocalObjects(here / "vault")), clock, shipped_packs().calendars["cn"]
        )
        case = await rights.open_case(
            OrganisationId(ORG), UserId(SUPERVISOR), number_of(1), CaseKind.DELETE, "CN"
        )
        assert isinstance(case, CaseView)
        core.wind(31 * DAY)
        assert await rights.erase_ripe() == 1
        await world.sign()
        seen = witnessed(here)
        path = core.one("SELECT id FROM recording WHERE attempt_id = :id", id=attempt).id
    assert list((kept / "vault").glob(f"*/{path}.bin"))
    done = restore(settings_of(there), kept, shipped, seen, keyring())
    assert (done.complete, done.replayed.erasures) == (True, 1)
    assert not list((there / "vault").glob("*/*.bin"))
    (here / "witness.state").rename(there / "witness.state")
    with opened(there) as world:
        assert world.audit().found == ()
        assert world.core.one("SELECT wrapped_key FROM subject").wrapped_key is None


def _serve_until_killed(home: Path, shipped: Path, told: Connection) -> None:
    """Refusals as fast as they come; each is told once it is acknowledged."""

    async def work() -> None:
        world = ProofWorld(home, shipped)
        for ending in range(90):
            await world.core.refuse(await world.core.lead(ending))
            told.send((ending, world.core.size()))

    asyncio.run(work())


def test_killed_in_the_midst_of_refusals_every_acknowledged_one_is_back(tmp_path: Path) -> None:
    here, there, kept, shipped = folders(tmp_path)
    with opened(here, shipped):
        assert backup(settings_of(here), kept, say) == 0
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    child = multiprocessing.get_context("spawn").Process(
        target=_serve_until_killed, args=(here, shipped, theirs), daemon=True
    )
    child.start()
    acknowledged, size = -1, 0
    while acknowledged < 7:
        assert ours.poll(DEADLINE_SECONDS), "the process said nothing"
        acknowledged, size = ours.recv()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    while ours.poll():
        acknowledged, size = ours.recv()
    done = restore(settings_of(there), kept, shipped, None, keyring())
    assert done.size >= size > 0
    with opened(there) as world:
        keys = world.core.keys
        hashes = {bytes(r.number_hmac) for r in world.core.all("SELECT number_hmac FROM dnc_entry")}
        assert all(keys.number_hmac(ORG, number_of(ending)) in hashes for ending in range(acknowledged + 1))
        assert {found.code for found in world.audit().found} == set()


async def test_a_hole_in_the_shipped_log_is_found_and_dialling_stays_off(tmp_path: Path) -> None:
    here, there, kept, shipped = folders(tmp_path)
    with opened(here, shipped) as world:
        await world.core.lead(1)
        assert backup(settings_of(here), kept, say) == 0
        for ending in (2, 3):
            await world.core.refuse(await world.core.lead(ending))
        await world.sign()
        seen = witnessed(here)
    (file,) = shipped.glob("*.ship")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:-3] + lines[-1:]))
    done: Restored = restore(settings_of(there), kept, shipped, seen, keyring())
    assert not done.complete
    assert "does not follow" in done.why


def test_a_backup_holds_no_keys_and_lies_apart_from_them(tmp_path: Path) -> None:
    here, _, kept, _ = folders(tmp_path)
    settings = settings_of(here)
    with opened(here):
        with pytest.raises(InstallationError, match="keys"):
            backup(settings, settings.folders.keys / "copy", say)
        assert backup(settings, kept, say) == 0
        with pytest.raises(InstallationError, match="not empty"):
            backup(settings, kept, say)
    content = b"".join(path.read_bytes() for path in kept.rglob("*") if path.is_file())
    for secret in (b"m" * 32, b"p" * 32, b"v" * 32):
        assert secret not in content


def test_a_damaged_or_foreign_backup_is_refused_and_nothing_is_overwritten(tmp_path: Path) -> None:
    here, there, kept, _ = folders(tmp_path)
    with opened(here):
        assert backup(settings_of(here), kept, say) == 0
    with pytest.raises(InstallationError, match="already"):
        restore(settings_of(here), kept, None, None, keyring())
    foreign = settings_of(there).model_copy(update={"origin": "demo/other"})
    with pytest.raises(InstallationError, match="another log"):
        restore(foreign, kept, None, None, keyring())
    with (kept / "database").open("ab") as file:
        file.write(b"x")
    with pytest.raises(InstallationError, match="damaged"):
        restore(settings_of(there), kept, None, None, keyring())
