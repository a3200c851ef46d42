"""A program beside the console: log in, enter a refusal once, walk a list, follow events, believe a webhook.

    DIALER_PASSWORD=… python docs/examples/client.py https://calls.example supervisor +8613000000001

It needs aiohttp and nothing of the product. Every address, field and error is in `GET /api/openapi.json`; clients for
other languages can be made from it.
"""

import asyncio
import base64
import hmac
import os
import sys
import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

Json = dict[str, Any]


class Refused(Exception):
    """The API said no: RFC 9457 with a stable `code` and a sentence in Chinese and English."""

    def __init__(self, problem: Json) -> None:
        super().__init__(f"{problem['status']} {problem['code']}: {problem['detail']['en']}")
        self.code = str(problem["code"])


class Dialer:
    """One login. The cookie is the session; the token goes back in X-CSRF on everything but GET."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address
        self._csrf = ""

    async def log_in(self, login: str, password: str, totp: str | None = None) -> Json:
        """Open the session; six digits where the account has a second factor."""
        said = {"login": login, "password": password} | ({"totp": totp} if totp else {})
        view = await self.ask("POST", "/api/session", said)
        self._csrf = str(view["csrf"])
        return view

    async def ask(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> Json:
        """One request. With a `key` it is done once, however often it is sent; its answer is kept for a day."""
        headers = {"X-CSRF": self._csrf} | ({"Idempotency-Key": key} if key else {})
        async with self._session.request(method, self._address + path, json=body, headers=headers) as answer:
            said: Json = await answer.json(content_type=None) if answer.status != 204 else {}
            if answer.status >= 400:
                raise Refused(said)
            return said

    async def once(self, path: str, body: Json, tries: int = 4) -> Json:
        """An act that must not happen twice, over a network that fails: the same key on every try."""
        key = str(uuid.uuid4())
        for wait_seconds in range(tries):
            try:
                return await self.ask("POST", path, body, key)
            except (aiohttp.ClientConnectionError, TimeoutError):
                await asyncio.sleep(wait_seconds)
        raise ConnectionError("nobody answered; the act may have been done: look before a new key is used")

    async def attempts(self, wanted: Json) -> AsyncIterator[Json]:
        """Every attempt of a search, page by page."""
        after: str | None = None
        while True:
            page = await self.ask(
                "POST", "/api/attempts/search", wanted | ({"after": after} if after else {})
            )
            for attempt in page["items"]:
                yield attempt
            after = page["next"]
            if after is None:
                return

    async def events(self) -> AsyncIterator[Json]:
        """Whole views whenever they changed. After a break the first one of each kind makes good what was missed."""
        while True:
            try:
                async with self._session.ws_connect(
                    self._address.replace("http", "ws", 1) + "/api/events", origin=self._address
                ) as socket:
                    async for message in socket:
                        yield message.json()
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(1.0)


def is_from_dialer(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether a webhook's message is signed with our secret (`whsec_…`): Standard Webhooks. Check its age as well."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    return any(hmac.compare_digest(right, one) for one in headers["webhook-signature"].split())


async def main(address: str, login: str, number: str) -> None:
    """Enter a refusal, then say what was tried with that number, then what dialling does."""
    # cookies of an address without a name, too: for a try on one's own machine
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        dialer = Dialer(session, address)
        who = await dialer.log_in(login, os.environ["DIALER_PASSWORD"])
        print("logged in as", who["user"]["role"])
        taken = await dialer.once("/api/refusals", {"number": number})
        print("refusal", taken["state"], "in force since", taken["at"])
        async for attempt in dialer.attempts({"number": number, "limit": 50}):
            print("attempt", attempt["id"], attempt["state"])
        async for event in dialer.events():
            if event["type"] == "status":
                print("dialling", "runs" if event["data"]["dialling"]["running"] else "stands still")
                break


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
