"""Once a day: people of whom nothing was heard for long are erased, key copies expire,
and rows about what was received and sent long ago are deleted.

Which day was seen to is kept in the database, so that of several replicas one does it,
and a process that starts at noon does it at noon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

import structlog
from sqlalchemy import Connection, Table

from bot.clock import Clock
from bot.keys import KeyStore
from bot.looking import look_for_ever
from bot.rights import gone_silent
from bot.store import inbox, misses, rights, settings, staff, visits
from bot.store.across import wait_for_lock
from bot.store.engine import Store
from bot.store.sweep import SWEPT, sweep

AT_ONCE = 500  # people, or rows, looked at in one transaction
MISS_DAYS = 60  # that questions nobody answered, and wrong answers, are kept
LOOK_EVERY = 600.0  # seconds between two looks at the calendar

#: What copies of keys are called in the folder that is named for them. Their store
#: itself, `*.keys.db`, is none of them, wherever it lies.
KEY_COPIES = ("*.keys", "*.backup")

_SETTING = "retention_seen_to"

log = structlog.get_logger("retention")


class Retention:
    """Ends what has been kept long enough.

    Args:
        wake: tells the worker that something waits in the inbox.
        days: of silence until a person without a booking is erased.
        key_copies: folder with copies of keys; None where there is none.
        key_copy_days: age at which a copy of keys is deleted.
        row_days: age at which what was received or sent is forgotten altogether.
    """

    def __init__(
        self,
        store: Store,
        keys: KeyStore,
        clock: Clock,
        wake: Callable[[], None],
        *,
        days: int,
        key_copies: Path | None,
        key_copy_days: int,
        row_days: int,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._wake = wake
        self._days = timedelta(days=days)
        self._key_copies = key_copies
        self._key_copy_days = timedelta(days=key_copy_days)
        self._row_days = timedelta(days=row_days)

    async def run(self) -> None:
        """See to every day, until cancelled. Trouble with the store is waited out."""

        async def look() -> float:
            await self.see_to_today()
            return LOOK_EVERY

        await look_for_ever(self._store, "retention", look)

    async def see_to_today(self) -> int:
        """Do what is due today, unless it is done; how many people are to be erased."""
        now = self._clock.now()
        if not await self._store.write(lambda connection: _is_new(connection, now)):
            return 0
        copies = await asyncio.to_thread(self._drop_key_copies, now)
        people, above = 0, 0
        while found := await self._store.write(partial(self._mark, above, now)):
            people, above = people + len(found), found[-1]
            self._wake()
        await self._forget_expected(now - self._days)
        for table in SWEPT:
            await self._sweep(table, now - self._row_days)
        await self._store.write(lambda connection: _done(connection, now))
        if people or copies:
            log.info("retention", people=people, key_copies=copies)
        return people

    def _mark(self, above: int, now: datetime, connection: Connection) -> list[int]:
        before = now - self._days
        found = rights.silent(connection, before, above, AT_ONCE)
        rows = [
            gone_silent(self._keys, person, key_id, before, now)
            for person, key_id in found
        ]
        if rows:
            inbox.add(connection, rows)
        return [person for person, _ in found]

    async def _forget_expected(self, before: datetime) -> None:
        """Who never joined, and whose last visit was long ago: the key goes first."""
        while rows := await self._store.write(
            lambda connection: visits.forgettable(connection, before, AT_ONCE)
        ):
            for _, key_id in rows:
                self._keys.destroy(key_id)
            numbers = [number for number, _ in rows]
            await self._store.write(partial(visits.forget_records, records=numbers))

    async def _sweep(self, table: Table, before: datetime) -> None:
        """A few rows at a time: turns go on in between."""
        above: int | None = 0
        while above is not None:
            above = await self._store.write(
                partial(sweep, table=table, above=above, before=before, most=AT_ONCE)
            )
            await asyncio.sleep(0)

    def _drop_key_copies(self, now: datetime) -> int:
        """Delete copies of keys that are too old; how many."""
        if self._key_copies is None:
            return 0
        too_old = (now - self._key_copy_days).timestamp()
        dropped = 0
        for file in chain.from_iterable(map(self._key_copies.glob, KEY_COPIES)):
            if file.is_file() and file.stat().st_mtime < too_old:
                file.unlink()
                dropped += 1
        return dropped


def _is_new(connection: Connection, now: datetime) -> bool:
    """Whether this day was not seen to yet."""
    wait_for_lock(connection, "retention")
    return settings.value(connection, _SETTING) != _day(now)


def _done(connection: Connection, now: datetime) -> None:
    """This day was seen to. Two replicas that both did it did the same twice over."""
    settings.remember(connection, _SETTING, _day(now))
    misses.forget(connection, now - timedelta(days=MISS_DAYS))
    staff.drop_old_invites(connection, now)


def _day(now: datetime) -> str:
    return f"{now:%Y-%m-%d}"
