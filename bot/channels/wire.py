"""JSON there, JSON back: HTTP/1.1 to one server, over connections that are kept.

A turn makes two calls. A client that can do everything spends 80 µs of the processor on
each, a tenth of all that a turn costs; what a Bot API server needs fits in this file
and takes 15 (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from bot.errors import Unreachable

CONNECT_SECONDS = 5.0  # for each address the server has
KEEP_SECONDS = 15.0  # a connection unused for longer may have been closed over there
MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 64 * 2**20

_END_OF_HEAD = b"\r\n\r\n"


class Wire:
    """Connections to one server.

    Args:
        url: of the server; what follows its host and port is not looked at.
        at_once: most calls under way; the others wait their turn.
        tls: how certificates are checked; the system's way unless given.
    """

    def __init__(
        self, url: str, at_once: int, tls: ssl.SSLContext | None = None
    ) -> None:
        server = urlsplit(url)
        self._host = server.hostname or ""
        self._tls = (
            (tls or ssl.create_default_context()) if server.scheme == "https" else None
        )
        self._port = server.port or (443 if self._tls else 80)
        self._head = (
            " HTTP/1.1\r\n"
            f"Host: {server.netloc.rpartition('@')[2]}\r\n"
            "Accept: application/json\r\n"
            "User-Agent: Exoplan\r\n"
            "Content-Type: "
        ).encode("ascii")
        self._free = asyncio.Semaphore(at_once)
        self._idle: list[_Line] = []
        self._addresses: list[str] = []  # the one that answered last, first

    async def post(
        self, path: str, body: bytes, seconds: float, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """Status and body of the answer to one POST of a body of this kind.

        Raises:
            Unreachable: no answer within the time, or none that can be read.
        """
        request = b"POST %s%s%s\r\nContent-Length: %d\r\n\r\n%s" % (
            path.encode("ascii"),
            self._head,
            kind.encode("ascii"),
            len(body),
            body,
        )
        async with self._free:
            line = self._rested() or await self._connected()
            try:
                return await line.ask(request, seconds)
            finally:
                if line.reusable:
                    self._idle.append(line)
                else:
                    line.close()

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().close()

    def _rested(self) -> _Line | None:
        """The connection that was used last, if one can be used again."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if line.reusable and now - line.answered_at < KEEP_SECONDS:
                return line
            line.close()
        return None

    async def _connected(self) -> _Line:
        for address in self._addresses or await self._resolved():
            try:
                line = await self._connect(address)
            except (OSError, TimeoutError):
                continue
            self._addresses = [address, *(a for a in self._addresses if a != address)]
            return line
        self._addresses = []  # ask for them anew the next time
        raise Unreachable("no connection", may_have_arrived=False)

    async def _resolved(self) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                self._host, self._port, type=socket.SOCK_STREAM
            )
        except OSError:
            return []
        self._addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        return self._addresses

    async def _connect(self, address: str) -> _Line:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(CONNECT_SECONDS):
            _, line = await loop.create_connection(
                lambda: _Line(loop),
                address,
                self._port,
                ssl=self._tls,
                server_hostname=self._host if self._tls else None,
            )
        return line


@dataclass(frozen=True, slots=True)
class _Head:
    """The first lines of an answer."""

    status: int
    begin: int  #: of the body, in bytes from the first
    length: int | None  #: of the body; None: until the server hangs up
    chunked: bool  #: the body says itself where it ends
    kept: bool  #: the server will answer again here


class _Line(asyncio.Protocol):
    """One connection: a request, its answer, then the next request."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = bytearray()
        self._head: _Head | None = None
        self.answered_at = 0.0  #: by the clock of the event loop
        self.reusable = False  #: nothing is under way, and another answer will come

    async def ask(self, request: bytes, seconds: float) -> tuple[int, bytes]:
        """The answer to this request. Raises Unreachable."""
        assert self._transport is not None
        self.reusable = False
        self._head = None
        self._answer = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._fail, "no answer in time")
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            timer.cancel()

    def close(self) -> None:
        """Hang up; whatever may still come is nobody's answer."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._answer.done():
            self.close()  # nobody asked
            return
        self._received += data
        try:
            self._read(ended=False)
        except ValueError:
            self._fail("not HTTP")

    def connection_lost(self, fault: Exception | None) -> None:
        self.reusable = False
        self._transport = None
        if self._answer is None or self._answer.done():
            return
        if fault is None:
            try:
                self._read(ended=True)
            except ValueError:
                self._fail("not HTTP")
        self._fail("connection lost")

    def _read(self, *, ended: bool) -> None:
        """Give the answer if all of it is here. Raises ValueError: it is none."""
        received = self._received
        head = self._head or _head_of(received)
        if head is None:
            return
        self._head = head
        if len(received) - head.begin > MAX_BODY_BYTES:
            raise ValueError("too long")
        whole: tuple[bytes | bytearray, int] | None = None
        if head.chunked:
            whole = _unchunked(received, head.begin)
        elif head.length is not None:
            end = head.begin + head.length
            if len(received) >= end:
                whole = received[head.begin : end], end
        elif ended:
            whole = received[head.begin :], len(received)
        if whole is None:
            return
        body, end = whole
        # A byte too many would be taken for the beginning of the next answer.
        self.reusable = head.kept and not ended and end == len(received)
        self.answered_at = self._loop.time()
        self._received = bytearray()
        assert self._answer is not None
        self._answer.set_result((head.status, bytes(body)))

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Unreachable(reason))
        self.close()


def _head_of(received: bytearray) -> _Head | None:
    """The head, once it is whole. Raises ValueError: this is no answer."""
    end = received.find(_END_OF_HEAD)
    if end < 0:
        if len(received) > MAX_HEAD_BYTES:
            raise ValueError("no end of the head")
        return None
    first, *lines = bytes(received[:end]).split(b"\r\n")
    if not first.startswith(b"HTTP/1."):
        raise ValueError("not HTTP/1")
    fields = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip().lower()
    length = fields.get(b"content-length")
    if length is not None and not length.isdigit():
        raise ValueError("no such length")
    return _Head(
        status=int(first[9:12]),
        begin=end + len(_END_OF_HEAD),
        length=None if length is None else int(length),
        chunked=fields.get(b"transfer-encoding", b"").endswith(b"chunked"),
        kept=first.startswith(b"HTTP/1.1") and fields.get(b"connection") != b"close",
    )


def _unchunked(received: bytearray, at: int) -> tuple[bytes, int] | None:
    """A body in chunks and where it ends, once it is whole. Raises ValueError."""
    chunks = []
    while True:
        end = received.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(received[at:end].partition(b";")[0], 16)
        at = end + 2
        if not 0 <= size <= MAX_BODY_BYTES:
            raise ValueError("no such size")
        if size == 0:
            break
        if len(received) < at + size + 2:
            return None
        chunks.append(bytes(received[at : at + size]))
        at += size + 2
    while True:  # fields may follow; an empty line ends them
        end = received.find(b"\r\n", at)
        if end < 0:
            return None
        empty, at = end == at, end + 2
        if empty:
            return b"".join(chunks), at
