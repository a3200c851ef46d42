"""The web application: the route table behind its guard, the console's files, and the headers on every answer."""

from collections.abc import AsyncIterator

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from dialer.api.console import NONCE, console_page
from dialer.api.deps import Deps, WebSettings
from dialer.api.errors import Fault
from dialer.api.events import HUB, EventHub
from dialer.api.guard import guarded
from dialer.api.meters import Meters
from dialer.api.problems import place_of, problem_response
from dialer.api.public.pages import PublicPages
from dialer.api.public.rendering import public_headers
from dialer.api.route import JSON_BYTES_MAX
from dialer.api.routes import ROUTES
from dialer.api.sip_proxy import CLIENT, exchange_client

log = structlog.get_logger()


def build_app(deps: Deps, public: PublicPages | None = None) -> web.Application:
    """The application, ready to be served. It opens nothing before it starts and closes what it opened.

    `public`: the consent form and its receipts, where this installation has them.
    """
    app = web.Application(client_max_size=JSON_BYTES_MAX, middlewares=[_problems])
    meters = Meters(deps.metrics)
    for route in ROUTES:
        app.router.add_route(route.method.value, route.path, guarded(route, deps, meters))
    if public is not None:
        public.mount(app)
    app.router.add_route("GET", "/{path:.*}", console_page(deps))
    app[HUB] = EventHub(deps)
    app.cleanup_ctx.append(_exchange_client)

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        del request
        if not public_headers(response):
            _security_headers(deps.settings, response)
        if deps.settings.tls:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"

    app.on_response_prepare.append(add_headers)
    return app


async def _exchange_client(app: web.Application) -> AsyncIterator[None]:
    app[CLIENT] = exchange_client()
    yield
    await app[CLIENT].close()


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What the server itself would say as text, said as a problem."""
    try:
        return await handler(request)
    except web.HTTPNotFound:
        return problem_response(Fault.NOT_FOUND)
    except web.HTTPMethodNotAllowed as refused:
        response = problem_response(Fault.METHOD_NOT_ALLOWED)
        response.headers["Allow"] = ", ".join(sorted(refused.allowed_methods))
        return response
    except web.HTTPRequestEntityTooLarge:
        return problem_response(Fault.BODY_TOO_LARGE)
    except web.HTTPException:
        raise
    except ConnectionError:
        raise
    except Exception as bug:
        log.error(
            "api.failed", operation="outside the table", failure=type(bug).__name__, place=place_of(bug)
        )
        return problem_response(Fault.INTERNAL)


def _security_headers(settings: WebSettings, response: web.StreamResponse) -> None:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "microphone=(self), camera=(), geolocation=(), payment=(), usb=()"
    headers.setdefault("Cache-Control", "no-store")
    headers.pop("Server", None)
    nonce = response.get(NONCE)
    headers["Content-Security-Policy"] = _policy(settings, None if nonce is None else str(nonce))


def _policy(settings: WebSettings, nonce: str | None) -> str:
    if nonce is None:
        return "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
    sockets = " ".join(sorted(origin.replace("http", "ws", 1) for origin in settings.origins))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "media-src 'self' blob:",
            f"connect-src 'self' {sockets}",
            "worker-src 'self' blob:",
            "manifest-src 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        )
    )
