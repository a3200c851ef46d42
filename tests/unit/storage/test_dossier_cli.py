"""`dialer dossier` on a real store: asked for, fetched into a file of its owner's, verified; a torn one leaves nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from dialer.demo.sample_organisation import ORG, SUPERVISOR
from dialer.domain.errors import InstallationError, SignerUnavailable
from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.verify import main as verify
from dialer.processes import dossiers as work
from dialer.processes.dossier_cli import write_new
from dialer.processes.rights import Acting
from dialer.services.views.audit import DossierShape
from tests.unit.storage.proof_world import ProofWorld, trust
from tests.unit.storage.test_backup_drill import settings_of


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ProofWorld]:
    """A store in whose name the commands act; its signer answers in this process."""
    opened = ProofWorld(tmp_path)
    core = SimpleNamespace(store=opened.core.store, log=opened.core.log, bundles=opened.bundles)

    @asynccontextmanager
    async def in_name_of(settings: object, login: str) -> AsyncIterator[Acting]:
        yield Acting(core, OrganisationId(ORG), UserId(SUPERVISOR))  # type: ignore[arg-type]

    monkeypatch.setattr(work, "in_name_of", in_name_of)
    yield opened
    opened.close()


async def test_a_dossier_is_fetched_into_a_file_that_verifies(world: ProofWorld, tmp_path: Path) -> None:
    attempts = [await world.talked(ending) for ending in range(2)]
    await world.sign()
    settings, said = settings_of(tmp_path), list[str]()
    asked = await work.ask(settings, "a", attempts, DossierShape.WHOLE, "complaint 2026-17", said.append)
    assert asked == 0
    dossier_id = said[0].split()[0]
    file, pinned = tmp_path / "dossier.zip", tmp_path / "trust.json"
    pinned.write_bytes(trust().to_bytes())
    done = await work.fetch(settings, "a", dossier_id, lambda p: write_new(file, p), said.append)
    assert (done, file.stat().st_mode & 0o777) == (0, 0o600)
    assert verify([str(file), "--trust", str(pinned)]) == 0
    assert await work.listed(settings, "a", said.append) == 0
    assert said[-1].startswith(dossier_id)
    assert await work.ask(settings, "a", ["nothing"], DossierShape.WHOLE, "a complaint", said.append) == 1
    assert await work.agree(settings, "a", dossier_id, said.append) == 1
    assert said[-1].startswith("dossier.own_act")


async def test_a_file_that_breaks_off_is_not_there_and_nothing_is_overwritten(tmp_path: Path) -> None:
    async def torn() -> AsyncIterator[bytes]:
        yield b"first"
        raise SignerUnavailable("gone")

    async def whole() -> AsyncIterator[bytes]:
        yield b"first"

    with pytest.raises(SignerUnavailable):
        await write_new(tmp_path / "a.zip", torn())
    assert list(tmp_path.iterdir()) == []
    assert await write_new(tmp_path / "a.zip", whole()) == 5
    (tmp_path / "b.zip.part").write_bytes(b"somebody else's")
    with pytest.raises(InstallationError):
        await write_new(tmp_path / "b.zip", whole())
    assert (tmp_path / "b.zip.part").read_bytes() == b"somebody else's"
