"""Connections without sockets: the link and the fake exchange in one process, in a loop's own time.

For days that are simulated in seconds (`clock.run_in_simulated_time`): nothing waits for an operating system, so the
order of everything is the loop's, and the same seed gives the same day.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dialer.testing.ami_server import LINE_BYTES_MAX, AmiServer

P = TypeVar("P", bound=asyncio.Protocol)


class MemoryTransport(asyncio.Transport):
    """One end of a connection; what is written arrives at the peer's protocol in the next loop turn, in order."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._protocol = protocol
        self._peer: MemoryTransport | None = None
        self._is_closing = False

    def join(self, peer: "MemoryTransport") -> None:
        """Become one connection with `peer` and tell the protocol."""
        self._peer = peer
        self._protocol.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send to the peer."""
        if not self._is_closing and self._peer is not None:
            asyncio.get_running_loop().call_soon(self._peer.receive, bytes(data))

    def receive(self, data: bytes) -> None:
        """Take bytes from the peer, unless this end is closed."""
        if not self._is_closing:
            self._protocol.data_received(data)

    def close(self) -> None:
        """Close both ends, each told in the next loop turn; what was written before still arrives."""
        if self._is_closing:
            return
        self._is_closing = True
        loop = asyncio.get_running_loop()
        loop.call_soon(self._protocol.connection_lost, None)
        if self._peer is not None:
            loop.call_soon(self._peer.close)

    def abort(self) -> None:
        """Close."""
        self.close()

    def is_closing(self) -> bool:
        """Whether this end is closed."""
        return self._is_closing

    def get_write_buffer_size(self) -> int:
        """Nothing is ever buffered."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever buffered."""

    def pause_reading(self) -> None:
        """The fake reads at once."""

    def resume_reading(self) -> None:
        """The fake reads at once."""

    def get_protocol(self) -> asyncio.BaseProtocol:
        """The protocol at this end."""
        return self._protocol


def in_memory(server: AmiServer) -> Callable[[Callable[[], P]], Awaitable[tuple[MemoryTransport, P]]]:
    """A connector for `AmiLink` and `Exchange` that reaches `server` without a socket; it need not be opened."""

    async def connect(factory: Callable[[], P]) -> tuple[MemoryTransport, P]:
        reader = asyncio.StreamReader(limit=LINE_BYTES_MAX * 64)
        far_protocol = asyncio.StreamReaderProtocol(reader, server.serve)
        near_protocol = factory()
        near, far = MemoryTransport(near_protocol), MemoryTransport(far_protocol)
        near.join(far)
        far.join(near)
        return near, near_protocol

    return connect
