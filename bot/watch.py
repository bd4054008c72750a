"""What reaches this replica from the others, and which of them asks for updates.

One connection that listens, and holds the lock of whoever polls. It says something
every few seconds; of a process that was frozen PostgreSQL ends it, so that the lock is
free for another replica. What else a frozen one holds is freed from here: this
connection waits for nobody, where the writer may be waiting for just that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import structlog
from psycopg import sql
from sqlalchemy import make_url

from bot.store.across import CHANNEL, lock_number
from bot.store.postgres import CONNECT_SECONDS, session_options
from bot.store.replicas import END_SESSIONS

SILENT_SECONDS = 8  # PostgreSQL ends the connection after so long without a word
LISTEN_SECONDS = 2.0  # between two words of ours
ANSWER_SECONDS = 5.0  # an answer later than this is none
PAUSE = 1.0  # seconds before a lost connection is made anew

log = structlog.get_logger("watch")


class Watch:
    """Listens to the other replicas, and waits for its turn to poll.

    Args:
        hear: told what another replica called out.
        missed: told when something may have been called out unheard.
    """

    def __init__(
        self, url: str, hear: Callable[[str], None], missed: Callable[[], None]
    ) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._hear = hear
        self._missed = missed
        self._mine = asyncio.Event()
        self._not_mine = asyncio.Event()
        self._not_mine.set()

    @property
    def polls(self) -> bool:
        """Whether it is this replica that asks for updates."""
        return self._mine.is_set()

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is made anew."""
        while True:
            try:
                async with await self._connected() as connection:
                    await self._listen(connection)
            except (psycopg.Error, TimeoutError, OSError) as fault:
                log.warning("connection_lost", fault=type(fault).__name__)
            finally:
                self._lost()
            await asyncio.sleep(PAUSE)

    async def in_turn(self, poll: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Poll whenever it is this replica's turn, until cancelled.

        Whatever `poll` raises is raised.
        """
        while True:
            await self._mine.wait()
            log.info("polls")
            async with asyncio.TaskGroup() as both:
                polling = both.create_task(poll())
                await self._not_mine.wait()
                polling.cancel()
            log.warning("polls_no_more")

    async def _connected(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(
            self._url.render_as_string(hide_password=False),
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            options=session_options(idle_session_timeout=f"{SILENT_SECONDS}s"),
        )

    async def _listen(self, connection: psycopg.AsyncConnection) -> None:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        self._missed()  # from here on nothing is
        number = lock_number("polling")
        while True:
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.execute(END_SESSIONS)
                if not self.polls:
                    asked = await connection.execute(
                        "SELECT pg_try_advisory_lock(%s)", (number,)
                    )
                    if await asked.fetchone() == (True,):
                        self._not_mine.clear()
                        self._mine.set()
            async for call in connection.notifies(timeout=LISTEN_SECONDS):
                self._hear(call.payload)

    def _lost(self) -> None:
        self._mine.clear()
        self._not_mine.set()
