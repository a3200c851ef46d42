"""Who refused may be told by one approved message that it holds, at most once, and nobody who was erased."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from dialer.api.public.words import when
from dialer.demo.sample_organisation import ORG
from dialer.domain.dnc import DncReason
from dialer.domain.ids import OrganisationId
from dialer.domain.phone import PhoneNumber
from dialer.evidence.record import Actor, ActorKind
from dialer.processes.public import refusal_notices
from dialer.services.consent_codes import SmsTemplate, SmsUnavailable
from dialer.services.refusal_notices import TRIES_MAX, RefusalNotices
from dialer.services.refusals import ToldRefusal
from dialer.settings import RefusalNotice, Sms
from dialer.storage.consent_sms import FileSms
from dialer.storage.refusal_notices import StoredRefusalNotices
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.storage.shred import shred_subject
from dialer.storage.times import moment
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import World, number_of

__all__ = ["core", "core_url"]
HOME = OrganisationId(ORG)
TEXT = "您已要求停止来电，自{at}起我们不再致电。"
TEMPLATES = {HOME: {"zh": SmsTemplate("SMS_0009", "2026-10-01", TEXT)}}


@dataclass
class OverloadedSms:
    """A carrier's gateway that takes nothing until it is told to."""

    inner: FileSms
    takes: bool = False
    asked: list[str] = field(default_factory=list)

    async def send(self, number: PhoneNumber, template: SmsTemplate, values: Mapping[str, str]) -> None:
        self.asked.append(number.masked)
        if not self.takes:
            raise SmsUnavailable("busy")
        await self.inner.send(number, template, values)


def messages(folder: Path) -> list[dict[str, str]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def notices(core: World, folder: Path) -> RefusalNotices:
    return RefusalNotices(
        StoredRefusalNotices(core.store, core.log, core.keys), FileSms(folder / "sms"), TEMPLATES
    )


async def tell(core: World, ending: int, reason: DncReason, purpose: str | None = None) -> None:
    told = ToldRefusal(HOME, number_of(ending), purpose, reason, Actor(ActorKind.PARTNER, "crm"), None, "t")
    await StoredDoNotCall(core.store, core.log, core.keys).refuse_number(told)


async def test_who_refused_gets_the_approved_message_once_and_it_is_on_the_log(
    core: World, tmp_path: Path
) -> None:
    await core.refuse(await core.lead(1))
    turn = notices(core, tmp_path)
    assert await turn.run() == 1
    assert await turn.run() == 0
    (sent,) = messages(tmp_path / "sms")
    assert sent["to"] == number_of(1)
    assert sent["template"] == "SMS_0009"
    at = moment(core.one("SELECT at_us FROM dnc_entry").at_us)
    assert sent["text"] == TEXT.format(at=when(at))
    leaf = core.one("SELECT sid, type FROM leaf ORDER BY seq DESC LIMIT 1")
    assert leaf.type == "refusal.acknowledged"
    assert core.one("SELECT state, sent_us FROM refusal_notice").state == "sent"
    # said once more, it is the same refusal
    await tell(core, 1, DncReason.SAID)
    assert await turn.run() == 0


@pytest.mark.parametrize("reason", [DncReason.COMPLAINT, DncReason.IMPORT, DncReason.SIP_607])
async def test_lists_complaints_and_signals_are_not_answered(
    core: World, tmp_path: Path, reason: DncReason
) -> None:
    for ending in (1, 2):
        await core.lead(ending)
    await tell(core, 1, reason)
    await tell(core, 2, DncReason.SMS)  # the control
    assert await notices(core, tmp_path).run() == 1
    assert [sent["to"] for sent in messages(tmp_path / "sms")] == [number_of(2)]


async def test_nobody_is_told_whom_the_organisation_never_dealt_with_nor_of_one_purpose_only(
    core: World, tmp_path: Path
) -> None:
    """A prankster who types other people's numbers into the form makes no phone ring with a message."""
    await core.lead(2)
    await tell(core, 1, DncReason.FORM)
    await tell(core, 2, DncReason.SAID, "callback")
    assert await notices(core, tmp_path).run() == 0
    await tell(core, 2, DncReason.FORM)
    assert await notices(core, tmp_path).run() == 1


async def test_nothing_is_sent_to_the_erased_nor_late(core: World, tmp_path: Path) -> None:
    leads = [await core.lead(ending) for ending in (1, 2)]
    await core.refuse(leads[0])
    sid = core.lead_row(leads[0]).sid
    await core.store.write(lambda tx: shred_subject(tx, sid))
    assert await notices(core, tmp_path).run() == 0
    await core.refuse(leads[1])
    core.wind(3_700)
    assert await notices(core, tmp_path).run() == 0
    third = await core.lead(3)
    await core.refuse(third)
    assert await notices(core, tmp_path).run() == 1


async def test_a_message_that_was_not_taken_is_tried_again_a_few_times_and_one_cut_short_never(
    core: World, tmp_path: Path
) -> None:
    gateway = OverloadedSms(FileSms(tmp_path / "sms"))
    store = StoredRefusalNotices(core.store, core.log, core.keys)
    turn = RefusalNotices(store, gateway, TEMPLATES)
    await core.refuse(await core.lead(1))
    for _ in range(2):
        assert await turn.run() == 0
    assert len(gateway.asked) == 1, "not again before its minute"
    for _ in range(TRIES_MAX + 2):
        core.wind(61)
        await turn.run()
    assert len(gateway.asked) == TRIES_MAX
    assert core.one("SELECT state FROM refusal_notice").state == "given_up"
    gateway.takes = True
    await core.refuse(await core.lead(2))
    # the process falls between taking it and handing it over: it may have been sent
    assert len(await store.take_due(HOME, 10)) == 1
    core.wind(120)
    assert await turn.run() == 0
    await core.refuse(await core.lead(3))
    assert await turn.run() == 1


@pytest.mark.rule("B8")
@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("自{at}起不再致电", True),
        ("不再致电", True),
        ("{name}您好", False),
        ("{at}{at}", False),
        ("不再致电，贷款请回复", False),
    ],
)
def test_only_an_approved_text_without_barred_trades_is_taken(text: str, is_taken: bool) -> None:
    said = {
        "organisation": ORG,
        "template_id": "t",
        "approved_on": date(2026, 10, 1),
        "texts": {"zh": text},
    }
    taken = True
    try:
        RefusalNotice.model_validate(said)
    except ValidationError:
        taken = False
    assert taken is is_taken
    del said["approved_on"]
    with pytest.raises(ValidationError):
        RefusalNotice.model_validate(said)


def test_messages_are_off_until_an_organisation_has_one(core: World, tmp_path: Path) -> None:
    store = StoredRefusalNotices(core.store, core.log, core.keys)
    assert refusal_notices(None, store) is None
    assert refusal_notices(Sms(sender="file", path=tmp_path), store) is None
