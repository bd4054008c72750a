"""What taking the next rows costs, beside ten thousand stored ones and ten million."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.progress import Progress
from sqlalchemy import Connection, Engine, text

from bot.handle import LANES_PER_TRANSACTION
from bot.outbox import REFILL
from bot.store import inbox, outbox, waiting
from bot.store.engine import open_engine
from bot.store.migrations import upgrade
from tests.bench.patients import percentile
from tests.bench.stores import StoreName, fresh
from tests.soak.account import Account

Result = TypeVar("Result")

FEW = 10_000  # stored rows of each table
AT_MOST_TIMES = 1.5
AT_ONCE = 250_000  # rows stored in one transaction
LANES = 100_000  # that the stored rows are spread over
NOW = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)

_NUMBERS = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT :begin UNION ALL SELECT i + 1 FROM n"
    " WHERE i + 1 < :end) SELECT i FROM n)",
    "postgresql": "(SELECT generate_series(:begin, :end - 1) AS i) AS n",
}
_OLD = {
    "inbox": "INSERT INTO inbox (key, lane, status, attempts, received_at, done_at)"
    " SELECT 'tg:' || (1000000000 + i), 'p:' || (i % :lanes), 'done', 0, :now, :now"
    " FROM ",
    "outbox": "INSERT INTO outbox (key, lane, method, kind, report, urgent, status,"
    " attempts, uncertain, message_id, created_at, sent_at)"
    " SELECT 'p:' || (i % :lanes) || ':1:' || (1000000000 + i), 'p:' || (i % :lanes),"
    " 'sendMessage', 'message', :no, :no, 'sent', 1, 0, i, :now, :now FROM ",
}

_ENTER = text("INSERT INTO replicas (started_at) VALUES (:now) RETURNING id")


class Pile:
    """A database with so many rows that are done with."""

    def __init__(self, engine: Engine, rows: int) -> None:
        self._engine = engine
        self.rows = rows
        self._next = 0
        with engine.begin() as connection:
            upgrade(connection)
        with engine.begin() as connection:
            entered = connection.execute(_ENTER, {"now": NOW})
            self._me: int = entered.scalar_one()

    def fill(self, progress: Progress, words: str) -> None:
        """Store them."""
        numbers = _NUMBERS[self._engine.dialect.name]
        for table, statement in _OLD.items():
            task = progress.add_task(f"{words} {table}", total=self.rows)
            for begin in range(0, self.rows, AT_ONCE):
                end = min(self.rows, begin + AT_ONCE)
                given: dict[str, object] = {"begin": begin, "end": end}
                given |= {"lanes": LANES, "now": NOW}
                if table == "outbox":
                    given["no"] = False
                with self._engine.begin() as connection:
                    connection.execute(text(statement + numbers), given)
                progress.update(task, completed=end)
        with self._engine.connect() as connection:
            analyze = connection.execution_options(isolation_level="AUTOCOMMIT")
            analyze.exec_driver_sql("ANALYZE")

    def cycle(self) -> dict[str, float]:
        """Rows come, are taken and done; what each statement took, in seconds."""
        begin, self._next = self._next, self._next + LANES_PER_TRANSACTION
        numbers = range(begin, self._next)
        took: dict[str, float] = {}
        with self._engine.begin() as connection:
            inbox.add(connection, [_incoming(number) for number in numbers])
            outbox.add(connection, [_outgoing(number) for number in numbers])
        with self._engine.begin() as connection:
            watch = partial(_timed, took, connection)
            heads = watch(
                "inbox: the next turns",
                lambda c: inbox.heads(c, NOW, LANES_PER_TRANSACTION),
            )
            watch("inbox: the next retry", inbox.next_retry)
            lanes = [row.lane for row in heads]
            watch(
                "outbox: whose lanes",
                lambda c: outbox.lanes_not_mine(c, self._me, lanes, ()),
            )
            watch("health: what waits", waiting.backlog)
            inbox.done(connection, [row.id for row in heads], NOW)
        with self._engine.begin() as connection:
            watch = partial(_timed, took, connection)
            watch("outbox: orphans", outbox.release_orphans)
            taken = watch(
                "outbox: what is left",
                lambda c: outbox.take_left(c, self._me, 0, REFILL),
            )
            outbox.mark_sent(
                connection,
                [{"row": row.id, "message": row.id, "doubts": 0} for row in taken.rows],
                NOW,
            )
        assert len(heads) == len(taken.rows) == LANES_PER_TRANSACTION
        return took


def compared(name: StoreName, many: int, cycles: int) -> Account:
    """The same work in turn beside few rows and beside many."""
    account = Account(f"claims, {name}, {FEW:,} and {many:,} stored rows")
    with ExitStack() as open_things, Progress() as progress:
        piles = []
        for rows in (FEW, many):
            folder = Path(open_things.enter_context(tempfile.TemporaryDirectory()))
            store = open_things.enter_context(fresh(name, folder))
            database = folder / "exoplan.db" if name == "sqlite" else store.url
            engine = open_engine(database)
            open_things.callback(engine.dispose)
            pile = Pile(engine, rows)
            pile.fill(progress, f"{rows:,}")
            piles.append(pile)
        task = progress.add_task("cycles", total=cycles)
        took: list[dict[str, list[float]]] = [{}, {}]
        for number in range(cycles + cycles // 10):
            for pile, times in zip(piles, took, strict=True):
                for what, seconds in pile.cycle().items():
                    if number >= cycles // 10:  # warm by now
                        times.setdefault(what, []).append(seconds)
            progress.update(task, completed=number)
    few, more = took
    for what, waits in more.items():
        small, large = percentile(few[what], 0.99), percentile(waits, 0.99)
        account.hold(
            f"{what}: p99 at most {AT_MOST_TIMES} times",
            large <= AT_MOST_TIMES * small,
            f"{small * 1000:.2f} ms → {large * 1000:.2f} ms, {large / small:.2f} times",
        )
        middle = percentile(few[what], 0.5), percentile(waits, 0.5)
        account.facts[f"{what}: p50 ms"] = " → ".join(f"{m * 1000:.2f}" for m in middle)
    return account


def _timed(
    took: dict[str, float],
    connection: Connection,
    what: str,
    run: Callable[[Connection], Result],
) -> Result:
    begun = time.perf_counter()
    result = run(connection)
    took[what] = time.perf_counter() - begun
    return result


def _incoming(number: int) -> dict[str, object]:
    return {
        "key": f"new:{number}",
        "lane": f"p:{number % LANES}",
        "person_id": None,
        "body": bytes(900),
        "status": "pending",
        "attempts": 0,
        "received_at": NOW - timedelta(seconds=1),
    }


def _outgoing(number: int) -> dict[str, object]:
    return {
        "key": f"p:{number % LANES}:2:{number}",
        "lane": f"p:{number % LANES}",
        "about_person": None,
        "method": "sendMessage",
        "body": bytes(900),
        "refers_to": None,
        "kind": "message",
        "report": False,
        "urgent": False,
        "status": "pending",
        "attempts": 0,
        "uncertain": 0,
        "owner": None,
        "created_at": NOW,
    }
