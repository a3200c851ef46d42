"""Consents by API: the source's signature is the authority, a record counts once, and its lead may be dialled."""

from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_leads import FILED_SITE, TEXT_VERSION
from dialer.ports.ledger import Refused
from dialer.rules import shipped
from dialer.services.views.session import Role
from dialer.storage.intake_rows import signed_record
from tests.unit.api.api_seed import HOME, OTHER
from tests.unit.api.api_world import HOST, Client, Rooms, browser_of
from tests.unit.api.public_world import Public, public
from tests.unit.storage.storage_world import RECORD_KEY, lead_row, number_of

__all__ = ["public"]
NUMBER = number_of(51)


def signed(**more: str) -> dict[str, str]:
    """What the sample site's own system sends."""
    consent = lead_row(NUMBER).consent
    assert consent is not None
    signature = RECORD_KEY.sign(signed_record(NUMBER, consent)).signature.hex()
    return {
        "number": "130 0000 0051",
        "purpose": "callback",
        "source": FILED_SITE,
        "origin": "web_form",
        "given_at": consent.given_at.isoformat(),
        "text_version": TEXT_VERSION,
        "act": consent.act,
        "address": consent.address,
        "ownership": consent.ownership,
        "signature": signature,
        "asked": "想了解续费价格",
    } | more


async def send(public: Public, body: dict[str, str]) -> tuple[int, dict[str, object]]:
    sent = await public.client.post("/api/consents", json=body, headers={"Host": HOST})
    return sent.status, await sent.json(content_type=None)


async def test_a_signed_consent_is_recorded_once_and_its_lead_may_be_dialled(public: Public) -> None:
    status, first = await send(public, signed())
    assert status == 200, first
    status, again = await send(public, signed())
    assert (first["state"], again["state"]) == ("recorded", "known")
    assert first["consent"] == again["consent"]
    leaf = public.world.one("SELECT type FROM leaf WHERE consent_id = :id", id=first["consent"])
    assert leaf.type == "consent.recorded"
    [decision] = await public.decide()
    assert isinstance(decision, Permit), decision


@pytest.mark.parametrize(
    "altered",
    [
        {"ownership": "unproven"},
        {"given_at": "2026-11-18T10:11:00+08:00"},
        {"number": "130 0000 0052"},
        {"act": "pressed nothing"},
        {"source": "source-unchecked-by-anyone"},
        {"signature": "0" * 128},
    ],
)
async def test_what_the_source_did_not_sign_is_not_recorded(public: Public, altered: dict[str, str]) -> None:
    status, answer = await send(public, signed(**altered))
    assert (status, answer["code"]) == (409, "consent.not_signed")
    assert public.world.all("SELECT id FROM consent") == []
    assert public.world.all("SELECT sid FROM subject") == []


async def test_a_held_source_and_a_purpose_without_campaign_take_nothing(public: Public) -> None:
    public.world.run("UPDATE consent_source SET state = 'held' WHERE id = :id", id=FILED_SITE)
    assert (await send(public, signed()))[1]["code"] == "source.held"
    public.world.run("UPDATE consent_source SET state = 'verified'")
    public.world.run("UPDATE campaign SET purpose = 'info_consult'")
    assert (await send(public, signed()))[1]["code"] == "consent.no_campaign"
    assert public.world.all("SELECT id FROM consent") == []


@pytest.mark.rule("A13")
async def test_an_unverified_source_s_consents_are_seen_and_not_dialled(public: Public) -> None:
    public.world.run("UPDATE consent_source SET state = 'unverified' WHERE id = :id", id=FILED_SITE)
    assert (await send(public, signed()))[0] == 200
    [decision] = await public.decide()
    assert isinstance(decision, Refused)
    assert "SOURCE_UNVERIFIED" in decision.refusal.codes


@pytest.mark.rule("D7")
async def test_a_consent_without_a_signature_or_with_an_identity_card_is_no_message(public: Public) -> None:
    without = {name: value for name, value in signed().items() if name != "signature"}
    assert (await send(public, without))[0] == 422
    assert (await send(public, signed(id_card="x")))[0] == 422
    assert (await send(public, signed(number="110101199003070011")))[1]["code"] == "number.identity_card"


async def test_a_list_is_explained_to_its_own_organisation_only(rooms: Rooms, client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    own = await browser.ask("POST", "/api/explain/list", {"campaign": f"campaign-{HOME}"})
    assert own.status == 200, own.body
    assert isinstance(own.json, dict)
    assert own.json["leads"] == 1
    assert own.json["counts"]["never"] == 1
    foreign = await browser.ask("POST", "/api/explain/list", {"campaign": f"campaign-{OTHER}"})
    assert (foreign.status, foreign.code) == (404, "not.found")
    under = {"campaign": f"campaign-{HOME}", "under": f"campaign-{OTHER}"}
    assert (await browser.ask("POST", "/api/explain/list", under)).status == 404


async def test_a_list_is_explained_under_a_changed_pack_and_a_broken_pack_says_its_line(
    rooms: Rooms, client: Client
) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    asked = {"campaign": f"campaign-{HOME}"}
    pack = (Path(shipped.__file__).parent / "packs" / "cn.toml").read_text(encoding="utf-8")
    plain = await supervisor.ask("POST", "/api/explain/list", asked)
    assert plain.json["changed"] is None
    under = await supervisor.ask("POST", "/api/explain/list", asked | {"pack": pack})
    assert under.status == 200
    assert under.json["changed"] == under.json["counts"], "the same text changes nothing"
    broken = await supervisor.ask("POST", "/api/explain/list", asked | {"pack": "id = \n"})
    assert (broken.status, broken.code) == (409, "pack.invalid")


async def test_a_past_decision_is_made_again_for_its_own_organisation(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    nothing = await auditor.ask("POST", "/api/attempts/attempt-none/replay")
    assert nothing.status == 404
    foreign = await auditor.ask("POST", f"/api/attempts/attempt-refused-{OTHER}/replay")
    assert foreign.status == 404
    own = await auditor.ask("POST", f"/api/attempts/attempt-refused-{HOME}/replay")
    assert (own.status, own.code) == (409, "replay.no_facts"), "the seed's decision has no facts in its leaf"
