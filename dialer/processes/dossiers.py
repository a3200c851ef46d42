"""Dossiers from the command line: who asks, agrees and fetches is a person of the organisation, and on the log."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from dialer.domain.ids import AttemptId
from dialer.processes.commands import Say
from dialer.processes.rights import Acting, in_name_of
from dialer.services.dossiers import Dossiers
from dialer.services.views.audit import DossierRowView, DossierShape
from dialer.services.views.words import Declined
from dialer.settings import Settings
from dialer.storage.dossiers import StoredDossiers


def _dossiers(person: Acting) -> Dossiers:
    return Dossiers(StoredDossiers(person.core.store, person.core.log), person.core.bundles)


def _said(answer: Declined | None, say: Say) -> int:
    if answer is None:
        say("there is no such attempt or dossier in this organisation")
    else:
        say(f"{answer.code}: {answer.sentence.en} {answer.sentence.zh}")
    return 1


def _row(row: DossierRowView) -> str:
    return f"{row.id}  {row.state}  {row.attempts} attempts of {row.people} people  {row.shape}  by {row.asked_by.id}"


async def ask(
    settings: Settings, login: str, attempts: Sequence[str], shape: DossierShape, reason: str, say: Say
) -> int:
    """Ask for these attempts. 0: asked."""
    async with in_name_of(settings, login) as person:
        ids = [AttemptId(one) for one in attempts]
        answer = await _dossiers(person).ask(person.org, person.user, ids, shape, reason)
    if not isinstance(answer, DossierRowView):
        return _said(answer, say)
    say(_row(answer))
    return 0


async def listed(settings: Settings, login: str, say: Say) -> int:
    """Every dossier that was asked for."""
    async with in_name_of(settings, login) as person:
        for row in (await _dossiers(person).listed(person.org, person.user)).items:
            say(_row(row))
    return 0


async def agree(settings: Settings, login: str, dossier_id: str, say: Say) -> int:
    """Agree to somebody else's. 0: it may be fetched."""
    async with in_name_of(settings, login) as person:
        answer = await _dossiers(person).agree(person.org, person.user, dossier_id)
    if not isinstance(answer, DossierRowView):
        return _said(answer, say)
    say(_row(answer))
    return 0


async def fetch(
    settings: Settings,
    login: str,
    dossier_id: str,
    write: Callable[[AsyncIterator[bytes]], Awaitable[int]],
    say: Say,
) -> int:
    """Build it and hand its pieces to `write`. 0: written whole."""
    async with in_name_of(settings, login) as person:
        pieces = await _dossiers(person).fetch(person.org, person.user, dossier_id)
        if pieces is None or isinstance(pieces, Declined):
            return _said(pieces, say)
        size = await write(pieces)
    say(f"{size} bytes; verify it with `dialer verify --trust trust.json`")
    return 0
