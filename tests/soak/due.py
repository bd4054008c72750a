"""What millions of pending reminders cost: a look at what is due, and every change.

Each kind of work is done beside ten thousand pending reminders and beside millions, in
turn, so that whatever else the computer is busy with falls on both alike.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from rich.progress import Progress
from sqlalchemy import Connection, text, update

from bot.config import Settings
from bot.keys import KeyStore, master_key
from bot.reminders import Reminders
from bot.store import reminders, tables
from bot.store import visits as stored
from bot.store.engine import Store
from bot.store.migrations import upgrade
from bot.visits import Visits, Wanted, Whose
from dialogs.reminders import RANKS, shipped
from tests.bench.patients import percentile
from tests.bench.stores import StoreName, fresh
from tests.soak.account import Account
from tests.somebody import somebody

FEW = 10_000  # pending reminders
GROWN_BY = 1.5  # at most, p99 of a look
CHANGE_MS = 10.0  # at most, p99 of a change
AT_ONCE = 250_000  # rows stored in one transaction
DUE = 20  # reminders that a look finds, where it finds any
LOOKS = 5  # that find nothing, for each of everything else
WARM = 10  # one in so many is done beforehand, and not measured
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
STARTS = NOW + timedelta(days=30)

IDLE, FIRING = "a look that finds nothing", f"a look that fires {DUE}"
BOOK, MOVE, CANCEL = "book a visit", "move it", "cancel it"

_NUMBERS = {
    "sqlite": "(WITH RECURSIVE s(n) AS (SELECT :low UNION ALL SELECT n + 1 FROM s"
    " WHERE n + 1 < :high) SELECT n FROM s)",
    "postgresql": "(SELECT generate_series(:low, :high - 1) AS n) AS s",
}
#: A minute of the year to come.
_MINUTE = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2027-01-01', (n % 500000) || "
    "' minutes')",
    "postgresql": "timestamptz '2027-01-01 00:00+00' + (n % 500000) * interval "
    "'1 minute'",
}
_FILL = (
    "INSERT INTO reminders (visit_id, person_id, revision, kind, rank, due_at,"
    " useful_until, status) SELECT :visit, :person, n + 1000, 'before_1_day', n % 4,"
    " {due}, {due}, 'pending' FROM {numbers}"
)


class Noon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


class Pile:
    """A database with so many pending reminders."""

    def __init__(self, store: Store, keys: KeyStore, rows: int) -> None:
        self.rows = rows
        self._store = store
        self._visits = Visits(keys, shipped(), "UTC")
        self._loop = Reminders(store, keys, Noon(), lambda: None, 0.0)
        store.write_now(upgrade)
        person, key_id = store.write_now(lambda c: somebody(c, keys, NOW))
        self._whose = Whose(key_id, person=person)
        self._about = store.write_now(self._book)
        self._planned = 0

    def fill(self, progress: Progress) -> None:
        """Store them."""
        task = progress.add_task(f"{self.rows:,} reminders", total=self.rows)
        for low in range(0, self.rows, AT_ONCE):
            high = min(self.rows, low + AT_ONCE)
            self._store.write_now(partial(self._insert, low=low, high=high))
            progress.update(task, completed=high)
        if self._store.shared:  # whose server does so by itself, a little later
            self._store.write_now(lambda c: c.exec_driver_sql("ANALYZE"))

    def _insert(self, connection: Connection, low: int, high: int) -> None:
        engine = connection.dialect.name
        statement = _FILL.format(numbers=_NUMBERS[engine], due=_MINUTE[engine])
        known = {"visit": self._about, "person": self._whose.person}
        connection.execute(text(statement), {**known, "low": low, "high": high})

    async def cycle(self) -> dict[str, list[float]]:
        """Everything once, and some looks more; what each took, in seconds."""
        write = self._store.write
        await self._rest()
        idle = [await _timed(self._loop.look) for _ in range(LOOKS)]
        await write(self._plan)
        firing = await _timed(self._loop.look)
        made: list[int] = []

        def book(connection: Connection) -> None:
            made.append(self._book(connection))

        def move(connection: Connection) -> None:
            row = stored.by_id(connection, made)[made[0]]
            self._visits.move(connection, row, STARTS + timedelta(days=1), NOW)

        def cancel(connection: Connection) -> None:
            row = stored.by_id(connection, made)[made[0]]
            self._visits.act(connection, row, "cancel", NOW)

        return {
            IDLE: idle,
            FIRING: [firing],
            BOOK: [await _timed(partial(write, book))],
            MOVE: [await _timed(partial(write, move))],
            CANCEL: [await _timed(partial(write, cancel))],
        }

    async def _rest(self) -> None:
        """Nothing is due, and nobody waits."""
        await self._loop.look()
        await self._store.write(_take_all)

    def _book(self, connection: Connection) -> int:
        wanted = Wanted(STARTS, "skin", 1)
        return self._visits.book(connection, self._whose, wanted, NOW).id

    def _plan(self, connection: Connection) -> None:
        first, self._planned = self._planned, self._planned + DUE
        reminders.plan(
            connection,
            [
                {
                    "visit_id": self._about,
                    "person_id": self._whose.person,
                    "revision": self.rows + 1_000 + number,
                    "kind": "before_1_day",
                    "rank": number % len(RANKS),
                    "due_at": NOW - timedelta(seconds=1),
                    "useful_until": STARTS,
                    "status": "pending",
                    "reason": None,
                }
                for number in range(first, self._planned)
            ],
        )


def compared(name: StoreName, many: int, cycles: int) -> Account:
    """The same work in turn beside few reminders and beside many."""
    account = Account(f"due, {name}, {FEW:,} and {many:,} pending reminders")
    with ExitStack() as open_things:
        piles = [
            Pile(*open_things.enter_context(_opened(name)), n) for n in (FEW, many)
        ]
        with Progress() as progress:
            for pile in piles:
                pile.fill(progress)
        took = asyncio.run(_in_turn(piles, cycles))
    few, more = took
    for what in (IDLE, FIRING):
        small, large = (percentile(each[what], 0.99) for each in took)
        account.hold(
            f"{what}: p99 at most {GROWN_BY} times",
            large <= GROWN_BY * small,
            f"{small * 1000:.2f} ms → {large * 1000:.2f} ms, {large / small:.2f} times",
        )
    for what in (BOOK, MOVE, CANCEL):
        large = percentile(more[what], 0.99) * 1000
        account.hold(
            f"{what}: p99 under {CHANGE_MS:g} ms", large < CHANGE_MS, f"{large:.2f} ms"
        )
    for what in few:
        for share in (0.5, 0.99):
            both = (percentile(each[what], share) * 1000 for each in took)
            told = " → ".join(f"{ms:.2f}" for ms in both)
            account.facts[f"{what}: p{share * 100:g} ms"] = told
    return account


async def _in_turn(piles: Sequence[Pile], cycles: int) -> list[dict[str, list[float]]]:
    """What each kind of work took, each time, by pile."""
    found: list[dict[str, list[float]]] = [{} for _ in piles]
    for number in range(cycles + cycles // WARM):
        pairs = list(zip(piles, found, strict=True))
        for pile, took in pairs if number % 2 else reversed(pairs):
            for what, seconds in (await pile.cycle()).items():
                if number >= cycles // WARM:
                    took.setdefault(what, []).extend(seconds)
    return found


@contextmanager
def _opened(name: StoreName) -> Iterator[tuple[Store, KeyStore]]:
    """A database of its own and the keys beside it."""
    with tempfile.TemporaryDirectory() as folder, fresh(name, Path(folder)) as kept:
        store = Store(Settings(database_url=kept.url).database)
        keys = KeyStore(
            Path(folder) / "keys.db", master_key(None, Path(folder) / "key")
        )
        try:
            yield store, keys
        finally:
            store.close()
            keys.close()


def _take_all(connection: Connection) -> None:
    """Whatever waited for its turn has had it."""
    table = tables.inbox
    waits = update(table).where(table.c.status == "pending")
    connection.execute(waits.values(status="done"))


async def _timed(run: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await run()
    return time.perf_counter() - begun
