"""A TCP relay in front of a manager interface, to cut and to mute a link that can't be cut from inside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Relay:
    """Passes bytes both ways until told otherwise."""

    def __init__(self, upstream_port: int) -> None:
        self.port = 0
        self.connections = 0
        self.cut_after: bytes | None = None
        """Once these bytes went upstream, both sides are cut; used up by it."""
        self.is_mute = False
        """What comes from upstream is thrown away."""
        self._upstream_port = upstream_port
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relay one connection."""
        self.connections += 1
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        downward = asyncio.create_task(self._down(up_reader, writer))
        self._tasks.add(downward)
        try:
            while data := await reader.read(65_536):
                up_writer.write(data)
                await up_writer.drain()
                if self.cut_after is not None and self.cut_after in data:
                    self.cut_after = None
                    # Upstream reads what it was given before it sees the end.
                    writer.transport.abort()
                    await asyncio.sleep(0.2)
                    break
        except ConnectionError:
            pass
        finally:
            downward.cancel()
            up_writer.close()
            writer.transport.abort()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if not self.is_mute:
                writer.write(data)
        writer.transport.abort()

    async def stop(self) -> None:
        """End what still relays."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def relay_to(upstream_port: int) -> AsyncIterator[Relay]:
    """A relay on a free port."""
    relay = Relay(upstream_port)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await relay.stop()
