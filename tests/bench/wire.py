"""HTTP/1.1 as far as bots speak it: a server that costs little beside what it tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

MAX_HEAD_BYTES = 16_384

#: Takes path, kind and body of a request; answers through `Exchange.answer`.
Handler = Callable[["Exchange", bytes, bytes, bytes], None]

_REASONS = {200: b"OK", 400: b"Bad Request", 401: b"Unauthorized", 403: b"Forbidden"}
_REASONS |= {404: b"Not Found", 409: b"Conflict", 413: b"Too Large"}
_REASONS |= {429: b"Too Many Requests", 500: b"Error", 502: b"Bad Gateway"}


class Exchange(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, handle: Handler) -> None:
        self._handle = handle
        self._transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, fault: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head_end = received.find(b"\r\n\r\n")
        if head_end < 0:
            if len(received) > MAX_HEAD_BYTES:
                self.cut()
            self._received = received
            return
        head = received[:head_end]
        length = int(_field(head, b"content-length") or 0)
        body = received[head_end + 4 :]
        if len(body) < length:
            self._received = received
            return
        self._received = body[length:]
        path = head.split(b" ", 2)[1]
        self._handle(self, path, _field(head, b"content-type"), body[:length])

    def answer(self, status: int, body: bytes) -> None:
        """Answer the request; nobody is told when the other end has gone."""
        if self._transport is None:
            return
        self._transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s"
            % (status, _REASONS.get(status, b""), len(body), body)
        )

    @property
    def open(self) -> bool:
        """Whether the other end is still there."""
        return self._transport is not None

    def cut(self) -> None:
        """Give no answer, and no more."""
        if self._transport is not None:
            self._transport.abort()


def _field(head: bytes, name: bytes) -> bytes:
    begin = head.lower().find(b"\r\n" + name + b":")
    if begin < 0:
        return b""
    begin += len(name) + 3
    end = head.find(b"\r\n", begin)
    return head[begin : end if end >= 0 else len(head)].strip()
