"""Turns that failed for good, and rows that nobody needs any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.store import inbox, outbox
from bot.store.engine import Database, Store
from bot.store.sweep import SWEPT, sweep
from bot.store.tables import audit
from bot.store.tables import inbox as inbox_table
from bot.store.tables import outbox as outbox_table
from tests.bot.cli import Terminal
from tests.contract import test_inbox, test_outbox
from tests.contract.test_inbox import add, heads, stored

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def terminal(
    database: Database, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """The command line, on that database."""
    url = database if isinstance(database, str) else f"sqlite:///{database}"
    monkeypatch.setenv("EXOPLAN_DATABASE_URL", url)
    monkeypatch.setenv("EXOPLAN_KEY_FILE", str(tmp_path / "key"))
    return Terminal(capsys, monkeypatch)


def aside(store: Store) -> None:
    """Three turns, two of which failed for good."""
    rows = [test_inbox.row(f"tg:{number}", f"p:{number}") for number in (1, 2, 3)]
    add(store, *rows)
    for number in (1, 3):
        reason = f"KeyError in screens.py:{number}"
        store.write_now(partial(inbox.set_aside, row=number, reason=reason, now=NOW))


def test_what_is_set_aside_is_listed_without_its_words(
    terminal: Terminal, store: Store
):
    """Number, moment, lane, kind, tries and reason."""
    assert terminal.run("inbox", "list").out == "Nothing is set aside.\n"
    aside(store)
    assert terminal.run("inbox", "list").out.splitlines() == [
        "1  2026-03-01 12:30 UTC  p:1  tg  1 tries  KeyError in screens.py:1",
        "3  2026-03-01 12:30 UTC  p:3  tg  1 tries  KeyError in screens.py:3",
    ]


def test_what_is_replayed_is_taken_as_if_for_the_first_time(
    terminal: Terminal, store: Store
):
    """While the bot is at work; the rest stays aside; the trail tells."""
    aside(store)
    assert terminal.run("inbox", "replay", "3").out == "1 will be taken again.\n"
    assert heads(store) == ["tg:2", "tg:3"]
    assert stored(store)[2]["attempts"] == 0
    actions = store.write_now(lambda c: c.execute(select(audit.c.action)).scalars())
    assert [*actions] == ["inbox replay"]
    assert terminal.run("inbox", "replay", "--all").out == "1 will be taken again.\n"
    assert heads(store) == ["tg:1", "tg:2", "tg:3"]


def test_what_is_dropped_is_erased(terminal: Terminal, store: Store):
    """Nothing of it is left but its key."""
    aside(store)
    assert terminal.run("inbox", "drop", "--all").out == "2 dropped.\n"
    first, second, third = stored(store)
    assert (first["status"], first["body"]) == ("done", None)
    assert (third["status"], third["body"]) == ("done", None)
    assert second["status"] == "pending"


@pytest.mark.parametrize("what", ["replay", "drop"])
def test_a_number_that_is_not_aside_is_refused(
    terminal: Terminal, store: Store, what: str
):
    """And nothing is done; nor without any number."""
    aside(store)
    left = terminal.run("inbox", what, "1", "2")
    assert (left.code, "2: not set aside" in left.err) == (1, True)
    left = terminal.run("inbox", what)
    assert (left.code, "--all" in left.err) == (1, True)
    assert [row["status"] for row in stored(store)] == [
        "set_aside",
        "pending",
        "set_aside",
    ]


def test_what_was_done_with_long_ago_is_deleted(store: Store):
    """What waits, was set aside, or is younger stays, however old."""
    old, limit = NOW - timedelta(days=9), NOW - timedelta(days=5)
    states = ["done", "pending", "set_aside", "done", "done"]
    came = [old] * 4 + [NOW]
    add(
        store,
        *(
            test_inbox.row(f"tg:{number}", status=status, received_at=at)
            for number, (status, at) in enumerate(zip(states, came, strict=True))
        ),
    )
    calls = [
        test_outbox.row(f"k{number}", status=status, created_at=at)
        for number, (status, at) in enumerate(
            [("sent", old), ("pending", old), ("failed", old), ("sent", NOW)]
        )
    ]
    store.write_now(lambda c: outbox.add(c, calls))
    for table in SWEPT:
        above: int | None = 0
        while above is not None:
            look = partial(sweep, table=table, above=above, before=limit, most=2)
            above = store.write_now(look)
    kept = store.write_now(
        lambda c: c.execute(select(inbox_table.c.key)).scalars().all()
    )
    assert kept == ["tg:1", "tg:2", "tg:4"]
    kept = store.write_now(
        lambda c: c.execute(select(outbox_table.c.key)).scalars().all()
    )
    assert kept == ["k1", "k3"]


def test_a_sweep_looks_at_no_more_than_it_must(store: Store):
    """It stops at the first row that is young enough."""
    rows = [test_inbox.row(f"tg:{n}", status="done") for n in range(50)]
    add(store, *rows)
    assert (
        store.write_now(lambda c: sweep(c, inbox_table, 0, NOW - timedelta(1), 5))
        is None
    )
    count = select(func.count()).select_from(inbox_table)
    assert store.write_now(lambda c: c.scalar(count)) == 50
