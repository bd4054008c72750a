"""How the bot is: whether updates come, the database answers, and nothing is stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.store.engine import Store
from bot.store.waiting import Backlog, Waiting, backlog, note_look

DATABASE_SECONDS = 2.0  # an answer later than this is none
SILENT_SECONDS = 90.0  # a long poll returns within 50, with or without updates
STUCK_SECONDS = 60.0  # what waits longer in a queue is stuck
FRESH_SECONDS = 0.5  # an answer of the database serves everybody who asks so soon


@dataclass(frozen=True, slots=True)
class Receiving:
    """How updates come."""

    by: str  #: polling, webhook, or standby: another replica polls
    last_at: datetime | None  #: when they came last; an empty poll counts
    telegram_holds: int | None = None  #: not delivered yet, where Telegram says so


@dataclass(frozen=True, slots=True)
class State:
    """One look."""

    at: datetime
    stopping: bool
    receiving: Receiving
    silent_seconds: float  #: since updates last came, or since the start
    backlog: Backlog | None  #: None where the database does not answer
    database: str  #: what is wrong with it, a word or two; empty where nothing is
    database_seconds: float

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the bot is not ready, one each; nothing about anybody."""
        why = ["stopping"] if self.stopping else []
        if self.database:
            why.append(f"database: {self.database}")
        # On a webhook silence may be a quiet night; a poll is answered in any case.
        if self.receiving.by == "polling" and self.silent_seconds > SILENT_SECONDS:
            why.append(f"updates: none for {self.silent_seconds:.0f} s")
        if self.backlog is not None:
            for name, waiting in [
                ("inbox", self.backlog.inbox),
                ("outbox", self.backlog.outbox),
            ]:
                if (age := self.age(waiting)) > STUCK_SECONDS:
                    why.append(f"{name}: the oldest waits {age:.0f} s")
        return tuple(why)

    def age(self, waiting: Waiting) -> float:
        """Seconds that the oldest has waited."""
        if waiting.since is None:
            return 0.0
        return max(0.0, (self.at - waiting.since) / timedelta(seconds=1))

    def to_json(self) -> dict[str, object]:
        """All of it as plain JSON values."""
        told: dict[str, object] = {
            "ready": not self.reasons,
            "reasons": list(self.reasons),
            "updates": {
                "by": self.receiving.by,
                "silent_seconds": round(self.silent_seconds, 1),
                "telegram_holds": self.receiving.telegram_holds,
            },
            "database": {
                "answers": not self.database,
                "seconds": round(self.database_seconds, 4),
            },
        }
        if self.backlog is not None:
            told["inbox"] = self._queue(self.backlog.inbox)
            told["outbox"] = self._queue(self.backlog.outbox)
            told["set_aside"] = self.backlog.set_aside
        return told

    def _queue(self, waiting: Waiting) -> dict[str, object]:
        return {
            "waiting": waiting.rows,
            "oldest_seconds": round(self.age(waiting), 1),
        }


class Health:
    """Looks when it is asked to.

    Args:
        receiving: how updates come at this moment.
    """

    def __init__(
        self, store: Store, clock: Clock, receiving: Callable[[], Receiving]
    ) -> None:
        self._store = store
        self._clock = clock
        self._receiving = receiving
        self._began = clock.now()
        self._looking: asyncio.Task[State] | None = None
        self._looked = float("-inf")
        self.stopping = False  #: no more updates are taken

    async def look(self) -> State:
        """The state now, or half a second ago; whoever asks meanwhile shares it."""
        now = asyncio.get_running_loop().time()
        looking = self._looking
        if looking is None or (looking.done() and now - self._looked > FRESH_SECONDS):
            self._looked = now
            looking = self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(looking)

    async def _look(self) -> State:
        loop = asyncio.get_running_loop()
        began = loop.time()
        found: Backlog | None = None
        wrong = ""
        now = self._clock.now()

        def ask(connection: Connection) -> Backlog:
            note_look(connection, now)
            return backlog(connection)

        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                found = await self._store.write(ask)
            if not_kept := sorted(self._store.not_kept):
                wrong = f"{' and '.join(not_kept)} not kept"
        except TimeoutError:
            wrong = f"no answer within {DATABASE_SECONDS:.0f} s"
        except SQLAlchemyError as fault:
            wrong = type(fault).__name__
        receiving = self._receiving()
        since = receiving.last_at or self._began
        return State(
            at=now,
            stopping=self.stopping,
            receiving=receiving,
            silent_seconds=max(0.0, (now - since) / timedelta(seconds=1)),
            backlog=found,
            database=wrong,
            database_seconds=loop.time() - began,
        )
