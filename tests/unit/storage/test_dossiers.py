"""A dossier of real calls: it verifies, each bundle alone too; who asked, agreed and fetched stands on the log."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.demo.sample_organisation import ORG, SUPERVISOR
from dialer.domain.errors import SignerUnavailable
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.evidence.case import Outcome
from dialer.evidence.check_dossier import is_dossier, verify_dossier
from dialer.services.dossiers import Dossiers
from dialer.services.views.audit import DossierRowView, DossierShape
from dialer.storage.dossiers import StoredDossiers
from tests.unit.storage.proof_world import ProofWorld, trust

THE_ORG, WHO = OrganisationId(ORG), UserId(SUPERVISOR)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProofWorld]:
    opened = ProofWorld(tmp_path)
    yield opened
    opened.close()


def dossiers_of(world: ProofWorld) -> Dossiers:
    return Dossiers(StoredDossiers(world.core.store, world.core.log), world.bundles)


async def fetched(desk: Dossiers, attempts: list[AttemptId], shape: DossierShape) -> bytes:
    asked = await desk.ask(THE_ORG, WHO, attempts, shape, "complaint 2026-17")
    assert isinstance(asked, DossierRowView), asked
    pieces = await desk.fetch(THE_ORG, WHO, asked.id)
    assert isinstance(pieces, AsyncIterator)
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("shape", DossierShape)
async def test_a_dossier_of_real_calls_verifies(world: ProofWorld, shape: DossierShape) -> None:
    attempts = [await world.talked(ending) for ending in range(3)]
    await world.sign()
    data = await fetched(dossiers_of(world), attempts, shape)
    assert is_dossier(data)
    report = verify_dossier(data, trust())
    assert report.exit_code == 0, [(c.id, c.detail) for c in report.checks if c.outcome is Outcome.FAILED]
    assert len(report.bundles) == 3
    assert (b"recording.flac" in data) == (shape is DossierShape.WHOLE)
    exported = world.core.all("SELECT attempt_id FROM leaf WHERE type = 'evidence.exported' ORDER BY seq")
    assert [row.attempt_id for row in exported] == [None, *attempts]


async def test_a_recording_that_is_gone_makes_its_attempt_absent_and_the_dossier_holds(
    world: ProofWorld,
) -> None:
    attempts = [await world.talked(ending) for ending in range(2)]
    await world.sign()
    for file in (world.home / "vault").glob("*/*.bin"):
        file.unlink()
        break
    data = await fetched(dossiers_of(world), attempts, DossierShape.WHOLE)
    assert verify_dossier(data, trust()).exit_code == 0
    assert b"recording.unreadable" in data


async def test_a_signer_that_goes_away_in_the_middle_leaves_nothing_that_verifies(world: ProofWorld) -> None:
    attempts = [await world.talked(ending) for ending in range(2)]
    await world.sign()
    desk = dossiers_of(world)
    asked = await desk.ask(THE_ORG, WHO, attempts, DossierShape.WHOLE, "complaint 2026-17")
    assert isinstance(asked, DossierRowView)
    pieces = await desk.fetch(THE_ORG, WHO, asked.id)
    assert isinstance(pieces, AsyncIterator)
    sent = bytearray()

    with pytest.raises(SignerUnavailable):
        await _send(world, pieces, sent)
    assert len(sent) > 5_000
    assert verify_dossier(bytes(sent), trust()).exit_code == 1


async def _send(world: ProofWorld, pieces: AsyncIterator[bytes], sent: bytearray) -> None:
    """What a browser gets, while the signer goes away after the first bundle."""

    async def away(message: bytes) -> bytes:
        raise SignerUnavailable("gone")

    async for piece in pieces:
        sent += piece
        if len(sent) > 5_000:
            world.bundles.signer.sign_bundle = away  # type: ignore[method-assign]


async def test_an_attempt_of_another_organisation_is_not_there(world: ProofWorld) -> None:
    attempt = await world.talked(1)
    desk = dossiers_of(world)
    other = OrganisationId("other")
    assert await desk.ask(other, WHO, [attempt], DossierShape.WHOLE, "complaint 2026-17") is None
    assert isinstance(
        await desk.ask(THE_ORG, WHO, [attempt], DossierShape.WHOLE, "complaint 2026-17"), DossierRowView
    )
