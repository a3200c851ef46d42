"""The consent form, its receipt and taking back: what strangers can do, and what they can't learn."""

import json
import re
from hashlib import sha256

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_leads import FILED_SITE, UNVERIFIED_SITE
from dialer.demo.sample_organisation import CONSENT_TEXT, ORG
from dialer.domain.dnc import DncReason
from dialer.domain.ids import OrganisationId
from dialer.ports.ledger import Refused
from dialer.services.views.refusals import DncPage
from dialer.storage.dnc_desk import DncDesk
from dialer.storage.personal import CONSENT, Key, PersonalReader
from tests.unit.api.public_world import (
    FORM,
    NUMBER,
    SITE,
    Public,
    hidden,
    public,
    public_without_sms,
)

__all__ = ["public", "public_without_sms"]


def _consents(public: Public) -> list[str]:
    return [r.id for r in public.world.all("SELECT id FROM consent ORDER BY id")]


def _words(public: Public, consent: str) -> dict[str, str]:
    row = public.world.one(
        "SELECT c.payload_ct, s.sid, s.wrapped_key FROM consent c JOIN subject s ON s.sid = c.sid WHERE c.id = :id",
        id=consent,
    )
    return PersonalReader(public.world.keys).words(Key(row.sid, row.wrapped_key), CONSENT, row.payload_ct)


async def test_the_text_stands_in_full_before_the_field_and_the_button(public: Public) -> None:
    status, page, _ = await public.get(f"{FORM}?lang=zh")
    assert status == 200
    assert page.index("保存三年") < page.index('name="number"') < page.index("同意并请回电</button>")
    assert CONSENT_TEXT.strip() in page
    assert "checked" not in page
    assert re.search(r"(?i)identity|idcard|身份证号码", page.split('name="number"')[1]) is None
    assert page.count("<script") == 1, "the one that says to the page around it how tall the form is"


async def test_a_consent_keeps_the_text_as_shown_and_its_lead_may_be_dialled(public: Public) -> None:
    status, page, _ = await public.post(
        f"{FORM}?lang=zh",
        await public.fields(name="王芳", asked="想了解续费价格"),
        **{"User-Agent": "a browser"},
    )
    assert status == 200, page
    [consent] = _consents(public)
    words = _words(public, consent)
    record = json.loads(words["record"])
    assert words["text"] == CONSENT_TEXT
    assert record["text_sha256"] == sha256(CONSENT_TEXT.encode()).hexdigest()
    assert (record["number"], record["user_agent"]) == (f"+86{NUMBER}", "a browser")
    assert record["page"].endswith(FORM)
    assert record["remote_address"] == "127.0.0.1"
    [decision] = await public.decide()
    assert isinstance(decision, Permit), decision


async def test_a_source_that_is_not_verified_has_no_form(public: Public) -> None:
    assert (await public.get(FORM))[0] == 200
    assert (await public.get(f"/f/{UNVERIFIED_SITE}"))[0] == 404
    fields = await public.fields()
    public.world.run("UPDATE consent_source SET state = 'held' WHERE id = :id", id=FILED_SITE)
    assert (await public.post(FORM, fields))[0] == 404
    assert _consents(public) == []


async def test_a_text_with_an_open_placeholder_is_not_shown(public: Public) -> None:
    public.world.run("UPDATE consent_text SET text = text || '{{org_contact}}'")
    assert (await public.get(FORM))[0] == 404


async def test_a_date_and_our_own_address_are_filled_into_the_text(public: Public) -> None:
    public.world.run("UPDATE consent_text SET text = '有效至 {{valid_until}}，撤回 {{withdraw_url}}'")
    public.world.run(
        "UPDATE consent_text SET register_json = :r WHERE id = 'callback-zh-1'",
        r=json.dumps({"language": "zh", "states": [], "kept_days_promised": 1095, "days_valid": 7}),
    )
    _, page, _ = await public.get(f"{FORM}?lang=zh")
    assert "有效至 2026-11-25，撤回 http://calls.test/f/source-site/stop?lang=zh" in page
    assert (await public.ask())[0] == 200
    expires_us = public.world.one("SELECT expires_us FROM consent").expires_us
    assert expires_us == 1795622400000000  # 2026-11-26 00:00 in Shanghai


