"""One process a database: a second would send everything a second time."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from bot.errors import AlreadyRunning, StoreUnavailable

try:
    import fcntl
except ImportError:  # Windows has no advisory locks of this kind
    fcntl = None  # type: ignore[assignment]


def hold_alone(database: Path) -> IO[bytes]:
    """An open lock file beside the database; closing it, or dying, lets go.

    Raises:
        StoreUnavailable: the folder is missing or read-only.
        AlreadyRunning: another process holds it.
    """
    path = database.with_name(database.name + ".lock")
    try:
        lock = path.open("ab")
    except OSError as fault:
        raise StoreUnavailable(f"{database} ({fault.strerror})") from None
    if fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise AlreadyRunning(str(database)) from None
    return lock
