"""What every store promises of the inbox."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from bot.store import inbox
from bot.store.engine import Database, Store, open_engine
from bot.store.tables import inbox as table

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)


def row(key: str, lane: str = "p:1", **more: object) -> dict[str, object]:
    """Something that came in."""
    given: dict[str, object] = {
        "key": key,
        "lane": lane,
        "body": b"sealed",
        "status": "pending",
        "attempts": 0,
        "not_before": None,
        "received_at": NOW,
    }
    return {**given, **more}


def stored(store: Store) -> list[Mapping[str, Any]]:
    """Everything, in the order it came."""
    asked = select(table).order_by(table.c.id)
    found = store.write_now(lambda c: c.execute(asked).mappings().all())
    return [dict(one) for one in found]


def heads(store: Store, now: datetime = NOW, most: int = 100) -> list[str]:
    """Keys of what may be taken."""
    return [one.key for one in store.write_now(lambda c: inbox.heads(c, now, most))]


def add(store: Store, *rows: Mapping[str, Any]) -> None:
    """Let these come in."""
    store.write_now(lambda c: inbox.add(c, rows))


def test_a_second_delivery_changes_nothing(store: Store):
    """Neither what waits nor what is done comes to life again."""
    add(store, row("tg:1"), row("tg:2"))
    store.write_now(lambda c: inbox.done(c, [1], NOW))
    before = stored(store)
    add(store, row("tg:2", body=b"other"), row("tg:1", body=b"other"))
    assert stored(store) == before


def test_the_heads_are_the_oldest_waiting_row_of_every_lane(store: Store):
    """Against a plain reading of the same rows."""
    chance = random.Random(7)
    rows = [
        row(
            str(number),
            f"p:{chance.randrange(12)}",
            status=chance.choice(["pending", "pending", "done", "set_aside"]),
            not_before=chance.choice([None, None, LATER]),
        )
        for number in range(300)
    ]
    add(store, *rows)
    first: dict[object, dict[str, object]] = {}
    for one in rows:
        if one["status"] == "pending":
            first.setdefault(one["lane"], one)
    ready = [one["key"] for one in first.values() if one["not_before"] is None]
    expected = sorted(ready, key=lambda key: int(str(key)))
    assert heads(store) == expected
    assert heads(store, most=2) == expected[:2]
    assert len(heads(store, LATER)) == len(first)


def test_what_is_done_leaves_no_word_behind(store: Store):
    """The body is erased, the row stays to know a second delivery by."""
    add(store, row("tg:1"))
    store.write_now(lambda c: inbox.done(c, [1], LATER))
    (kept,) = stored(store)
    assert (kept["status"], kept["body"], kept["done_at"]) == ("done", None, LATER)


def test_a_lane_waits_for_the_row_that_is_tried_again(store: Store):
    """What came after it is not taken before."""
    add(store, row("tg:1"), row("tg:2"), row("tg:3", "p:2"))
    store.write_now(lambda c: inbox.try_again(c, 1, LATER))
    assert heads(store) == ["tg:3"]
    assert store.write_now(inbox.next_retry) == LATER
    assert heads(store, LATER) == ["tg:1", "tg:3"]
    assert stored(store)[0]["attempts"] == 1


def test_a_lane_goes_on_without_the_row_that_is_set_aside(store: Store):
    """The row keeps its body and the reason."""
    add(store, row("tg:1"), row("tg:2"))
    store.write_now(lambda c: inbox.set_aside(c, 1, "RuntimeError in x.py:1", NOW))
    assert heads(store) == ["tg:2"]
    kept = stored(store)[0]
    assert (kept["body"], kept["reason"]) == (b"sealed", "RuntimeError in x.py:1")


def test_moments_keep_their_zone(store: Store):
    """What goes in aware comes out aware, the same; what is naive is refused."""
    add(store, row("tg:1", not_before=NOW.astimezone()))
    found = store.write_now(inbox.next_retry)
    assert found == NOW
    assert found is not None
    assert found.utcoffset() == timedelta(0)
    with pytest.raises(StatementError, match="needs its zone"):
        add(store, row("tg:2", received_at=NOW.replace(tzinfo=None)))


def test_a_lane_is_owned_while_its_turn_runs(postgresql: Database):
    """Another replica passes it over, also for a row that is older but came later."""
    one, other = open_engine(postgresql), open_engine(postgresql)

    def keys(found: Sequence[inbox.InboxRow]) -> list[str]:
        return [row.key for row in found]

    with one.begin() as a:
        inbox.add(a, [row("early", "p:1"), row("b", "p:2"), row("c", "p:3")])
    with one.connect() as a, other.connect() as b:
        late = a.begin()
        inbox.add(a, [row("late", "p:4")])  # numbered, but not committed yet
        with other.begin() as quick:
            inbox.add(quick, [row("quick", "p:4")])
        with b.begin():
            assert keys(inbox.heads(b, NOW, 2)) == ["early", "b"]
            assert keys(inbox.heads(b, NOW, 9)) == ["early", "b", "c", "quick"]
            late.commit()
            with a.begin():
                assert keys(inbox.heads(a, NOW, 9)) == []
        with a.begin():
            assert keys(inbox.heads(a, NOW, 9)) == ["early", "b", "c", "late"]
    one.dispose()
    other.dispose()
