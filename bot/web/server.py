"""An HTTP server inside somebody else's event loop: signals are theirs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.errors import AddressNotFree

BACKLOG = 512  # connections that wait while the loop is busy, or not serving yet
GRACE_SECONDS = 1  # for answers on their way when the server stops


def listening(host: str, port: int) -> socket.socket:
    """A socket that takes connections from now on; port 0 takes any free one.

    Raises:
        AddressNotFree: another program listens there, or nobody may.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as fault:
        raise AddressNotFree(f"{host}:{port} ({fault.strerror})") from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        # Not only bound: two programs may bind, and the second is to be told now.
        listener.listen(BACKLOG)
    except OSError as fault:
        listener.close()
        raise AddressNotFree(f"{host}:{port} ({fault.strerror})") from None
    listener.setblocking(False)
    return listener


class GuestServer(uvicorn.Server):
    """Serves until `leave` is called. Signals and logs stay its host's."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=GRACE_SECONDS,
                server_header=False,
                date_header=False,
                ws="none",
                backlog=BACKLOG,
            )
        )
        self.ready = asyncio.Event()
        self._leave = asyncio.Event()

    def leave(self) -> None:
        """Take no more connections; answer what is under way."""
        self._leave.set()

    async def main_loop(self) -> None:
        # Without uvicorn's tick ten times a second, which would only delay the end.
        await self.on_tick(0)
        await self._leave.wait()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
