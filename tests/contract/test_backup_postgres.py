"""The drill on PostgreSQL: pg_dump while refusals come in, the server's database lost, restored elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from dialer.demo.sample_organisation import SUPERVISOR
from dialer.domain.errors import InstallationError, SignerUnavailable
from dialer.processes.backup import backup, restore
from dialer.processes.declare import declare_loss
from dialer.settings import Settings
from tests.contract.postgres_fixture import empty_database, fresh_database
from tests.unit.storage.proof_world import ProofWorld
from tests.unit.storage.storage_world import keyring
from tests.unit.storage.test_backup_drill import folders, refusal_of, say, settings_of, witnessed

pytestmark = pytest.mark.postgres


@contextmanager
def opened(home: Path, url: str, shipped: Path | None = None) -> Iterator[ProofWorld]:
    world = ProofWorld(home, shipped, url)
    try:
        yield world
    finally:
        world.close()


def on(home: Path, url: str) -> Settings:
    """An installation in `home` whose database is a PostgreSQL."""
    return settings_of(home).model_copy(update={"database": url})


def drop(url: str) -> None:
    """The server's database is gone, with everybody who still holds it."""
    name = url.split("@/")[1].split("?")[0]
    with psycopg.connect(url.replace(f"@/{name}?", "@/postgres?"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def test_with_log_shipping_no_acknowledged_leaf_is_lost(tmp_path: Path) -> None:
    here, there, kept, shipped = folders(tmp_path)
    url, elsewhere = fresh_database(), empty_database()
    with opened(here, url, shipped) as world:
        first = await world.talked(1)
        await world.sign()
        assert backup(on(here, url), kept, say) == 0
        refused = await world.core.lead(2)
        await world.core.refuse(refused)
        again = await world.core.lead(4)
        assert await refusal_of_other(world, refused)
        await world.core.placed(again)
        await world.sign()
        size, seen = world.core.size(), witnessed(here)
    drop(url)
    done = restore(on(there, elsewhere), kept, shipped, seen, keyring())
    assert (done.size, done.complete, done.missing_files) == (size, True, ())
    assert done.replayed.refusals == 1
    (here / "witness.state").rename(there / "witness.state")
    with opened(there, elsewhere) as world:
        assert world.codes() == set()
        assert world.core.attempt(first).state == "sealed"
        assert "DNC_ORGANISATION" in await refusal_of(world, refused)
        await world.core.permit(await world.core.lead(5))
        await world.sign()
        assert world.audit().exposed == 0


async def refusal_of_other(world: ProofWorld, lead: object) -> bool:
    """A refusal by the gate after the backup: its reason has to be found after the restore, too."""
    return "DNC_ORGANISATION" in await refusal_of(world, lead)  # type: ignore[arg-type]


async def test_without_it_the_gap_is_shown_and_nothing_is_dialled_until_somebody_declares_it(
    tmp_path: Path,
) -> None:
    here, there, kept, _ = folders(tmp_path)
    url, elsewhere = fresh_database(), empty_database()
    with opened(here, url) as world:
        await world.talked(1)
        await world.sign()
        assert backup(on(here, url), kept, say) == 0
        at_backup = world.core.size()
        await world.core.refuse(await world.core.lead(2))
        await world.sign()
        lost, seen = world.core.size() - at_backup, witnessed(here)
    drop(url)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = restore(on(there, elsewhere), kept, empty, seen, keyring())
    assert not done.complete
    assert f"{lost} are lost" in done.why
    (here / "witness.state").rename(there / "witness.state")
    with opened(there, elsewhere) as world:
        assert "DIALLING_STOPPED" in await refusal_of(world, await world.core.lead(5))
        await world.checkpoints.sign()
        with pytest.raises(SignerUnavailable, match="witness"):
            await world.checkpoints.cosign()
        world.core.run("UPDATE user_account SET role = 'administrator' WHERE id = :id", id=SUPERVISOR)
        login = str(world.core.one("SELECT login FROM user_account WHERE id = :id", id=SUPERVISOR).login)
    settings = on(there, elsewhere)
    for name in ("signer", "witness"):
        (there / f"{name}.state").rename(settings.folders.run / f"{name}.state")
    with pytest.raises(InstallationError, match="no administrator"):
        declare_loss(settings, "nobody", "the disk broke", say)
    assert declare_loss(settings, login, "the disk broke", say) == 0
    for name in ("signer", "witness"):
        (settings.folders.run / f"{name}.state").rename(there / f"{name}.state")
    with opened(there, elsewhere) as world:
        await world.sign()
        assert world.codes() == set()
        await world.core.permit(await world.core.lead(7))


async def test_a_restore_overwrites_no_database_that_is_there(tmp_path: Path) -> None:
    here, there, kept, _ = folders(tmp_path)
    url, taken = fresh_database(), fresh_database()
    with opened(here, url) as world:
        await world.core.refuse(await world.core.lead(2))
        assert backup(on(here, url), kept, say) == 0
    with pytest.raises(InstallationError):
        restore(on(there, taken), kept, None, None, keyring())
    with opened(there, taken) as world:
        assert world.core.all("SELECT id FROM dnc_entry") == []
