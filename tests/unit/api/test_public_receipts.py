"""The receipt's history and the messages that prove a phone: shown for the code only, sent by the approved template."""

import json
import re

import pytest
from pydantic import ValidationError

from dialer.api.public.words import when
from dialer.calls.permit import Permit
from dialer.domain.dnc import DncScope
from dialer.domain.ids import LeadId
from dialer.storage.consent_forms import SmsRegister
from dialer.storage.times import moment
from tests.unit.api.public_world import NUMBER, SMS, Public, hidden, public

__all__ = ["public"]  # the fixture


async def _history(public: Public, receipt: str) -> str:
    """The page of a receipt's history, asked for with the code that came by text message."""
    before = len(public.texts())
    status, asked, _ = await public.post(f"{receipt}/code", {})
    assert status == 200
    (sent,) = public.texts()[before:] if len(public.texts()) > before else (None,)
    assert sent is not None
    assert sent["to"].endswith(NUMBER)
    code = re.search(r"[0-9]{6}", sent["text"])
    assert code is not None
    fields = {"ticket": hidden(asked, "ticket"), "code": code.group()}
    status, page, _ = await public.post(f"{receipt}/history", fields)
    assert status == 200
    return page


async def test_a_receipt_shows_what_happened_only_after_a_code_to_its_phone(public: Public) -> None:
    _, done, _ = await public.ask()
    receipt = public.receipt_path(done)
    _, plain, _ = await public.get(receipt)
    assert "history" not in plain, "the source proves no phones: nothing can be shown"
    assert (await public.post(f"{receipt}/code", {}))[0] == 404
    public.want_codes()
    _, offered, _ = await public.get(receipt)
    assert f"{receipt}/code" in offered
    assert "您同意接听回电" not in offered
    page = await _history(public, receipt)
    assert "您同意接听回电" in page
    assert NUMBER not in page
    leaf = public.world.one("SELECT type FROM leaf ORDER BY seq DESC LIMIT 1")
    assert leaf.type == "evidence.accessed"


async def test_the_code_of_one_receipt_opens_no_other(public: Public) -> None:
    _, first, _ = await public.ask()
    _, second, _ = await public.ask(number="+8613000000077")
    public.want_codes()
    mine, theirs = public.receipt_path(first), public.receipt_path(second)
    _, asked, _ = await public.post(f"{mine}/code", {})
    (sent,) = public.texts()
    code = re.search(r"[0-9]{6}", sent["text"])
    assert code is not None
    fields = {"ticket": hidden(asked, "ticket"), "code": code.group()}
    assert (await public.post(f"{theirs}/history", fields))[0] == 410
    assert (await public.post(f"{mine}/history", fields))[0] == 410, "a code is used up by one try elsewhere"
    wrong = {"ticket": "0" * 32, "code": "000000"}
    assert (await public.post(f"{mine}/history", wrong))[0] == 410


async def test_a_history_names_calls_and_refusals_in_the_persons_words(public: Public) -> None:
    _, done, _ = await public.ask()
    receipt = public.receipt_path(done)
    public.want_codes()
    (permit,) = await public.decide()
    assert isinstance(permit, Permit)
    await public.world.gate(permit.token)
    await public.post(f"{receipt}/stop", {})
    page = await _history(public, receipt)
    assert "呼叫未接通" in page
    assert "您要求停止来电" in page
    assert "您撤回了同意" in page


@pytest.mark.rule("B8")
@pytest.mark.parametrize(
    ("texts", "is_taken"),
    [
        ({"zh": "验证码 {code}，用于确认回电请求", "en": "Your code is {code}"}, True),
        ({"zh": "【楼盘】验证码 {code}"}, False),
        ({"zh": "贷款验证码 {code}"}, False),
        ({"en": "Loan offer, code {code}"}, False),
        ({"zh": "没有验证码"}, False),
        ({"zh": "{code} {name}"}, False),
    ],
)
def test_a_code_is_sent_by_an_approved_template_and_never_for_a_barred_trade(
    texts: dict[str, str], is_taken: bool
) -> None:
    said = {"template_id": "t-1", "approved_on": "2026-10-01", "texts": texts}
    taken = True
    try:
        SmsRegister.model_validate_json(json.dumps(said))
    except ValidationError:
        taken = False
    assert taken is is_taken
    del said["approved_on"]
    with pytest.raises(ValidationError):
        SmsRegister.model_validate_json(json.dumps(said))


@pytest.mark.rule("B8")
async def test_the_message_is_the_approved_template_word_for_word(public: Public) -> None:
    public.want_codes()
    await public.ask()
    (sent,) = public.texts()
    template = SMS["texts"]["zh"]
    assert sent["template"] == SMS["template_id"]
    assert re.fullmatch(re.escape(template).replace(re.escape("{code}"), "[0-9]{6}"), sent["text"])


async def test_a_receipt_says_never_again_since_when_from_whatever_side_the_refusal_came(
    public: Public,
) -> None:
    _, done, _ = await public.ask()
    receipt = public.receipt_path(done)
    _, before, _ = await public.get(receipt)
    assert "永久有效" not in before
    sid = public.world.one("SELECT sid FROM consent ORDER BY leaf_seq DESC LIMIT 1").sid
    lead = public.world.one("SELECT id FROM lead WHERE sid = :sid", sid=sid).id
    await public.world.refuse(LeadId(lead))
    _, after, _ = await public.get(receipt)
    at = moment(public.world.one("SELECT at_us FROM dnc_entry").at_us)
    assert f"自 {when(at)} 起" in after
    assert "永久有效" in after
    assert f"{receipt}/stop" not in after


async def test_a_receipt_of_a_stranger_tells_nothing_of_a_refusal_before_it(public: Public) -> None:
    """Anybody can type a number into the form: the receipt must not say that its owner refused once."""
    _, first, _ = await public.ask()
    await public.post(f"{public.receipt_path(first)}/stop", {})
    _, second, _ = await public.ask()
    stranger = public.receipt_path(second)
    _, shown, _ = await public.get(stranger)
    assert "永久有效" not in shown
    status, stopped, _ = await public.post(f"{stranger}/stop", {})
    assert status == 200
    assert "永久有效" in stopped
    _, again, _ = await public.get(stranger)
    assert "永久有效" in again


async def test_what_ended_one_purpose_only_is_not_called_never_again(public: Public) -> None:
    _, done, _ = await public.ask()
    receipt = public.receipt_path(done)
    row = public.world.one("SELECT sid, purpose FROM consent ORDER BY leaf_seq DESC LIMIT 1")
    lead = public.world.one("SELECT id FROM lead WHERE sid = :sid", sid=row.sid).id
    await public.world.refuse(LeadId(lead), DncScope.PURPOSE, purpose=row.purpose)
    _, shown, _ = await public.get(receipt)
    assert "永久有效" not in shown
    assert 'id="withdrawn"' in shown
    assert f"{receipt}/stop" in shown
