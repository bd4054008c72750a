"""Replicas behind a load balancer are stopped and started while people chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy
from aiohttp import web

from tests.bot.front import HEADERS, by_webhook, free_port, visitor
from tests.bot.rehearsal import started, telegram
from tests.postgres import database as new_database
from tests.postgres import postgres

PEOPLE = 4


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server for all of these tests."""
    with postgres() as url:
        yield url


class Balancer:
    """Gives every update to the next replica that answers it with 200."""

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.taken: dict[int, int] = dict.fromkeys(ports, 0)

    async def pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.ports = [*self.ports[1:], self.ports[0]]
        async with aiohttp.ClientSession() as http:
            for port in self.ports:
                try:
                    async with http.post(
                        f"http://127.0.0.1:{port}/telegram",
                        data=body,
                        headers={name: request.headers[name] for name in HEADERS},
                    ) as answer:
                        if answer.status == 200:
                            self.taken[port] += 1
                            return web.Response()
                except aiohttp.ClientError:
                    continue
        return web.Response(status=502)


@asynccontextmanager
async def balanced(port: int, balancer: Balancer) -> AsyncIterator[None]:
    """A balancer at work."""
    app = web.Application()
    app.router.add_post("/telegram", balancer.pass_on)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


async def test_replicas_take_turns_at_being_upgraded(server: str, tmp_path: Path):
    """Each is stopped and started while four people chat: every turn once, in order."""
    front, *ports = (free_port() for _ in range(3))
    balancer = Balancer(ports)

    async def replica(port: int, url: str, api_url: str) -> asyncio.subprocess.Process:
        how: dict[str, Any] = by_webhook(port)
        how["webhook_url"] = f"http://127.0.0.1:{front}/telegram"
        how |= {"database_url": url, "key_file": str(tmp_path / "exoplan.key")}
        process = await started(tmp_path, api_url, **how)
        async with visitor(port) as anybody:
            assert (await anybody.get("/readyz"))[0] == 200
        return process

    with new_database(server) as url:
        async with telegram() as local, balanced(front, balancer):
            people = [local.person(f"P{number}") for number in range(PEOPLE)]
            running = [await replica(port, url, local.api_url) for port in ports]
            said = 0
            for place, port in enumerate(ports):
                for _ in range(3):
                    for person in people:
                        await person.send(f"m{said}")
                    said += 1
                process = running[place]
                process.terminate()
                async with asyncio.timeout(5):
                    assert await process.wait() == 0
                for person in people:
                    await person.send(f"m{said}")
                said += 1
                running[place] = await replica(port, url, local.api_url)
            for person in people:
                last = f"echo {said} m{said - 1}"
                await person.private_chat().wait_for_text(last, seconds=20)
            for process in running:
                process.terminate()
                assert await process.wait() == 0
            for person in people:
                texts = [message.text for message in person.private_chat().from_bot]
                assert texts == [f"echo {n + 1} m{n}" for n in range(said)]
        assert min(balancer.taken.values()) > 0
        engine = sqlalchemy.create_engine(url.replace("://", "+psycopg://", 1))
        with engine.connect() as connection:
            doubts = sqlalchemy.text("SELECT sum(uncertain) FROM outbox")
            assert connection.scalar(doubts) == 0
        engine.dispose()
