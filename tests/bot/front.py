"""The bot's own site in a rehearsal: where it listens, and somebody who asks it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

SECRET = "a-secret_of_Telegrams"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def by_webhook(port: int) -> dict[str, Any]:
    """Settings of a bot that Telegram posts to."""
    return {
        "webhook_url": f"http://127.0.0.1:{port}/telegram",
        "webhook_secret": SECRET,
        "listen": f"127.0.0.1:{port}",
    }


class Visitor:
    """Somebody who asks the site over HTTP."""

    def __init__(self, http: aiohttp.ClientSession, port: int) -> None:
        self._http = http
        self._site = f"http://127.0.0.1:{port}"

    async def is_open(self) -> bool:
        """Whether the site answers."""
        try:
            return (await self.get("/healthz"))[0] == 200
        except aiohttp.ClientConnectorError:
            return False

    async def get(self, path: str) -> tuple[int, str]:
        """Status and text."""
        async with self._http.get(self._site + path) as answer:
            return answer.status, await answer.text()

    async def post(
        self, body: Any, headers: dict[str, str] | None = None, path: str = "/telegram"
    ) -> int:
        """Status of what was posted, with the right secret unless told otherwise."""
        async with self._http.post(
            self._site + path,
            data=body,
            headers=HEADERS if headers is None else headers,
        ) as answer:
            await answer.read()
            return answer.status


@asynccontextmanager
async def visitor(port: int) -> AsyncIterator[Visitor]:
    """Somebody at the door of the site, once it is open."""
    async with aiohttp.ClientSession() as http:
        one = Visitor(http, port)
        for _ in range(1_000):
            if await one.is_open():
                break
            await asyncio.sleep(0.01)
        yield one
