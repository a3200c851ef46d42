"""The built console's files, the page's nonce, the headers on everything, uploads and the health pages."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import Counter

from dialer.api.app import build_app
from dialer.api.deps import WebSettings
from dialer.api.route import UPLOAD_BYTES_MAX
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, OTHER, PASSWORD, login_of
from tests.unit.api.api_world import Browser, Client, Rooms, browser_of

PAGE = '<html><meta name="csp-nonce" content="__CSP_NONCE__"><script nonce="__CSP_NONCE__"></script></html>'


@pytest.fixture
def built(rooms: Rooms) -> None:
    console = rooms.deps.settings.console
    (console / "assets").mkdir(parents=True)
    (console / "index.html").write_text(PAGE)
    (console / "assets" / "main-1a2b.js").write_text("export {}")
    (console / "favicon.svg").write_text("<svg/>")
    (console.parent / "secret.txt").write_text("secret")


@pytest.mark.usefixtures("built")
async def test_the_page_carries_a_fresh_nonce_that_its_policy_names(client: Client) -> None:
    pages = [await Browser(client).ask("GET", path) for path in ("/", "/", "/floor/campaigns/7")]
    nonces = []
    for page in pages:
        in_page = set(re.findall(r'(?:content|nonce)="([^"]+)"', page.body.decode()))
        policy = page.headers["Content-Security-Policy"]
        (nonce,) = in_page
        assert f"script-src 'self' 'nonce-{nonce}'" in policy
        assert "unsafe-inline" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        nonces.append(nonce)
    assert len(set(nonces)) == len(pages)


@pytest.mark.usefixtures("built")
async def test_hashed_files_are_kept_for_a_year_and_others_are_asked_for_again(client: Client) -> None:
    hashed = await Browser(client).ask("GET", "/assets/main-1a2b.js")
    plain = await Browser(client).ask("GET", "/favicon.svg")
    missing = await Browser(client).ask("GET", "/assets/main-old.js")
    assert hashed.headers["Content-Type"] == "text/javascript"
    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Cache-Control"] == "no-cache"
    assert plain.headers["Content-Type"] == "image/svg+xml"
    assert missing.status == 404


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path",
    ["/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets%5c..%5csecret.txt"],
)
async def test_nothing_outside_the_consoles_folder_is_served(client: Client, path: str) -> None:
    answer = await Browser(client).ask("GET", path)
    assert b"secret" not in answer.body
    assert answer.status in (403, 404)


async def test_a_console_that_was_not_built_says_how_to_build_it(client: Client) -> None:
    answer = await Browser(client).ask("GET", "/")
    assert answer.status == 200
    assert b"npm run build" in answer.body


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", ["/", "/assets/main-1a2b.js", "/api/session", "/api/nothing", "/healthz"])
async def test_every_answer_has_the_headers_that_close_a_browser_in(client: Client, path: str) -> None:
    headers = (await Browser(client).ask("GET", path)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert "Server" not in headers
    assert "Cache-Control" in headers


async def test_a_file_of_leads_is_taken_and_its_bad_rows_are_named(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    answer = await _upload(supervisor, HOME, b"name,number\ngood,1\n\xff\xfe,2\ngood,3\n")
    foreign = await _upload(supervisor, OTHER, b"name,number\ngood,1\n")
    assert answer[0] == 200
    assert (answer[1]["rows"], answer[1]["accepted"]) == (3, 2)
    assert [(r["line"], r["code"]) for r in answer[1]["rejected"]] == [(3, "encoding")]
    assert foreign[0] == 404


async def test_a_file_over_the_limit_is_not_taken_at_all(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    status, problem = await _upload(supervisor, HOME, b"x" * (UPLOAD_BYTES_MAX + 1))
    assert (status, problem["code"]) == (413, "body.too_large")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"--x\r\n\r\n", "multipart/form-data; boundary=x", 422),
        (b"--x--\r\n", "multipart/form-data", 422),
        (b"a,b\n1,2\n", "text/csv", 415),
        (b"", "multipart/form-data; boundary=x", 422),
    ],
)
async def test_a_broken_upload_is_told_so(client: Client, body: bytes, kind: str, status: int) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    sent = await client.post(
        f"/api/imports?campaign=campaign-{HOME}", data=body, headers=supervisor.headers(Content_Type=kind)
    )
    assert sent.status == status, await sent.text()


async def _upload(browser: Browser, org: str, content: bytes):  # type: ignore[no-untyped-def]
    form = FormData()
    form.add_field("file", BytesIO(content), filename="leads.csv", content_type="text/csv")
    sent = await browser.client.post(
        f"/api/imports?campaign=campaign-{org}", data=form, headers=browser.headers()
    )
    return sent.status, await sent.json(content_type=None)


async def test_the_process_says_that_it_lives_and_which_part_keeps_it_from_working(
    client: Client, rooms: Rooms
) -> None:
    browser = Browser(client)
    alive, ready = await browser.ask("GET", "/healthz"), await browser.ask("GET", "/readyz")
    rooms.readiness.down.add("exchange")
    down = await browser.ask("GET", "/readyz")
    assert (alive.status, alive.body) == (200, b"ok\n")
    assert (ready.status, ready.json) == (200, {"ready": True})
    assert isinstance(down.json, dict)
    assert down.status == 503
    assert [e["at"] for e in down.json["errors"]] == ["exchange"]


async def test_metrics_are_those_of_the_registry(client: Client, rooms: Rooms) -> None:
    Counter("dialer_sample", "A sample", registry=rooms.deps.metrics).inc(3)
    answer = await Browser(client).ask("GET", "/metrics")
    assert b"dialer_sample_total 3.0" in answer.body


async def test_requests_are_counted_by_operation_and_name_nobody(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    for attempt in (f"attempt-made-{HOME}", "nothing"):
        await auditor.ask("GET", f"/api/attempts/{attempt}")
    metrics = (await Browser(client).ask("GET", "/metrics")).body.decode()
    assert 'dialer_api_answers_total{operation="getAttempt",status="2xx"} 1.0' in metrics
    assert 'dialer_api_answers_total{operation="getAttempt",status="4xx"} 1.0' in metrics
    assert "attempt-made" not in metrics
    assert HOME not in metrics


async def test_the_document_is_served(client: Client) -> None:
    answer = await Browser(client).ask("GET", "/api/openapi.json")
    assert isinstance(answer.json, dict)
    assert answer.json["openapi"] == "3.1.0"


async def test_pausing_a_campaign_voids_its_permits_and_is_on_the_log(client: Client, rooms: Rooms) -> None:
    def put_back() -> None:
        rooms.store.write_now(
            lambda tx: [
                tx.run("UPDATE permit SET state = 'issued' WHERE org_id = :org", org=HOME),
                tx.run("UPDATE attempt SET state = 'authorised' WHERE id = :id", id=f"attempt-made-{HOME}"),
            ]
        )

    def states() -> tuple[str, str]:
        return rooms.store.read_now(
            lambda tx: (
                tx.sole("SELECT state FROM permit WHERE org_id = :org", org=HOME).state,
                tx.sole("SELECT state FROM attempt WHERE id = :id", id=f"attempt-made-{HOME}").state,
            )
        )

    put_back()
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    before = states()
    paused = await supervisor.ask("POST", f"/api/campaigns/campaign-{HOME}/pause")
    logged = rooms.store.read_now(
        lambda tx: [r.type for r in tx.all("SELECT type FROM leaf ORDER BY seq DESC")]
    )
    assert paused.status == 200
    assert before == ("issued", "authorised")
    assert states() == ("void", "lapsed")
    assert logged[:2] == ["attempt.lapsed", "config.changed"]


async def test_a_campaign_that_may_not_start_says_why(client: Client, rooms: Rooms) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    path = f"/api/campaigns/campaign-{HOME}/start"
    codes = []
    for state in ("draft", "pending_number_review", "offline", "ended", "paused"):
        rooms.store.write_now(
            lambda tx, state=state: tx.run(
                "UPDATE campaign SET state = :state WHERE org_id = :org", state=state, org=HOME
            )  # type: ignore[misc]
        )
        answer = await supervisor.ask("POST", path)
        codes.append(answer.code if answer.status == 409 else answer.status)
    assert codes == ["campaign.not_from_here"] * 4 + [200]


def test_an_address_is_compared_as_browsers_write_it(rooms: Rooms) -> None:
    origins = frozenset({"https://calls.example:443", "http://calls.example:80", "http://calls.example:8080"})
    settings = WebSettings(origins, "ws://127.0.0.1/ws", rooms.deps.settings.console)
    assert settings.origins == {"https://calls.example", "http://calls.example", "http://calls.example:8080"}
    assert settings.hosts == {"calls.example", "calls.example:8080"}
    assert not settings.tls
    assert WebSettings(frozenset({"https://a"}), "", rooms.deps.settings.console).tls


async def test_with_tls_the_cookie_is_secure_and_bound_to_the_host(rooms: Rooms) -> None:
    settings = WebSettings(frozenset({"https://calls.test"}), "ws://x/ws", rooms.deps.settings.console)
    async with TestClient(TestServer(build_app(replace(rooms.deps, settings=settings)))) as secure:
        sent = await secure.post(
            "/api/session",
            json={"login": login_of(HOME, Role.AUDITOR), "password": PASSWORD},
            headers={"Host": "calls.test", "Origin": "https://calls.test"},
        )
        cookie = sent.headers["Set-Cookie"]
    assert cookie.startswith("__Host-dialer_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert sent.headers["Strict-Transport-Security"] == "max-age=31536000"
