"""Updates delivered to a webhook, as Telegram does it: again until it says 200."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from tests.bench.telegram import FarEnd

CONNECTIONS = 40  # Telegram's own default
PAUSE = 0.2  # seconds after a delivery that failed
ANSWER_SECONDS = 60.0


async def deliver(far: FarEnd) -> None:
    """Deliver whatever is not confirmed while a webhook is set, until cancelled."""
    waiting: asyncio.Queue[int] = asyncio.Queue()
    far.on_update = lambda number: waiting.put_nowait(number) if far.hook.url else None
    async with asyncio.TaskGroup() as connections:
        for _ in range(CONNECTIONS):
            connections.create_task(_serve(far, waiting))


async def _serve(far: FarEnd, waiting: asyncio.Queue[int]) -> None:
    stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while True:
        number = await waiting.get()
        while (update := far.updates.get(number)) is not None and far.hook.url:
            where = urlsplit(far.hook.url)
            try:
                if stream is None:
                    stream = await asyncio.open_connection(where.hostname, where.port)
                status = await asyncio.wait_for(
                    _post(stream, where.path or "/", far.hook.secret, update),
                    ANSWER_SECONDS,
                )
            except (OSError, TimeoutError, asyncio.IncompleteReadError):
                status = 0
            if status == 200:
                far.updates.pop(number, None)
                break
            if stream is not None:
                stream[1].close()
                stream = None
            await asyncio.sleep(PAUSE)


async def _post(
    stream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    path: str,
    secret: str,
    body: bytes,
) -> int:
    reader, writer = stream
    writer.write(
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"X-Telegram-Bot-Api-Secret-Token: %s\r\nContent-Length: %d\r\n\r\n%s"
        % (path.encode(), secret.encode(), len(body), body)
    )
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            await reader.readexactly(int(value))
    return int(head.split(b" ", 2)[1])