async def test_a_text_that_changed_meanwhile_is_shown_again_and_nothing_is_recorded(public: Public) -> None:
    fields = await public.fields()
    public.world.run("UPDATE consent_text SET text = text || '另有一条。'")
    status, page, _ = await public.post(f"{FORM}?lang=zh", fields)
    assert status == 422
    assert "说明文字刚刚更新" in page
    assert _consents(public) == []
    assert (await public.post(f"{FORM}?lang=zh", fields | {"text": hidden(page, "text")}))[0] == 200
    assert len(_consents(public)) == 1


async def test_not_agreeing_records_nothing(public: Public) -> None:
    status, page, _ = await public.ask(act="decline")
    assert status == 200
    assert "不会给您打电话" in page
    assert (await public.ask(act=""))[0] == 200
    assert _consents(public) == []
    assert public.world.all("SELECT sid FROM subject") == []


@pytest.mark.parametrize("number", ["110", "12345", "110101199003070011", "", "abc", "+1202555010"])
async def test_what_is_no_number_is_said_and_not_recorded(public: Public, number: str) -> None:
    status, page, _ = await public.ask(number=number)
    assert status == 422
    assert 'role="alert"' in page
    assert _consents(public) == []


async def test_whatever_is_known_of_a_number_the_answer_is_the_same(public: Public) -> None:
    known = [
        await public.ask(number="13000000042"),
        await public.ask(number="13000000042"),
    ]
    await public.post(f"{FORM}/stop?lang=zh", {"number": "13000000043"})
    refused = await public.ask(number="13000000043")
    new = await public.ask(number="13000000044")

    def shape(answer: tuple[int, str, dict[str, str]]) -> tuple[int, str]:
        return answer[0], re.sub(r"[0-9a-f]{32}|nonce(=\"|-)[^\"' ]+", "", answer[1])

    assert {shape(answer) for answer in (*known, refused)} == {shape(new)}
    shown = await public.get(public.receipt_path(refused[1]))
    assert "停止一切来电</button>" in shown[1]
    stops = [await public.post(f"{FORM}/stop?lang=zh", {"number": n}) for n in ("13000000043", "13000000045")]
    assert {shape(s) for s in stops} == {shape(stops[0])}


async def test_a_refused_number_asks_again_and_only_a_proven_phone_is_dialled(public: Public) -> None:
    await public.post(f"{FORM}/stop?lang=zh", {"number": NUMBER})
    public.world.wind(1)
    await public.ask()
    [decision] = await public.decide()
    assert isinstance(decision, Refused)
    assert "DNC_ORGANISATION" in decision.refusal.codes
    public.want_codes()
    public.world.run("UPDATE lead SET state = 'done'")
    public.world.wind(1)
    _, page, _ = await public.ask()
    code = re.search(r"\d{6}", public.texts()[0]["text"])
    assert code is not None
    status, page, _ = await public.post(
        f"{FORM}/code?lang=zh", {"ticket": hidden(page, "ticket"), "code": code.group()}
    )
    assert status == 200, page
    row = public.world.one("SELECT ownership FROM consent ORDER BY given_us DESC LIMIT 1")
    assert row.ownership == "proven"
    [decision] = await public.decide()
    assert isinstance(decision, Permit), decision


async def test_a_bot_that_posts_a_thousand_times_gets_a_few_consents_and_one_lead(public: Public) -> None:
    fields = await public.fields()
    statuses = [(await public.post(f"{FORM}?lang=zh", fields))[0] for _ in range(1000)]
    assert statuses.count(200) == 5
    assert statuses.count(429) == 995
    assert len(_consents(public)) == 5
    assert len(public.world.all("SELECT id FROM lead")) == 1


