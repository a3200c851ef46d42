"""The dialer's side of the doors of signer, witness and gate control: unix sockets, short deadlines."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aiohttp

from dialer.domain.errors import EgressUnavailable, SignerUnavailable
from dialer.domain.ids import AttemptId, InboundId
from dialer.ports.exchange import EgressLeg

SECONDS_MAX: Final = 3.0
ANSWER_BYTES_MAX: Final = 256 * 1024
_FAILURES: Final = (aiohttp.ClientError, TimeoutError, OSError)


class Door:
    """One unix socket spoken to over HTTP."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    async def ask(
        self, method: str, path: str, *, data: bytes | None = None, query: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body. Raises what aiohttp raises when nobody answers in time."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(path=str(self._socket)),
                timeout=aiohttp.ClientTimeout(SECONDS_MAX),
            )
        async with self._session.request(method, f"http://local{path}", data=data, params=query) as response:
            return response.status, await response.content.read(ANSWER_BYTES_MAX)

    async def close(self) -> None:
        """Close the connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class SignerDoor:
    """`ports.Signer`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def sign(self, body: bytes, proof: tuple[bytes, ...]) -> bytes | int:
        data = json.dumps({"body": body.decode(), "proof": [p.hex() for p in proof]}).encode()
        try:
            status, answer = await self._door.ask("POST", "/sign", data=data)
        except _FAILURES as failure:
            raise SignerUnavailable("the signer does not answer") from failure
        if status == 200:
            return answer
        if status == 409:
            return int(json.loads(answer)["size"])
        raise SignerUnavailable(f"the signer answered {status}")

    async def sign_bundle(self, message: bytes) -> bytes:
        try:
            status, answer = await self._door.ask("POST", "/sign-bundle", data=message)
        except _FAILURES as failure:
            raise SignerUnavailable("the signer does not answer") from failure
        if status != 200:
            raise SignerUnavailable(f"the signer answered {status}")
        return answer


class WitnessSocket:
    """`ports.WitnessDoor`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def add(self, old_size: int, note: bytes, proof: tuple[bytes, ...]) -> str | int:
        lines = [f"old {old_size}", *(base64.b64encode(p).decode() for p in proof)]
        try:
            status, answer = await self._door.ask(
                "POST", "/add-checkpoint", data="\n".join(lines).encode() + b"\n\n" + note
            )
        except _FAILURES as failure:
            raise SignerUnavailable("the witness does not answer") from failure
        if status == 200:
            return answer.decode()
        if status == 409:
            return int(answer)
        raise SignerUnavailable(f"the witness answered {status}")


class GateControl:
    """`ports.EgressControl` through the gate's control socket."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def legs(self, attempt_id: AttemptId) -> tuple[EgressLeg, ...]:
        answer = await self._ask("GET", "/legs", attempt_id)
        return tuple(
            EgressLeg(AttemptId(leg["attempt"]), leg["uid"], leg["state"]) for leg in json.loads(answer)
        )

    async def hang_up(self, attempt_id: AttemptId) -> None:
        await self._ask("POST", "/hangup", attempt_id)

    async def caller(self, inbound_id: InboundId) -> str | None:
        """`ports.InboundCaller`."""
        try:
            status, answer = await self._door.ask("GET", "/caller", query={"inbound": inbound_id})
        except _FAILURES as failure:
            raise EgressUnavailable("the gate does not answer") from failure
        if status == 404:
            return None
        if status != 200:
            raise EgressUnavailable(f"the gate answered {status}")
        return str(json.loads(answer)["number"])

    async def _ask(self, method: str, path: str, attempt_id: AttemptId) -> bytes:
        try:
            status, answer = await self._door.ask(method, path, query={"attempt": attempt_id})
        except _FAILURES as failure:
            raise EgressUnavailable("the gate does not answer") from failure
        if status != 200:
            raise EgressUnavailable(f"the gate answered {status}")
        return answer
