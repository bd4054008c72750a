"""SQLite files as wholes: copied while others write, checked, put in their place."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text

from bot.errors import BackupError, NotABackup, StoreUnavailable
from bot.store.sqlite import open_sqlite

PAGES = 256  # copied at once

_MAGIC = b"SQLite format 3\0"
_BESIDES = ("-wal", "-shm", "-journal")  # what SQLite puts beside a file


class Progress(Protocol):
    """Told how far it is."""

    def begin(self, what: str, steps: int) -> None:
        """A part of the work begins."""
        ...

    def advance(self, steps: int) -> None:
        """So much of it is done."""
        ...


@contextmanager
def opened(file: Path) -> Iterator[Connection]:
    """A transaction on a SQLite file that nobody else is at."""
    engine = open_sqlite(file)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_file(source: Path, target: Path, told: Progress, what: str) -> None:
    """Page by page, all as they were at one moment, whoever writes meanwhile."""
    done = 0

    def tell(status: int, remaining: int, total: int) -> None:
        nonlocal done
        if not done:
            told.begin(what, total)
        told.advance(total - remaining - done)
        done = total - remaining

    try:
        with (
            closing(
                sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
            ) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            # A read of our own holds the moment; else every write would begin it anew.
            reading.execute("BEGIN")
            reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            reading.backup(writing, pages=PAGES, progress=tell)
    except sqlite3.Error as fault:
        raise BackupError(f"{source} ({fault})") from None


@contextmanager
def part_of(file: Path) -> Iterator[Path]:
    """A file of our own beside `file`, gone at the end unless it was published."""
    part = file.with_name(file.name + ".part")
    _remove(part)  # of a command that was killed
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as fault:
        raise StoreUnavailable(f"{file} ({fault.strerror})") from None
    try:
        yield part
    finally:
        _remove(part)


def publish(part: Path, file: Path) -> None:
    """One file, on disk, under its name; what lay beside an older one is gone."""
    with closing(sqlite3.connect(part)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with part.open("rb") as whole:
        os.fsync(whole.fileno())
    _remove(file, itself=False)
    part.replace(file)
    folder = os.open(file.absolute().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(file: Path, itself: bool = True) -> None:
    for name in (*([""] if itself else []), *_BESIDES):
        file.with_name(file.name + name).unlink(missing_ok=True)


def must_be_sqlite(file: Path) -> None:
    """Raises NotABackup where it is something else, or not there."""
    try:
        with file.open("rb") as opened:
            head = opened.read(len(_MAGIC))
    except OSError as fault:
        raise NotABackup(f"{file} ({fault.strerror})") from None
    if head != _MAGIC:
        raise NotABackup(f"{file} (not made by exoplan db backup)")


def must_be_whole(connection: Connection, file: Path) -> None:
    """Raises NotABackup where a page of it was damaged."""
    found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
    if found != "ok":
        raise NotABackup(f"{file} (it is damaged)")
