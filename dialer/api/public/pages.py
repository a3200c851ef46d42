"""The addresses of the public pages. No cookie, no login, no script needed; GET changes nothing.

Nothing here has authority by being in a browser: who posts says what they want with the post itself. A POST that names a
foreign origin is refused all the same, so that no other site can have its visitors ask for calls.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from dialer.api.deps import WebSettings
from dialer.api.errors import Fault
from dialer.api.origins import address_of
from dialer.api.problems import place_of, problem_response
from dialer.api.public.rendering import page, script
from dialer.api.public.words import NAMES, past, say, stopped, weekday, when, words
from dialer.domain.errors import DialerError
from dialer.domain.phone import BadNumber
from dialer.rules.shipped import shipped_packs
from dialer.services.consent_codes import CodeOver, WrongCode
from dialer.services.consent_desk import (
    Asked,
    CodeAsked,
    ConsentDesk,
    Event,
    Form,
    History,
    Receipt,
    Recorded,
    TextChanged,
    TooMany,
    Visitor,
)
from dialer.services.consent_slots import Slot, slots
from dialer.services.views.words import Sentence

log = structlog.get_logger()

SOURCE: Final = "{source:[A-Za-z0-9_-]{1,64}}"
TOKEN: Final = "{token:[0-9a-f]{32}}"
BODY_BYTES_MAX: Final = 8 * 1024
PAGE_CHARACTERS_MAX: Final = 300
AGENT_CHARACTERS_MAX: Final = 300

Page = Callable[[web.Request], Awaitable[web.Response]]


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the form is filled with when it is shown again."""

    number: str = ""
    name: str = ""
    asked: str = ""
    wish: str = ""


