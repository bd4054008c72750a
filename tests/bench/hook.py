"""Updates delivered to a webhook, as Telegram does it: again until it says 200."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import cycle
from urllib.parse import urlsplit

from tests.bench.telegram import FarEnd

CONNECTIONS = 40  # Telegram's own default
PAUSE = 0.2  # seconds after a delivery that failed
ANSWER_SECONDS = 10.0  # after which it is posted again, elsewhere where it can be


async def deliver(far: FarEnd, ports: Sequence[int] = ()) -> None:
    """Deliver whatever is not confirmed while a webhook is set, until cancelled.

    Args:
        ports: of the replicas behind a balancer, tried in turn; the webhook's own
            unless given.
    """
    waiting: asyncio.Queue[int] = asyncio.Queue()
    far.on_update = lambda number: waiting.put_nowait(number) if far.hook.url else None
    async with asyncio.TaskGroup() as connections:
        for number in range(CONNECTIONS):
            turn = cycle([*ports[number % len(ports) :], *ports]) if ports else None
            connections.create_task(_serve(far, waiting, turn))


async def _serve(
    far: FarEnd, waiting: asyncio.Queue[int], ports: Iterator[int] | None
) -> None:
    stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    while True:
        number = await waiting.get()
        while (update := far.updates.get(number)) is not None and far.hook.url:
            where = urlsplit(far.hook.url)
            try:
                if stream is None:
                    port = next(ports) if ports is not None else where.port
                    stream = await asyncio.open_connection(where.hostname, port)
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
