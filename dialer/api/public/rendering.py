"""Public pages as HTML: templates, their headers, and what they may be framed by."""

import secrets
from pathlib import Path
from typing import Final

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialer.api.public.words import words

TEMPLATES: Final = Path(__file__).with_name("templates")
NONCE_BYTES: Final = 18
PUBLIC: Final = web.ResponseKey("public_headers", dict)
"""Headers that a public answer has instead of the console's."""

_pages: Final = Environment(
    loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True, auto_reload=False
)


def page(
    template: str,
    language: str,
    title: str,
    *,
    status: int = 200,
    site: str = "",
    referrer: str = "no-referrer",
    wrong: str = "",
    **values: object,
) -> web.Response:
    """A page. `title`: its key in the words; `site`: the origin that may frame it, beside our own. To that one a framed page
    says how tall it is; it works without.

    `referrer`: the form's own page says `same-origin`, so that its POST names its origin; a receipt's says nothing.
    """
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    said = words(language)
    text = _pages.get_template(template).render(
        nonce=nonce, language=language, words=said, title=said[title], wrong=wrong, site=site, **values
    )
    response = web.Response(text=text, status=status, content_type="text/html")
    framed = site or "'none'"
    scripts = f"script-src 'nonce-{nonce}'; " if site else ""
    headers = {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'nonce-{nonce}'; {scripts}form-action 'self'; base-uri 'none'; "
            f"frame-ancestors {framed}"
        ),
        "Referrer-Policy": referrer,
        "X-Robots-Tag": "noindex, nofollow",
        "Content-Language": "en" if language == "en" else "zh-CN",
    }
    if not site:
        headers["X-Frame-Options"] = "DENY"
    response[PUBLIC] = headers
    return response


def script() -> web.Response:
    """The one script tag's script. It runs on the customer's page, so it must be readable from there."""
    response = web.Response(
        text=(TEMPLATES / "embed.js").read_text(encoding="utf-8"), content_type="text/javascript"
    )
    response[PUBLIC] = {
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": "public, max-age=3600",
        "Referrer-Policy": "no-referrer",
    }
    return response


def public_headers(response: web.StreamResponse) -> bool:
    """Write the headers of a public answer; False: it is none."""
    headers = response.get(PUBLIC)
    if headers is None:
        return False
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Permissions-Policy"] = "microphone=(), camera=(), geolocation=(), payment=(), usb=()"
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.pop("Server", None)
    for name, value in headers.items():
        response.headers[name] = value
    return True