class PublicPages:
    """The pages behind one consent desk."""

    def __init__(self, settings: WebSettings, desk: ConsentDesk) -> None:
        self._settings = settings
        self._desk = desk

    def mount(self, app: web.Application) -> None:
        """Serve them."""
        for method, path, handle in (
            ("GET", f"/f/{SOURCE}", self.show_form),
            ("POST", f"/f/{SOURCE}", self.take_form),
            ("GET", f"/f/{SOURCE}/embed.js", self.embed),
            ("POST", f"/f/{SOURCE}/code", self.take_code),
            ("GET", f"/f/{SOURCE}/stop", self.show_stop),
            ("POST", f"/f/{SOURCE}/stop", self.take_stop),
            ("GET", f"/r/{TOKEN}", self.show_receipt),
            ("POST", f"/r/{TOKEN}/stop", self.stop_by_receipt),
            ("POST", f"/r/{TOKEN}/code", self.ask_for_history),
            ("POST", f"/r/{TOKEN}/history", self.show_history),
        ):
            app.router.add_route(method, path, self._safely(handle))

    def _safely(self, handle: Page) -> Page:
        async def safe(request: web.Request) -> web.Response:
            if request.headers.get("Host", "") not in self._settings.hosts or not self._is_own_post(request):
                return problem_response(Fault.ORIGIN_REFUSED)
            if (request.content_length or 0) > BODY_BYTES_MAX:
                return problem_response(Fault.BODY_TOO_LARGE)
            try:
                return await handle(request)
            except DialerError as failure:
                log.warning("public.unavailable", failure=type(failure).__name__)
            except web.HTTPException:
                raise
            except Exception as bug:
                log.error("public.failed", failure=type(bug).__name__, place=place_of(bug))
            return _away(request)

        return safe

    def _is_own_post(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        # a page without referrer, such as the receipt, posts with the origin "null"
        return request.method == "GET" or origin in (None, "null") or origin in self._settings.origins

    # ---------------------------------------------------------------- the form

    async def show_form(self, request: web.Request) -> web.Response:
        """The text in full, then the field, then the two buttons."""
        form = await self._form(request)
        if form is None:
            return _closed(_language(request))
        return self._form_page(form, _page_of(request.query.get("page", ""), form.site), _Sent())

    async def take_form(self, request: web.Request) -> web.Response:
        """One act of consent, or none."""
        form = await self._form(request)
        if form is None:
            return _closed(_language(request))
        fields = await _fields(request)
        language, shown_on = form.language, _page_of(fields.get("page", ""), form.site)
        if fields.get("act") != "agree":
            return _message("declined.title", "declined.text", language, site=form.site)
        sent = _Sent(
            fields.get("number", ""), fields.get("name", ""), fields.get("asked", ""), fields.get("wish", "")
        )
        slot = next((s for s in self._slots(form) if s.code == sent.wish), None)
        if sent.wish and slot is None:
            return self._form_page(form, shown_on, sent, wrong=words(language)["form.slot_gone"])
        asked = Asked(
            number=sent.number,
            name=sent.name,
            asked=sent.asked,
            promise=slot.promise if slot is not None else None,
            text_sha256=fields.get("text", ""),
        )
        visitor = self._visitor(request, shown_on or f"{self._base(request)}/f/{form.source_id}")
        answer = await self._desk.submit(form, asked, visitor)
        match answer:
            case TextChanged():
                return self._form_page(form, shown_on, sent, wrong=words(language)["form.changed"])
            case BadNumber():
                wrong = say(Sentence(answer.zh, answer.en), language)
                return self._form_page(form, shown_on, sent, wrong=wrong)
            case TooMany(wait):
                return _too_many(wait, language, form.site)
            case CodeAsked(ticket):
                return _code_page(_code_path(form), ticket, language, form.site)
            case Recorded(token):
                return _done(self._base(request), token, language, form.site)
            case _:
                assert_never(answer)

    async def take_code(self, request: web.Request) -> web.Response:
        """The proof that the person has the phone."""
        form = await self._form(request)
        if form is None:
            return _closed(_language(request))
        fields = await _fields(request)
        ticket = fields.get("ticket", "")
        answer = await self._desk.confirm(ticket, fields.get("code", ""))
        match answer:
            case WrongCode():
                wrong = words(form.language)["code.wrong"]
                return _code_page(_code_path(form), ticket, form.language, form.site, wrong=wrong)
            case CodeOver():
                return _message("away.title", "code.over", form.language, site=form.site, status=410)
            case Recorded(token):
                return _done(self._base(request), token, form.language, form.site)
            case _:
                assert_never(answer)

    async def embed(self, request: web.Request) -> web.Response:
        """The script of the one script tag."""
        del request
        return script()

    # ---------------------------------------------------------------- taking it back

    async def show_stop(self, request: web.Request) -> web.Response:
        """Asks for the number only."""
        form = await self._form(request)
        return _closed(_language(request)) if form is None else _stop_page(form, "")

    async def take_stop(self, request: web.Request) -> web.Response:
        """T3 for that number, whatever is known of it."""
        form = await self._form(request)
        if form is None:
            return _closed(_language(request))
        number = (await _fields(request)).get("number", "")
        answer = await self._desk.stop_by_number(form, number, self._visitor(request, ""))
        if isinstance(answer, BadNumber):
            return _stop_page(form, number, wrong=say(Sentence(answer.zh, answer.en), form.language))
        if isinstance(answer, TooMany):
            return _too_many(answer.wait_seconds, form.language, form.site)
        return page(
            "message.html.j2",
            form.language,
            "stopped.title",
            site=form.site,
            message=stopped(answer, form.org_name, form.language),
        )

    async def show_receipt(self, request: web.Request) -> web.Response:
        """Who, what for, until when, and the one button."""
        token = request.match_info["token"]
        return _receipt_page(await self._desk.receipt(token), token, request)

    async def stop_by_receipt(self, request: web.Request) -> web.Response:
        """T3 for the person of this receipt."""
        token = request.match_info["token"]
        return _receipt_page(await self._desk.stop_by_receipt(token), token, request)

    async def ask_for_history(self, request: web.Request) -> web.Response:
        """A code to the receipt's phone: the link alone doesn't show when somebody was called."""
        token, language = request.match_info["token"], _language(request)
        answer = await self._desk.ask_for_history(token, self._visitor(request, ""))
        if answer is None:
            return _message("gone.title", "gone.text", language, status=404)
        if isinstance(answer, TooMany):
            return _too_many(answer.wait_seconds, language, "")
        return _history_code_page(token, answer.ticket, language)

    async def show_history(self, request: web.Request) -> web.Response:
        """When the person agreed, was called, refused: for the code only."""
        token, language, fields = request.match_info["token"], _language(request), await _fields(request)
        ticket = fields.get("ticket", "")
        answer = await self._desk.history(token, ticket, fields.get("code", ""))
        match answer:
            case WrongCode():
                wrong = words(language)["code.wrong"]
                return _history_code_page(token, ticket, language, wrong=wrong)
            case CodeOver():
                return _message("away.title", "code.history_over", language, status=410)
            case History():
                return _receipt_page(answer.receipt, token, request, answer.events)
            case _:
                assert_never(answer)

    # ---------------------------------------------------------------- parts

    def _base(self, request: web.Request) -> str:
        return _base(request, self._settings.origins)

    def _visitor(self, request: web.Request, shown_on: str) -> Visitor:
        agent = request.headers.get("User-Agent", "")[:AGENT_CHARACTERS_MAX]
        return Visitor(address=address_of(request, self._settings.proxies), user_agent=agent, page=shown_on)

    async def _form(self, request: web.Request) -> Form | None:
        return await self._desk.form(request.match_info["source"], _language(request), self._base(request))

    def _slots(self, form: Form) -> tuple[Slot, ...]:
        calendar = shipped_packs().calendars.get(form.country.lower())
        return slots(calendar, self._desk.clock.now())

    def _form_page(self, form: Form, shown_on: str, sent: _Sent, *, wrong: str = "") -> web.Response:
        return page(
            "form.html.j2",
            form.language,
            "form.title",
            status=422 if wrong else 200,
            site=form.site,
            referrer="same-origin",
            wrong=wrong,
            form=form,
            page=shown_on,
            sent=sent,
            slots=[(s.code, _slot(s, form.language)) for s in self._slots(form)],
            languages=[(code, NAMES[code]) for code in form.languages if code != form.language],
        )


def _slot(slot: Slot, language: str) -> str:
    return f"{slot.day:%m-%d} {weekday(slot.day.weekday(), language)} {slot.from_hour}:00–{slot.to_hour}:00"


def _language(request: web.Request) -> str:
    asked = request.query.get("lang", "") or request.headers.get("Accept-Language", "zh")
    return "en" if asked.lower().startswith("en") else "zh"


def _base(request: web.Request, origins: frozenset[str]) -> str:
    """The address by which the visitor came; behind a proxy its own scheme, not that of the connection to us."""
    known = sorted(o for o in origins if o.split("://", 1)[1] == request.host)
    return known[-1] if known else f"{request.scheme}://{request.host}"


def _page_of(said: str, site: str) -> str:
    """The page on which the form says it stands: only one of the registered site counts, and only its path is kept."""
    if not site or len(said) > PAGE_CHARACTERS_MAX:
        return ""
    parts = urlsplit(said)
    return f"{site}{parts.path}" if f"{parts.scheme}://{parts.netloc}" == site else ""


async def _fields(request: web.Request) -> Mapping[str, str]:
    """The fields of a form; a file or anything else is none."""
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    try:
        posted = await request.post()
    except ValueError:
        return {}
    return {name: value.strip() for name, value in posted.items() if isinstance(value, str)}


def _message(title: str, text: str, language: str, *, site: str = "", status: int = 200) -> web.Response:
    return page("message.html.j2", language, title, status=status, site=site, message=words(language)[text])


def _closed(language: str) -> web.Response:
    return _message("away.title", "closed.text", language, status=404)


def _away(request: web.Request) -> web.Response:
    stopping = request.path.endswith("/stop") and request.method == "POST"
    return _message("away.title", "away.stop" if stopping else "away.text", _language(request), status=503)


def _too_many(wait_seconds: int, language: str, site: str) -> web.Response:
    response = _message("many.title", "many.text", language, site=site, status=429)
    response.headers["Retry-After"] = str(wait_seconds)
    return response


def _code_path(form: Form) -> str:
    return f"/f/{form.source_id}/code?lang={form.language}"


def _history_code_page(token: str, ticket: str, language: str, *, wrong: str = "") -> web.Response:
    path = f"/r/{token}/history?lang={language}"
    return _code_page(path, ticket, language, "", wrong=wrong, text="code.history_text")


def _code_page(
    path: str, ticket: str, language: str, site: str, *, wrong: str = "", text: str = "code.text"
) -> web.Response:
    return page(
        "code.html.j2",
        language,
        "code.title",
        status=422 if wrong else 200,
        site=site,
        referrer="same-origin",
        wrong=wrong,
        text=words(language)[text],
        path=path,
        ticket=ticket,
    )


def _done(base: str, token: str, language: str, site: str) -> web.Response:
    url = f"{base}/r/{token}"
    return page("done.html.j2", language, "done.title", site=site, receipt_url=url)


def _stop_page(form: Form, number: str, *, wrong: str = "") -> web.Response:
    return page(
        "stop.html.j2",
        form.language,
        "stop.title",
        status=422 if wrong else 200,
        site=form.site,
        referrer="same-origin",
        wrong=wrong,
        source_id=form.source_id,
        number=number,
        org=say(form.org_name, form.language),
    )


def _receipt_page(
    receipt: Receipt | None, token: str, request: web.Request, history: tuple[Event, ...] | None = None
) -> web.Response:
    if receipt is None:
        return _message("gone.title", "gone.text", _language(request), status=404)
    language = receipt.language
    until = receipt.expires_at
    return page(
        "receipt.html.j2",
        language,
        "receipt.title",
        receipt=receipt,
        token=token,
        org=say(receipt.org_name, language),
        given=when(receipt.given_at),
        until=when(until) if until is not None else words(language)["receipt.until_done"],
        stopped=stopped(receipt.refused_at, receipt.org_name, language) if receipt.refused_at else "",
        withdrawn=when(receipt.withdrawn_at) if receipt.withdrawn_at else "",
        history=None if history is None else [(when(e.at), past(e, language)) for e in history],
    )
