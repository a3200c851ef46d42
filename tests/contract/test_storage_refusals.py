"""Refusals told from outside a call, and what may undo one: nothing but the person's own later consent with proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG, SUPERVISOR
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import CampaignId, LeadId, OrganisationId, UserId
from dialer.evidence.dnc_proof import org_scope
from dialer.evidence.dnc_tree import prove_place
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import RefusalHeard
from dialer.ports.gate import GateNo
from dialer.ports.ledger import Refused
from dialer.services.lead_rows import LeadRow
from dialer.services.refusals import Superseded, ToldRefusal
from dialer.storage.clock import InstallationClock
from dialer.storage.dnc import dnc_head, dnc_node
from dialer.storage.intake import StoredIntake
from dialer.storage.intake_rows import signed_record
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.times import moment
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import RECORD_KEY, World, lead_row, number_of

__all__ = ["core", "core_url"]
HOME = OrganisationId(ORG)
PARTNER = Actor(ActorKind.PARTNER, "crm")


def told(ending: int, **changes: object) -> ToldRefusal:
    plain = ToldRefusal(
        org_id=HOME,
        number=number_of(ending),
        purpose=None,
        reason=DncReason.COMPLAINT,
        actor=PARTNER,
        said_at=None,
        via="test",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


async def tell(core: World, refusal: ToldRefusal) -> RefusalHeard | Superseded:
    return await StoredDoNotCall(core.store, core.log, core.keys).refuse_number(refusal)


async def take(core: World, row: LeadRow) -> LeadId:
    intake = StoredIntake(core.store, core.log, core.keys, InstallationClock(core.store))
    view = await intake.take(HOME, UserId(SUPERVISOR), CampaignId(CAMPAIGN), [row], [], 1)
    return LeadId(core.one("SELECT id FROM lead WHERE import_id = :id", id=view.id).id)


def entries(core: World, ending: int) -> list[tuple[str, str | None]]:
    hmac = core.keys.number_hmac(ORG, number_of(ending))
    rows = core.all(
        "SELECT reason, lifted_by_consent FROM dnc_entry WHERE number_hmac = :hmac ORDER BY at_us", hmac=hmac
    )
    return [(r.reason, r.lifted_by_consent) for r in rows]


def changes_in_tree(core: World, ending: int) -> int:
    place = core.keys.dnc_place(org_scope(ORG), number_of(ending), core.size())
    shown = core.store.read_now(
        lambda tx: prove_place(dnc_head(tx).root, place, lambda digest: dnc_node(tx, digest))
    )
    return len(shown.end.changes) if shown.end is not None and shown.end.place == place else 0


def signed(number: str, at: datetime, ownership: str = "proven") -> LeadRow:
    """A row whose source signed a consent given at that moment."""
    row = lead_row(number)
    assert row.consent is not None
    consent = replace(row.consent, given_at=at, ownership=ownership)
    signature = RECORD_KEY.sign(signed_record(number, consent)).signature.hex()
    return replace(row, requested_at=at, consent=replace(consent, signature=signature))


def later(core: World, seconds: float) -> LeadRow:
    """A row whose consent was given `seconds` after this moment of the database."""
    return signed(number_of(7), moment(core.now_us()) + timedelta(seconds=seconds))


async def test_a_number_that_nobody_knows_is_entered_all_the_same_and_then_never_permitted(
    core: World,
) -> None:
    heard = await tell(core, told(7))
    assert isinstance(heard, RefusalHeard)
    assert heard.is_new
    answer = await core.ledger.authorise(await core.claim(await take(core, lead_row(number_of(7)))))
    assert isinstance(answer, Refused)
    assert "DNC_ORGANISATION" in answer.refusal.codes
    assert isinstance(await core.ledger.authorise(await core.claim(await core.lead(8))), Permit)


async def test_the_same_refusal_told_three_times_is_one_entry_with_the_first_moment(core: World) -> None:
    answers = [await tell(core, told(7, via=door)) for door in ("api", "list", "hook")]
    heard = [a for a in answers if isinstance(a, RefusalHeard)]
    assert [a.is_new for a in heard] == [True, False, False]
    assert len({(a.entry_id, a.at) for a in heard}) == 1
    assert entries(core, 7) == [("complaint", None)]


async def test_a_refusal_told_between_permit_and_gate_wins_and_drops_the_lead(core: World) -> None:
    lead, other = await core.lead(7), await core.lead(8)
    permit, control = await core.permit(lead), await core.permit(other)
    heard = await tell(core, told(7))
    assert isinstance(heard, RefusalHeard)
    assert (heard.permits_void, heard.leads_dropped) == (1, 1)
    assert isinstance(await core.gate(permit.token), GateNo)
    assert not isinstance(await core.gate(control.token, "egress-2"), GateNo)
    assert core.lead_row(lead).state == "dropped"


async def test_a_refusal_told_while_a_leg_rings_marks_it_for_cutting(core: World) -> None:
    lead = await core.lead(7)
    permit = await core.placed(lead)
    numbers = StoredDoNotCall(core.store, core.log, core.keys)
    assert await numbers.open_calls_to(HOME, number_of(7)) == (permit.attempt_id,)
    heard = await tell(core, told(7))
    assert isinstance(heard, RefusalHeard)
    assert heard.cut == (permit.attempt_id,)
    assert core.attempt(permit.attempt_id).cut_wanted_us is not None


async def test_a_refusal_of_one_purpose_stands_beside_the_organisations_list(core: World) -> None:
    await tell(core, told(7, purpose="info_consult"))
    assert isinstance(await core.ledger.authorise(await core.claim(await core.lead(7))), Permit)
    await tell(core, told(8, purpose="callback"))
    answer = await core.ledger.authorise(await core.claim(await core.lead(8)))
    assert isinstance(answer, Refused)
    assert "DNC_PURPOSE" in answer.refusal.codes


@pytest.mark.rule("D18")
async def test_only_the_persons_own_later_proven_consent_opens_the_number_again(core: World) -> None:
    await tell(core, told(7))
    core.wind(60)
    lead = await take(core, later(core, -10))
    assert isinstance(await core.ledger.authorise(await core.claim(lead)), Permit)
    ((reason, lifted_by),) = entries(core, 7)
    assert (reason, lifted_by) == ("complaint", core.lead_row(lead).consent_id)
    assert changes_in_tree(core, 7) == 2


async def test_a_refusal_after_the_new_consent_is_a_second_entry_and_the_first_stays_visible(
    core: World,
) -> None:
    await tell(core, told(7))
    core.wind(60)
    await take(core, later(core, -10))
    await tell(core, told(7, reason=DncReason.SMS))
    listed = entries(core, 7)
    assert [reason for reason, _ in listed] == ["complaint", "sms"]
    assert listed[0][1] is not None
    assert listed[1][1] is None
    assert changes_in_tree(core, 7) == 3


def _unproven(row: LeadRow) -> LeadRow:
    return replace(row, consent=replace(row.consent, ownership="unproven")) if row.consent else row


def _claimed_afterwards(row: LeadRow) -> LeadRow:
    """What the source signed said “unproven”; a person at the list wrote “proven”."""
    honest = signed(row.number.e164, row.requested_at, ownership="unproven")
    assert honest.consent is not None
    return replace(honest, consent=replace(honest.consent, ownership="proven"))


def _unsigned(row: LeadRow) -> LeadRow:
    return replace(row, consent=replace(row.consent, signature="")) if row.consent else row


def _withdrawn(row: LeadRow) -> LeadRow:
    return replace(row, consent=replace(row.consent, withdrawn_at=row.requested_at)) if row.consent else row


@pytest.mark.rule("D18")
@pytest.mark.parametrize(
    "spoil",
    [_unproven, _claimed_afterwards, _unsigned, _withdrawn],
    ids=["unproven", "claimed_afterwards", "unsigned", "withdrawn"],
)
async def test_a_consent_that_lacks_something_lifts_nothing(core: World, spoil: object) -> None:
    assert callable(spoil)
    await tell(core, told(7))
    core.wind(60)
    lead = await take(core, spoil(later(core, -10)))
    assert entries(core, 7) == [("complaint", None)]
    answer = await core.ledger.authorise(await core.claim(lead))
    assert isinstance(answer, Refused)
    assert "DNC_ORGANISATION" in answer.refusal.codes


@pytest.mark.parametrize("seconds", [-120, 3600], ids=["older than the refusal", "from the future"])
async def test_a_consent_of_another_time_lifts_nothing(core: World, seconds: int) -> None:
    await tell(core, told(7))
    core.wind(60)
    await take(core, later(core, seconds))
    assert entries(core, 7) == [("complaint", None)]


async def test_a_platform_wide_refusal_is_not_lifted_by_an_organisations_consent(core: World) -> None:
    lead = await core.lead(7)
    await core.refuse(lead, DncScope.PLATFORM)
    core.wind(60)
    answer = await core.ledger.authorise(await core.claim(await take(core, later(core, -10))))
    assert isinstance(answer, Refused)
    assert "DNC_PLATFORM" in answer.refusal.codes


@pytest.mark.rule("E5")
async def test_dispositions_and_lists_after_a_refusal_leave_it_standing(core: World) -> None:
    lead = await core.lead(7)
    permit = await core.placed(lead)
    await core.refuse(lead, said_in=permit.attempt_id)
    await core.calls.dispose(permit.attempt_id, "handled", "human", PARTNER, "wants to be called")
    await tell(core, told(7, said_at=moment(core.now_us()) - timedelta(days=400), reason=DncReason.IMPORT))
    assert entries(core, 7) == [("said", None)]


async def test_a_refusal_told_late_does_not_undo_what_the_person_did_since(core: World) -> None:
    said_at = moment(core.now_us()) - timedelta(hours=2)
    lead = await core.lead(7)  # consented, with proof, twenty minutes before the sample's instant
    late = await tell(core, told(7, said_at=said_at))
    assert isinstance(late, Superseded)
    assert entries(core, 7) == []
    assert isinstance(await core.ledger.authorise(await core.claim(lead)), Permit)
    since = await tell(core, told(7, said_at=moment(core.now_us())))
    assert isinstance(since, RefusalHeard)
    assert entries(core, 7) == [("complaint", None)]


async def test_an_unproven_consent_is_no_reason_to_pass_over_an_old_refusal(core: World) -> None:
    await take(core, signed(number_of(7), moment(core.now_us()) - timedelta(minutes=1), ownership="unproven"))
    heard = await tell(core, told(7, said_at=moment(core.now_us()) - timedelta(hours=2)))
    assert isinstance(heard, RefusalHeard)
    assert heard.consents_withdrawn == 1
