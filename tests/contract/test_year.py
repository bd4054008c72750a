"""Weeks of visits on both databases, held against somebody who watches the clocks."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from bot.store.engine import Database
from tests.bench.stores import StoreName
from tests.soak.year import lived
from tests.soak.year_lot import drawn
from tests.soak.year_oracle import Oracle
from tests.soak.year_replica import profile
from tests.soak.year_script import TICK

#: Patients, weeks and a seed that holds all that may happen.
WEEKS = (12, 8, 158)


async def test_weeks_of_visits_bring_what_they_have_to_and_nothing_else(
    database: Database, tmp_path: Path
):
    """Moves, cancels, opt-outs, blocked chats, dates nobody answers, outages, deaths:
    each word for a patient and for the team once."""
    shared = isinstance(database, str)
    name: StoreName = "postgres" if shared else "sqlite"
    account = await lived(name, database, drawn(*WEEKS), tmp_path, 1)
    assert account.kept, [p for p in account.promises if not p.kept]
    assert all(account.facts.values()), account.facts  # of everything there was some


def test_the_weeks_hold_everything_that_may_happen():
    """Otherwise nothing would have been shown."""
    script = drawn(*WEEKS)
    done = {act.what for act in script.acts}
    assert done == {
        *("book", "move", "cancel", "call_off", "confirm", "attend", "miss"),
        *("stop", "start", "block", "unblock", "check_ins:yes", "check_ins:no"),
        *("recalls:yes", "recalls:no", "propose", "answer", "book_anyway"),
    }
    oracle = Oracle(script)
    kinds = {sent.kind for sent in oracle.all()}
    assert {"receipt", "called_off", "before_1_day", "check_14_days", "recall"} <= kinds
    assert {"proposal", "proposal_again"} <= kinds
    assert oracle.lapses
    looks = range(0, script.ends, TICK)
    alarms = [*oracle.alarms(looks, ZoneInfo(profile().time_zone))]
    assert {True, False} == {alarm.settled for alarm in alarms}
