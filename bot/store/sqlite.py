"""One file, one connection, one process."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreUnavailable

BUSY_TIMEOUT_MS = 5_000  # a backup may hold the file for a moment
CHECKPOINT_PAGES = 4_000  # of 4 kB: seldom enough that few commits wait for one


def open_sqlite(path: Path) -> Engine:
    """An engine on one SQLite connection, durable at every commit.

    Raises:
        StoreUnavailable: the file cannot be opened for writing.
    """
    try:  # a new file is the program's own; SQLite gives its others the same rights
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as fault:
        raise StoreUnavailable(f"{path} ({fault.strerror})") from None
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
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
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
