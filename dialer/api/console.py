"""The built console: one page for every address of the console, and its files.

`index.html` carries `__CSP_NONCE__` where the nonce of the answer's Content-Security-Policy goes. The files beside it
have their hash in their name and are kept for a year; the page itself is never kept.
"""

import mimetypes
import secrets
from pathlib import Path
from typing import Final

from aiohttp import web

from dialer.api.deps import Deps
from dialer.api.errors import Fault
from dialer.api.guard import WebHandler
from dialer.api.problems import problem_response

NONCE_PLACE: Final = "__CSP_NONCE__"
NONCE_BYTES: Final = 18
NONCE: Final = web.ResponseKey("csp_nonce", str)

_MISSING: Final = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>Dialer</title>
<p>控制台尚未构建，请在 web 目录执行 npm run build。</p>
<p>The console is not built yet: run npm run build in the folder web.</p></html>
"""
_IMMUTABLE: Final = "public, max-age=31536000, immutable"

# what a browser of 2026 must be told whatever the machine's own table says
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".map": "application/json",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
}


def console_page(deps: Deps) -> WebHandler:
    """Serves a file of the console, or its page for any other address outside the API."""
    root = deps.settings.console.resolve()

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Host", "") not in deps.settings.hosts:
            return problem_response(Fault.ORIGIN_REFUSED)
        path = request.match_info["path"]
        if path == "api" or path.startswith("api/"):
            return problem_response(Fault.NOT_FOUND)
        found = _file(root, path)
        if found is not None:
            return _file_response(root, found)
        if "." in path.rsplit("/", 1)[-1]:
            return problem_response(Fault.NOT_FOUND)
        return _page(root)

    return handle


def _file(root: Path, path: str) -> Path | None:
    if not path or path == "index.html" or "\0" in path or "\\" in path:
        return None
    found = (root / path).resolve()
    return found if found.is_relative_to(root) and found.is_file() else None


def _file_response(root: Path, found: Path) -> web.StreamResponse:
    hashed = found.relative_to(root).parts[0] == "assets"
    kind = _TYPES.get(found.suffix) or mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    headers = {"Content-Type": kind, "Cache-Control": _IMMUTABLE if hashed else "no-cache"}
    return web.FileResponse(found, headers=headers)


def _page(root: Path) -> web.Response:
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    index = root / "index.html"
    try:
        text = index.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = _MISSING
    response = web.Response(text=text.replace(NONCE_PLACE, nonce), content_type="text/html")
    response[NONCE] = nonce
    return response