async def test_one_address_asks_for_many_numbers_no_faster(public: Public) -> None:
    fields = await public.fields()
    answers = [
        await public.post(f"{FORM}?lang=zh", fields | {"number": f"130000000{n:02d}"}) for n in range(10)
    ]
    assert [a[0] for a in answers] == [200] * 5 + [429] * 5
    assert int(answers[-1][2]["Retry-After"]) > 0


async def test_whoever_stops_calls_to_many_numbers_is_slowed_down_and_seen_as_self_service(
    public: Public,
) -> None:
    answers = [
        await public.post(f"{FORM}/stop?lang=zh", {"number": f"130000000{n:02d}"}) for n in range(20, 32)
    ]
    assert [a[0] for a in answers] == [200] * 10 + [429] * 2
    assert int(answers[-1][2]["Retry-After"]) > 0
    world = public.world
    desk = DncDesk(world.store, world.log, world.keys)
    page = await desk.search(OrganisationId(ORG), None, None, 50)
    assert isinstance(page, DncPage)
    assert [row.reason_words.en for row in page.items] == [
        "Self-service on the web, by whoever typed the number"
    ] * 10
    # a receipt's own link is no stranger's: that person was given it
    _, shown, _ = await public.ask(number="13000000040")
    await public.post(f"{public.receipt_path(shown)}/stop", {})
    page = await desk.search(OrganisationId(ORG), "+8613000000040", None, 50)
    assert isinstance(page, DncPage)
    assert [row.reason_words.en for row in page.items] == ["Self-service on the web"]


async def test_a_code_is_tried_five_times_and_then_no_more(public: Public) -> None:
    public.want_codes()
    _, page, _ = await public.ask()
    ticket = hidden(page, "ticket")
    [sent] = public.texts()
    right = re.search(r"\d{6}", sent["text"])
    assert right is not None
    assert (sent["to"], sent["template"]) == (f"+86{NUMBER}", "SMS_0001")
    wrong = f"{(int(right.group()) + 1) % 10**6:06d}"
    tries = [(await public.post(f"{FORM}/code", {"ticket": ticket, "code": wrong}))[0] for _ in range(5)]
    assert tries == [422] * 4 + [410]
    assert (await public.post(f"{FORM}/code", {"ticket": ticket, "code": right.group()}))[0] == 410
    assert _consents(public) == []
    assert public.world.all("SELECT sid FROM subject") == []


async def test_a_phone_gets_one_message_a_minute_and_nobody_can_tell(public: Public) -> None:
    public.want_codes()
    first, second = await public.ask(), await public.ask()
    assert first[0] == second[0] == 200
    assert hidden(first[1], "ticket") != hidden(second[1], "ticket")
    assert len(public.texts()) == 1


async def test_a_form_that_wants_codes_is_closed_where_nobody_sends_them(
    public_without_sms: Public,
) -> None:
    assert (await public_without_sms.get(FORM))[0] == 200
    public_without_sms.want_codes()
    assert (await public_without_sms.get(FORM))[0] == 404


async def test_a_receipt_shows_its_consent_and_no_number_and_reading_it_changes_nothing(
    public: Public,
) -> None:
    _, page, _ = await public.ask()
    path = public.receipt_path(page)
    size = public.world.size()
    for _ in range(3):
        status, shown, headers = await public.get(path)
    assert status == 200
    assert "软件使用问题的回电" in shown
    assert "4000000000" in shown
    assert NUMBER not in shown
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert public.world.size() == size
    token = path.rsplit("/", 1)[1]
    kept = public.world.one("SELECT token_sha256 FROM consent_receipt")
    assert bytes(kept.token_sha256) == sha256(token.encode()).digest()
    assert (await public.get(f"/r/{'0' * 32}"))[0] == 404


