"""What millions of pending reminders cost: the idle look, and book, move and cancel.

    python -m tests.soak.due [--rows 10000000] [--looks 500] [--database URL]

Without a database it works on a SQLite file of its own. It prints p50 and p99 of a look
that finds nothing, at ten thousand rows and at `--rows`, and of a booking, a move and a
cancellation, each by itself, at `--rows`. It leaves with 1 where p99 of a look grew
by more than half, or a change takes 10 ms at p99.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, text

from bot.keys import KeyStore, master_key
from bot.store import reminders
from bot.store import visits as stored
from bot.store.engine import Database, Store
from bot.store.migrations import upgrade
from bot.visits import Visits, Wanted, Whose
from dialogs.reminders import RANKS, shipped
from tests.somebody import somebody

FEW = 10_000  # rows that the look is compared with
GROWN_BY = 1.5  # at most, of p99
CHANGE_MS = 10.0  # at most, of p99
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)

_SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT :low UNION ALL SELECT n + 1 FROM s "
    "WHERE n < :high) ",
    "postgresql": "WITH s AS (SELECT generate_series(:low, :high) AS n) ",
}
_FILL = (
    "INSERT INTO reminders (visit_id, person_id, revision, kind, rank, due_at, "
    "useful_until, status) {series} SELECT :visit, :person, n + 1000, 'before_1_day', "
    "n % 4, {due}, {due}, 'pending' FROM s"
)
_DUE = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', '2027-01-01', (n % 500000) || "
    "' minutes')",
    "postgresql": "timestamptz '2027-01-01 00:00+00' + (n % 500000) * interval "
    "'1 minute'",
}


def main() -> int:
    """Run it; the exit code."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=10_000_000)
    asked.add_argument("--looks", type=int, default=500)
    asked.add_argument("--database", default="")
    given = asked.parse_args()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        database: Database = given.database or home / "exoplan.db"
        keys = KeyStore(home / "keys.db", master_key(None, home / "key"))
        store = Store(database)
        try:
            store.write_now(upgrade)
            return _measured(store, keys, given.rows, given.looks)
        finally:
            store.close()
            keys.close()


def _measured(store: Store, keys: KeyStore, rows: int, looks: int) -> int:
    kept = Visits(keys, shipped(), "UTC")
    whose = _somebody(store, keys)
    start = NOW + timedelta(days=30)
    visit = store.write_now(lambda c: kept.book(c, whose, Wanted(start), NOW))

    def look(connection: Connection) -> None:
        for rank in RANKS:
            assert not reminders.due(connection, NOW - timedelta(days=1), rank, 1)

    _fill(store, visit.id, whose.person or 0, 1, FEW)
    few = _p99("look at 10,000", store, look, looks)
    _fill(store, visit.id, whose.person or 0, FEW + 1, rows)
    many = _p99(f"look at {rows:,}", store, look, looks)

    made: list[int] = []

    def book(connection: Connection) -> None:
        made.append(kept.book(connection, whose, Wanted(start), NOW).id)

    def move(connection: Connection) -> None:
        row = stored.by_id(connection, [made[-1]])[made[-1]]
        kept.move(connection, row, start + timedelta(days=1), NOW)

    def cancel(connection: Connection) -> None:
        row = stored.by_id(connection, [made[-1]])[made[-1]]
        kept.act(connection, row, "cancel", NOW)
        made.pop()

    changes = [
        _p99("book", store, book, looks),
        _p99("move the last", store, move, looks),
        _p99("cancel, one after the other", store, cancel, looks),
    ]
    grown = many / few
    print(f"p99 of a look has grown {grown:.2f} times")
    return 0 if grown <= GROWN_BY and max(changes) < CHANGE_MS else 1


def _somebody(store: Store, keys: KeyStore) -> Whose:
    person, key_id = store.write_now(lambda c: somebody(c, keys, NOW))
    return Whose(key_id, person=person)


def _fill(store: Store, visit: int, person: int, low: int, high: int) -> None:
    def insert(connection: Connection) -> None:
        engine = connection.dialect.name
        statement = _FILL.format(series=_SERIES[engine], due=_DUE[engine])
        known = {"visit": visit, "person": person, "low": low, "high": high}
        connection.execute(text(statement), known)

    store.write_now(insert)


def _p99(
    title: str, store: Store, run: Callable[[Connection], None], times: int
) -> float:
    """Milliseconds of the slowest but one in a hundred, in a transaction each."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        store.write_now(run)
        took.append((time.perf_counter() - begun) * 1_000)
    took.sort()
    p50, p99 = took[len(took) // 2], took[int(len(took) * 0.99)]
    print(f"{title}: p50 {p50:.2f} ms, p99 {p99:.2f} ms", flush=True)
    return p99


if __name__ == "__main__":
    sys.exit(main())
