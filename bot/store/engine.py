"""The database and the one thread of this process that writes to it.

A statement is a plain synchronous function of a connection. `Store.write` runs it on
the writer thread; whatever waits there at one moment shares one transaction and one
sync to disk. If any of it fails, all is rolled back and each is run alone. So what is
given to `write` only reads and writes the database: it may be run twice.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from bot.store.lock import hold_alone
from bot.store.sqlite import open_sqlite

T = TypeVar("T")

MAX_SHARED = 64  # functions that share one transaction
CLOSE_SECONDS = 1.0  # for what is queued, where a server may be away

#: A SQLite file, or the URL of a PostgreSQL database.
Database = Path | str

_Job = tuple[Callable[[Connection], Any], "Future[Any]"]


def open_engine(database: Database, *, ahead: bool = False) -> Engine:
    """An engine on `database`, whoever else is at work there.

    Args:
        ahead: as PostgreSQL has it (`bot/store/postgres.py`).

    Raises:
        StoreUnavailable: it cannot be opened for writing.
    """
    if isinstance(database, Path):
        return open_sqlite(database)
    from bot.store.postgres import open_postgres  # loads a driver few need

    return open_postgres(database, ahead=ahead)


class Store:
    """The main database, open for this process.

    Raises:
        StoreUnavailable: the folder is missing or read-only, or no server answers.
        AlreadyRunning: another process holds the file.
    """

    def __init__(self, database: Database) -> None:
        self._lock = hold_alone(database) if isinstance(database, Path) else None
        try:
            self._engine = open_engine(database, ahead=True)
            self._connection = self._engine.connect()
        except BaseException:
            self._unlock()
            raise
        #: what its owner could not store the last time and will try again, a word each;
        #: on a disk that is nearly full small writes succeed where larger ones fail
        self.not_kept: set[str] = set()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    @property
    def shared(self) -> bool:
        """Whether other processes may be at work on the same database."""
        return self._lock is None

    def submit(self, run: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Queue `run` behind all that was queued before; the result once committed.

        Whoever waits may be cancelled; what was queued is written all the same.
        """
        done: Future[T] = Future()
        self._jobs.put((run, done))
        return asyncio.shield(asyncio.wrap_future(done))

    async def write(self, run: Callable[[Connection], T]) -> T:
        """The result of `run`, once it is on disk."""
        return await self.submit(run)

    def write_now(self, run: Callable[[Connection], T]) -> T:
        """The same for code outside the event loop; blocks."""
        done: Future[T] = Future()
        self._jobs.put((run, done))
        return done.result()

    def close(self) -> None:
        """Finish what is queued, then let go of the database."""
        self._jobs.put(None)
        self._thread.join(CLOSE_SECONDS if self.shared else None)
        if self._thread.is_alive():  # the server does not answer; the process may end
            return
        self._connection.close()
        self._engine.dispose()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def _work(self) -> None:
        closing = False
        while not closing:
            waiting = [self._jobs.get()]
            while len(waiting) < MAX_SHARED:
                try:
                    waiting.append(self._jobs.get_nowait())
                except queue.Empty:
                    break
            closing = None in waiting
            jobs = [
                job
                for job in waiting
                if job is not None and job[1].set_running_or_notify_cancel()
            ]
            if jobs:
                self._share(jobs)

    def _share(self, jobs: Sequence[_Job]) -> None:
        try:
            with self._connection.begin():
                results = [run(self._connection) for run, _ in jobs]
        except BaseException as fault:
            # Without a connection none would fare better alone.
            if len(jobs) == 1 or self._connection.invalidated:
                for _, done in jobs:
                    done.set_exception(fault)
            else:
                for job in jobs:
                    self._share([job])
        else:
            for (_, done), result in zip(jobs, results, strict=True):
                done.set_result(result)
