"""The database file and the one thread that writes to it.

A statement is a plain synchronous function of a connection. `Store.write` runs it on
the writer thread; whatever waits there at one moment shares one transaction and one
sync to disk. If any of it fails, all is rolled back and each is run alone. So what is
given to `write` only reads and writes the database: it may be run twice.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreUnavailable
from bot.store.lock import hold_alone

T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000  # a backup may hold the file for a moment
MAX_SHARED = 64  # functions that share one transaction

_Job = tuple[Callable[[Connection], Any], "Future[Any]"]


def open_sqlite(path: Path) -> Engine:
    """An engine on one SQLite connection, durable at every commit.

    Raises:
        StoreUnavailable: the file cannot be opened for writing.
    """
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "cached_statements": 512},
        hide_parameters=True,  # an error may reach a log; what is stored may not
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin on its own
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "secure_delete = ON",  # what is erased is overwritten
            "cache_size = -16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin():
            pass
    except DBAPIError as fault:
        engine.dispose()
        raise StoreUnavailable(f"{path} ({fault.orig})") from None
    return engine


class Store:
    """The main database, open for one process.

    Raises:
        StoreUnavailable: the folder is missing or read-only.
        AlreadyRunning: another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self._lock = hold_alone(path)
        try:
            self._engine = open_sqlite(path)
        except BaseException:
            self._lock.close()
            raise
        self._connection = self._engine.connect()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

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
        """Finish what is queued, then let go of the file."""
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()
        self._engine.dispose()
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
            if len(jobs) == 1:
                jobs[0][1].set_exception(fault)
            else:
                for job in jobs:
                    self._share([job])
        else:
            for (_, done), result in zip(jobs, results, strict=True):
                done.set_result(result)
