"""People's rights, holds and retention from the command line; a number is read from standard input only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from dialer.domain.errors import InstallationError
from dialer.domain.ids import OrganisationId, SubjectId, UserId
from dialer.processes.commands import Say
from dialer.processes.core import Core, open_core
from dialer.processes.keeping import Keeping, keeping_of
from dialer.services.subject_rights import CaseKind, CaseView, Erased
from dialer.services.views.words import Declined
from dialer.settings import Settings
from dialer.signing.doors import Door, SignerDoor
from dialer.storage.holds import StoredHolds
from dialer.storage.retention import certificate
from dialer.storage.sampling import Sampling
from dialer.storage.sql import Tx
from dialer.storage.views_trail import TrailReader

MAY_ACT = ("auditor", "administrator")
"""Roles in whose name a person's request is dealt with and a sample drawn."""


@dataclass(frozen=True, slots=True)
class Acting:
    """The installation, and in whose name something is done."""

    core: Core
    org: OrganisationId
    user: UserId


def _keeping(core: Core) -> Keeping:
    return keeping_of(core.store, core.log, core.keyring, core.clock, core.vault.objects)


@asynccontextmanager
async def in_name_of(settings: Settings, login: str) -> AsyncIterator[Acting]:
    door = Door(settings.socket("signer"))
    core = open_core(settings, SignerDoor(door))

    def find(tx: Tx) -> tuple[str, str, str] | None:
        row = tx.one(
            "SELECT id, org_id, role FROM user_account WHERE login = :login AND disabled_us IS NULL",
            login=login,
        )
        return None if row is None else (str(row.id), str(row.org_id), str(row.role))

    try:
        found = await core.store.read(find)
        if found is None or found[2] not in MAY_ACT:
            raise InstallationError(f"{login} is no {' or '.join(MAY_ACT)}")
        yield Acting(core, OrganisationId(found[1]), UserId(found[0]))
    finally:
        core.store.close()
        await door.close()


def _case_line(case: CaseView) -> str:
    parts = [case.id, str(case.kind), case.state, f"due {case.due_on.date()}"]
    if case.waits_until is not None:
        parts.append(f"term ends {case.waits_until.date()}")
    if case.held:
        parts.append("held")
    if case.outcome is not None:
        parts.append(case.outcome)
    return "  ".join(parts)


def _said(answer: Declined | None, say: Say) -> int:
    if answer is None:
        say("there is no such case in this organisation")
    else:
        say(f"{answer.code}: {answer.sentence.en} {answer.sentence.zh}")
    return 1


async def open_case(
    settings: Settings, login: str, number: str, kind: CaseKind, country: str, say: Say
) -> int:
    """Open a person's case. 0: it is open."""
    async with in_name_of(settings, login) as acting:
        answer = await _keeping(acting.core).rights.open_case(acting.org, acting.user, number, kind, country)
    if not isinstance(answer, CaseView):
        return _said(answer, say)
    say(_case_line(answer))
    return 0


async def list_cases(settings: Settings, login: str, say: Say) -> int:
    """Every case, the most urgent first."""
    async with in_name_of(settings, login) as acting:
        for case in await _keeping(acting.core).rights.listed(acting.org):
            say(_case_line(case))
    return 0


async def copy_of(settings: Settings, login: str, case: str, say: Say) -> int:
    """Print a person's own copy."""
    async with in_name_of(settings, login) as acting:
        answer = await _keeping(acting.core).rights.copy(acting.org, acting.user, case)
    if not isinstance(answer, str):
        return _said(answer, say)
    say(answer)
    return 0


async def correct_name(settings: Settings, login: str, case: str, name: str, say: Say) -> int:
    """Correct a person's name."""
    async with in_name_of(settings, login) as acting:
        answer = await _keeping(acting.core).rights.correct(acting.org, acting.user, case, name)
    if not isinstance(answer, CaseView):
        return _said(answer, say)
    say(_case_line(answer))
    return 0


async def erase(settings: Settings, login: str, case: str, say: Say) -> int:
    """Erase a person, when law and holds allow it."""
    async with in_name_of(settings, login) as acting:
        answer = await _keeping(acting.core).rights.erase(acting.org, acting.user, case)
    if not isinstance(answer, Erased):
        return _said(answer, say)
    say(f"erased: {answer.payloads} payloads, {answer.recordings} recordings")
    return 0


async def set_hold(settings: Settings, login: str, case: str, reason: str, say: Say) -> int:
    """Hold everything of the person of a case."""
    async with in_name_of(settings, login) as acting:
        cases = await _keeping(acting.core).rights.listed(acting.org)
        sid = next((c.sid for c in cases if c.id == case), None)
        if sid is None:
            return _said(None, say)
        holds = StoredHolds(acting.core.store, acting.core.log)
        answer = await holds.set_hold(acting.org, acting.user, SubjectId(sid), reason)
    if isinstance(answer, Declined):
        return _said(answer, say)
    say(f"hold {answer}")
    return 0


async def lift_hold(settings: Settings, login: str, hold: str, reason: str, say: Say) -> int:
    """Lift a hold."""
    async with in_name_of(settings, login) as acting:
        is_lifted = await StoredHolds(acting.core.store, acting.core.log).lift(
            acting.org, acting.user, hold, reason
        )
    say("lifted" if is_lifted else "there is no such hold")
    return 0 if is_lifted else 1


async def run_retention(settings: Settings, login: str, say: Say) -> int:
    """Purge now what is due. 1: something is kept back because its recording is missing."""
    async with in_name_of(settings, login) as acting:
        erased = await _keeping(acting.core).rights.erase_ripe()
        done = await _keeping(acting.core).retention.run()
    say(f"{done.calls} calls and {done.people} people purged, {erased} people erased at their request")
    for attempt in done.kept_back:
        say(f"kept back, its recording is missing: {attempt}")
    return 1 if done.kept_back else 0


async def print_certificate(settings: Settings, login: str, seq: int, say: Say) -> int:
    """Print the certificate of one purge or erasure."""
    async with in_name_of(settings, login) as acting:
        text = await acting.core.store.read(lambda tx: certificate(tx, seq))
    say(text or "no purge or erasure stands there, or its checkpoint is not cosigned yet")
    return 0 if text else 1


async def draw_sample(
    settings: Settings, login: str, since: datetime, until: datetime, count: int, say: Say
) -> int:
    """Draw a sample and its inspector; print the seed's leaf first."""
    async with in_name_of(settings, login) as acting:
        core = acting.core
        sampling = Sampling(core.store, core.log, core.keyring, TrailReader(core.store, core.personal))
        answer = await sampling.draw(acting.org, acting.user, since, until, count)
    if isinstance(answer, Declined):
        return _said(answer, say)
    say(f"leaf {answer.seq}  seed {answer.seed.hex()}")
    say(f"inspector {answer.inspector or 'none: this organisation has no auditor'}")
    for attempt in answer.attempts:
        say(attempt)
    return 0
