"""The auditor's desk over HTTP: requests, holds, samples, dossiers, the log's health; everything stays in its organisation."""

import io
import json
import zipfile

import pytest

from dialer.domain.ids import OrganisationId
from dialer.services.dossiers import PEOPLE_ALONE_MAX
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, MASKED, NUMBER, OTHER, keyring
from tests.unit.api.api_world import Answer, Browser, Client, Rooms, browser_of

MADE, NOT_MADE = f"attempt-made-{HOME}", f"attempt-refused-{HOME}"


def said(answer: Answer) -> dict[str, object]:
    assert isinstance(answer.json, dict), answer.body
    return answer.json


def leaves(rooms: Rooms, kind: str) -> int:
    return int(
        rooms.store.read_now(
            lambda tx: tx.sole("SELECT COUNT(*) AS n FROM leaf WHERE type = :kind", kind=kind).n
        )
    )


async def opened(browser: Browser, kind: str) -> str:
    answer = await browser.ask("POST", "/api/cases", {"number": NUMBER, "kind": kind})
    assert answer.status == 200, answer.body
    return str(said(answer)["id"])


async def test_a_person_gets_their_copy_and_the_request_is_answered(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    case = await opened(auditor, "query")
    listed = said(await auditor.ask("GET", "/api/cases"))
    assert MASKED in json.dumps(listed)
    assert NUMBER not in json.dumps(listed)
    copy = await auditor.ask("POST", f"/api/cases/{case}/copy")
    assert NUMBER in str(said(copy)["text"])
    assert str(said(copy)["filename"]).endswith(".txt")
    again = await auditor.ask("POST", f"/api/cases/{case}/copy")
    assert (again.status, again.code) == (409, "case.not_open")


async def test_a_deadline_is_the_fifteenth_working_day(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    answer = await auditor.ask("POST", "/api/cases", {"number": NUMBER, "kind": "query"})
    assert str(said(answer)["due_on"]).startswith("2026-12-09")


async def test_a_hold_bars_the_erasure_until_it_is_lifted(client: Client, rooms: Rooms) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    case = await opened(auditor, "delete")
    held = await auditor.ask("POST", f"/api/cases/{case}/hold", {"reason": "court order 17"})
    (hold,) = said(held)["items"]  # type: ignore[misc]
    assert hold["number"] == MASKED
    barred = await auditor.ask("POST", f"/api/cases/{case}/erase")
    assert (barred.status, barred.code) == (409, "erasure.held")
    lifted = await auditor.ask("POST", f"/api/holds/{hold['id']}/lift", {"reason": "order is over"})
    assert said(lifted)["items"] == []
    later = await auditor.ask("POST", f"/api/cases/{case}/erase")
    assert later.code != "erasure.held"
    assert (leaves(rooms, "hold.set"), leaves(rooms, "hold.lifted")) == (1, 1)


async def test_a_sample_names_its_seed_and_is_drawn_again_from_its_leaf(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    asked = {"from": "2026-11-01T00:00:00Z", "to": "2026-11-18T02:29:00Z", "count": 1}
    drawn = await auditor.ask("POST", "/api/samples", asked)
    assert drawn.status == 200, drawn.body
    again = await auditor.ask("GET", f"/api/samples/{said(drawn)['seq']}")
    assert again.json == drawn.json
    stranger = await browser_of(client, OTHER, Role.AUDITOR)
    # the console asks for whole days, of which today is not over: it is drawn from what was until now
    tomorrow = asked | {"to": "2099-01-01T00:00:00Z"}
    until_now = said(await auditor.ask("POST", "/api/samples", tomorrow))
    assert str(asked["from"]) < str(until_now.get("until")) < "2099", until_now
    never = asked | {"from": "2098-01-01T00:00:00Z", "to": "2099-01-01T00:00:00Z"}
    assert (await auditor.ask("POST", "/api/samples", never)).code == "sample.period"
    assert (await stranger.ask("GET", f"/api/samples/{said(drawn)['seq']}")).status == 404
    assert (await auditor.ask("GET", "/api/samples/none")).status == 404


async def test_the_logs_health_counts_what_no_witness_saw(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    health = said(await auditor.ask("GET", "/api/log"))
    assert health["exposed"] == health["size"]
    assert (health["store"], health["exchange"], health["vault"]) == (None, None, None)


async def test_two_decisions_are_laid_side_by_side(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    answer = await auditor.ask("POST", "/api/attempts/compare", {"first": MADE, "second": NOT_MADE})
    assert answer.status == 200, answer.body
    shown = said(answer)
    assert shown["first"]["outcome"] == "allowed"  # type: ignore[index]
    assert shown["second"]["outcome"] == "refused"  # type: ignore[index]
    assert any(not rule["same"] for rule in shown["rules"])  # type: ignore[attr-defined]
    foreign = {"first": MADE, "second": f"attempt-made-{OTHER}"}
    assert (await auditor.ask("POST", "/api/attempts/compare", foreign)).status == 404


async def test_a_dossier_is_asked_for_fetched_and_logged_for_each_attempt(
    client: Client, rooms: Rooms
) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    body = {"attempts": [MADE, NOT_MADE], "shape": "whole", "reason": "complaint 2026-17"}
    asked = said(await auditor.ask("POST", "/api/dossiers", body))
    assert (asked["state"], asked["attempts"]) == ("agreed", 2)
    before = leaves(rooms, "evidence.exported")
    fetched = await auditor.ask("GET", f"/api/dossiers/{asked['id']}/dossier.zip")
    assert fetched.status == 200
    with zipfile.ZipFile(io.BytesIO(fetched.body)) as dossier:
        assert [name for name in dossier.namelist() if name.startswith("bundles/")] == [
            "bundles/00000001.zip",
            "bundles/00000002.zip",
        ]
        table = dossier.read("index.csv").decode().splitlines()
    assert [row.split(",")[1] for row in table[1:]] == [MADE, NOT_MADE]
    assert fetched.headers["Content-Disposition"] == f'attachment; filename="dossier-{asked["id"]}.zip"'
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert leaves(rooms, "evidence.exported") == before + 3
    stranger = await browser_of(client, OTHER, Role.AUDITOR)
    assert (await stranger.ask("GET", f"/api/dossiers/{asked['id']}/dossier.zip")).status == 404
    assert said(await stranger.ask("GET", "/api/dossiers"))["items"] == []


async def test_over_twenty_people_a_second_person_agrees_first(client: Client, rooms: Rooms) -> None:
    attempts = [_attempt_of_another_person(rooms, HOME, n) for n in range(PEOPLE_ALONE_MAX + 1)]
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    body = {"attempts": attempts[:-1], "shape": "redacted", "reason": "quarterly check"}
    alone = said(await auditor.ask("POST", "/api/dossiers", body))
    assert alone["state"] == "agreed"
    asked = said(await auditor.ask("POST", "/api/dossiers", body | {"attempts": attempts}))
    assert (asked["state"], asked["people"], asked["may_judge"]) == ("waiting", PEOPLE_ALONE_MAX + 1, False)
    path = f"/api/dossiers/{asked['id']}"
    early = await auditor.ask("GET", f"{path}/dossier.zip")
    own = await auditor.ask("POST", f"{path}/agree")
    assert (early.code, own.code) == ("dossier.not_agreed", "dossier.own_act")
    second = await browser_of(client, HOME, Role.ADMINISTRATOR)
    (waiting, *_) = (
        row for row in said(await second.ask("GET", "/api/dossiers"))["items"] if row["may_judge"]
    )  # type: ignore[attr-defined]
    assert (waiting["id"], waiting["reason"]) == (asked["id"], "quarterly check")
    assert said(await second.ask("POST", f"{path}/agree"))["state"] == "agreed"
    assert (await second.ask("POST", f"{path}/decline")).code == "dossier.not_waiting"
    assert (await auditor.ask("GET", f"{path}/dossier.zip")).status == 200
    rooms.store.write_now(lambda tx: tx.run("UPDATE dossier SET judged_us = 0, asked_us = 0"))
    assert (await auditor.ask("GET", f"{path}/dossier.zip")).code == "dossier.over"


def _attempt_of_another_person(rooms: Rooms, org: OrganisationId, n: int) -> str:
    def work(tx) -> None:  # type: ignore[no-untyped-def]
        for table, key in (("subject", "sid"), ("attempt", "id")):
            row = tx.sole(f"SELECT * FROM {table} WHERE {key} = :id", id=_like[table])
            values = dict(row._asdict()) | {"sid": f"person-{n}"}
            values |= {"number_hmac": bytes([n]) * 32, "platform_hmac": bytes([n]) * 32}
            if table == "attempt":
                values["id"] = f"attempt-{n}"
            else:
                values["wrapped_key"] = keyring().new_subject_key(f"person-{n}")
            names = ", ".join(values)
            tx.run(f"INSERT INTO {table} ({names}) VALUES ({', '.join(':' + v for v in values)})", **values)

    made = rooms.store.read_now(
        lambda tx: tx.sole("SELECT sid FROM attempt WHERE id = :id", id=f"attempt-made-{org}").sid
    )
    _like = {"subject": made, "attempt": f"attempt-made-{org}"}
    rooms.store.write_now(work)
    return f"attempt-{n}"


@pytest.mark.parametrize("attempts", [[], [MADE, MADE]])
async def test_an_empty_dossier_or_one_with_an_attempt_twice_is_not_taken(
    client: Client, attempts: list[str]
) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    body = {"attempts": attempts, "shape": "whole", "reason": "complaint 2026-17"}
    assert (await auditor.ask("POST", "/api/dossiers", body)).status in (409, 422)


async def test_attempts_are_found_by_consent_and_by_caller_id(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    page = said(await auditor.ask("GET", f"/api/attempts/{MADE}"))
    consent = page["consent"]["id"]  # type: ignore[index]
    found = said(await auditor.ask("POST", "/api/attempts/search", {"consent": consent}))
    assert MADE in [row["id"] for row in found["items"]]  # type: ignore[attr-defined]
    none = said(await auditor.ask("POST", "/api/attempts/search", {"consent": "another"}))
    assert none["items"] == []
    shown = said(await auditor.ask("GET", "/api/attempts/filters"))["caller_ids"]
    by_caller = {"caller_id": "another"}
    assert isinstance(shown, list)
    assert said(await auditor.ask("POST", "/api/attempts/search", by_caller))["items"] == []


async def test_agents_and_supervisors_have_no_part_in_it(client: Client) -> None:
    for role in (Role.AGENT, Role.SUPERVISOR):
        browser = await browser_of(client, HOME, role)
        for path in ("/api/cases", "/api/holds", "/api/log", "/api/dossiers"):
            assert (await browser.ask("GET", path)).status == 403, (role, path)


async def test_attempts_and_leads_are_found_by_the_codes_that_the_gate_really_uses(client: Client) -> None:
    """They are in capitals; what the console sends may not be refused for its form."""
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    code = "DNC_ORGANISATION"
    found = await auditor.ask("POST", "/api/attempts/search", {"code": code})
    assert (found.status, said(found)["items"]) == (200, [])
    assert (await supervisor.ask("GET", f"/api/leads?code={code}")).status == 200
    assert (await auditor.ask("POST", "/api/attempts/search", {"code": "a code"})).status != 200