async def test_the_receipt_takes_the_consent_back_at_once(public: Public) -> None:
    _, page, _ = await public.ask()
    path = public.receipt_path(page)
    [permit] = await public.decide()
    assert isinstance(permit, Permit)
    status, shown, _ = await public.post(f"{path}/stop", {}, Origin="null")
    assert status == 200
    assert "不会再给您打电话" in shown
    assert "<button" not in shown
    world = public.world
    assert world.one("SELECT reason FROM dnc_entry").reason == str(DncReason.FORM)
    assert world.one("SELECT state FROM permit").state == "void"
    assert world.one("SELECT state FROM lead").state == "dropped"
    assert world.one("SELECT withdrawn_us FROM consent").withdrawn_us is not None
    assert (await public.post(f"{path}/stop", {}))[1].count("不会再给您打电话") == 1
    assert len(world.all("SELECT id FROM dnc_entry")) == 1


async def test_a_call_that_rings_is_cut_when_the_receipt_says_stop(public: Public) -> None:
    _, page, _ = await public.ask()
    [permit] = await public.decide()
    assert isinstance(permit, Permit)
    await public.world.gate(permit.token)
    await public.post(f"{public.receipt_path(page)}/stop", {})
    assert permit.attempt_id in public.exchange.cut


async def test_a_wished_time_becomes_a_promise_that_narrows(public: Public) -> None:
    _, page, _ = await public.get(f"{FORM}?lang=zh")
    codes = re.findall(r'<option value="([^"]+)"', page)
    assert codes[0] == "2026-11-18.9-12"
    await public.ask(wish="2026-11-18.14-18")
    lead = public.world.one("SELECT * FROM lead")
    assert lead.due_us == lead.promised_from_us == 1794981600000000  # 14:00 in Shanghai
    assert await public.decide() == []
    assert (await public.ask(wish="2026-11-01.9-12"))[0] == 422


@pytest.mark.parametrize(
    ("page", "kept"), [(f"{SITE}/kontakt?x=1", f"{SITE}/kontakt"), ("https://evil.example/x", "")]
)
async def test_only_the_registered_site_counts_as_the_page(public: Public, page: str, kept: str) -> None:
    _, shown, headers = await public.get(f"{FORM}?lang=zh&page={page}")
    assert hidden(shown, "page") == kept
    assert f"frame-ancestors {SITE}" in headers["Content-Security-Policy"]
    assert f'postMessage({{ consentForm: document.body.offsetHeight }}, "{SITE}")' in shown
    assert "X-Frame-Options" not in headers


async def test_posts_from_other_origins_and_hosts_are_refused(public: Public) -> None:
    fields = await public.fields()
    assert (await public.post(FORM, fields, Origin="https://evil.example"))[0] == 403
    assert (await public.post(FORM, fields, Host="evil.example"))[0] == 403
    assert _consents(public) == []
    assert (await public.post(f"{FORM}?lang=zh", fields, Origin="http://calls.test"))[0] == 200


async def test_the_script_can_be_read_from_other_sites_and_the_console_can_not(public: Public) -> None:
    status, text, headers = await public.get(f"{FORM}/embed.js")
    assert (status, headers["Cross-Origin-Resource-Policy"]) == (200, "cross-origin")
    assert "iframe" in text
    _, _, console = await public.get("/")
    assert console["Cross-Origin-Resource-Policy"] == "same-origin"
    assert console["X-Frame-Options"] == "DENY"


async def test_no_word_is_missing_in_either_language_and_none_is_the_same() -> None:
    from dialer.api.public.words import WORDS

    assert [key for key, said in WORDS.items() if not said.zh or not said.en or said.zh == said.en] == []


async def test_the_english_form_records_the_english_text(public: Public) -> None:
    fields = await public.fields("en")
    assert (await public.post(f"{FORM}?lang=en", fields))[0] == 200
    [consent] = _consents(public)
    assert _words(public, consent)["text"].startswith("Please call me back")
    assert public.world.one("SELECT org_id FROM consent").org_id == ORG
    [decision] = await public.decide()
    assert isinstance(decision, Permit), decision
