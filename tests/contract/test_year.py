"""Weeks of visits on both databases, held against somebody who watches the clocks."""

from __future__ import annotations

from pathlib import Path

from bot.store.engine import Database
from tests.bench.stores import StoreName
from tests.soak.year import lived
from tests.soak.year_oracle import Oracle
from tests.soak.year_script import drawn


async def test_weeks_of_visits_bring_what_they_have_to_and_nothing_else(
    database: Database, tmp_path: Path
):
    """Moves, cancels, opt-outs, blocked chats, outages, deaths: each reminder once."""
    shared = isinstance(database, str)
    name: StoreName = "postgres" if shared else "sqlite"
    account = await lived(name, database, drawn(12, 8, 1), tmp_path, 1)
    assert account.kept, [p for p in account.promises if not p.kept]


def test_the_weeks_hold_everything_that_may_happen():
    """Otherwise nothing would have been shown."""
    script = drawn(12, 8, 1)
    done = {act.what for act in script.acts}
    assert done == {
        *("book", "move", "cancel", "call_off", "confirm", "attend", "miss"),
        *("stop", "start", "block", "unblock", "check_ins:yes", "check_ins:no"),
        *("recalls:yes", "recalls:no"),
    }
    kinds = {sent.kind for sent in Oracle(script).all()}
    assert {"receipt", "called_off", "before_1_day", "check_14_days", "recall"} <= kinds
