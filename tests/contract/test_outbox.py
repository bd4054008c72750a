"""What every store promises of the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.store import outbox, people, replicas
from bot.store.engine import Store
from bot.store.tables import outbox as table

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def row(key: str, lane: str = "p:1", **more: object) -> dict[str, object]:
    """A call, left in the table."""
    given: dict[str, object] = {
        "key": key,
        "lane": lane,
        "method": "sendMessage",
        "body": b"sealed",
        "kind": "message",
        "report": False,
        "urgent": False,
        "status": "pending",
        "owner": None,
        "attempts": 0,
        "uncertain": 0,
        "created_at": NOW,
    }
    return {**given, **more}


def add(store: Store, *rows: Mapping[str, Any]) -> list[int]:
    """Store these calls."""
    return store.write_now(lambda c: outbox.add(c, rows))


def stored(store: Store) -> dict[str, Mapping[str, Any]]:
    """Everything, by key."""
    found = store.write_now(lambda c: c.execute(select(table)).mappings().all())
    return {one["key"]: dict(one) for one in found}


def enter(store: Store) -> int:
    """Another replica, or on SQLite the next process."""
    lease = LEASE if store.shared else None
    return store.write_now(lambda c: replicas.enter(c, NOW, None, lease))


def take(store: Store, me: int, after: int = 0, most: int = 100) -> outbox.TakenRows:
    """What a replica takes from the table."""
    return store.write_now(lambda c: outbox.take_left(c, me, after, most))


def keys(taken: outbox.TakenRows) -> list[str]:
    """Of what was taken."""
    return [one.key for one in taken.rows]


def test_a_name_is_given_once(store: Store):
    """The same call cannot be stored twice; numbers follow the order given."""
    numbers = add(store, *(row(f"k{number}") for number in range(50)))
    assert numbers == sorted(numbers)
    with pytest.raises(IntegrityError):
        add(store, row("new"), row("k7"))
    assert len(stored(store)) == 50


def test_what_is_sent_leaves_no_word_behind(store: Store):
    """Nor what failed; an outcome that is told twice counts once."""
    me = enter(store)
    one, two = add(
        store,
        row("sent", status="sending", owner=me),
        row("failed", status="sending", owner=me),
    )
    sent = {"row": one, "message": 7, "doubts": 1}
    failed = {"row": two, "why": "400 other", "doubts": 0}
    for _ in range(2):
        store.write_now(lambda c: outbox.mark_sent(c, [sent], NOW))
        store.write_now(lambda c: outbox.mark_failed(c, [failed]))
    found = stored(store)
    for kept in found.values():
        assert (kept["body"], kept["owner"], kept["attempts"]) == (None, None, 1)
    assert (found["sent"]["message_id"], found["sent"]["uncertain"]) == (7, 1)
    assert found["failed"]["reason"] == "400 other"
    assert store.write_now(lambda c: outbox.message_id(c, "sent")) == 7
    assert store.write_now(lambda c: outbox.message_id(c, "failed")) is None


def test_what_is_put_off_stays_where_it_is(store: Store):
    """Told twice it counts once."""
    me = enter(store)
    (one,) = add(store, row("k", status="sending", owner=me))
    put_off = {"row": one, "moment": NOW, "doubts": 1}
    for _ in range(2):
        store.write_now(lambda c: outbox.put_off(c, [put_off]))
    kept = stored(store)["k"]
    assert (kept["status"], kept["owner"], kept["not_before"]) == ("pending", me, NOW)
    assert (kept["attempts"], kept["uncertain"]) == (1, 1)


def test_what_the_dead_were_sending_is_left_and_counted(store: Store):
    """Messages may come twice, and say so; what can be repeated in silence does not."""
    dead = enter(store)
    kinds = ("message", "staff", "edit", "strip", "toast")
    add(store, *(row(kind, kind=kind, status="sending", owner=dead) for kind in kinds))
    add(store, row("waits", owner=dead), row("left"))
    add(store, row("older", status="sending"))  # as an earlier release left it
    add(store, row("sent", status="sent", owner=None))
    me = enter(store)
    if store.shared:  # still within its lease
        assert store.write_now(outbox.release_orphans) == (1, 1)
        store.write_now(lambda c: replicas.leave(c, dead))
        assert store.write_now(outbox.release_orphans) == (6, 2)
    else:
        assert store.write_now(outbox.release_orphans) == (7, 3)
    found = stored(store)
    doubted = {key for key, kept in found.items() if kept["uncertain"]}
    assert doubted == {"message", "staff", "older"}
    assert found.pop("sent")["status"] == "sent"
    assert {kept["status"] for kept in found.values()} == {"pending"}
    assert len(take(store, me).rows) == 8


def test_what_is_left_is_taken_in_order_and_once(store: Store):
    """A few rows at a time; who owns them is written down."""
    me = enter(store)
    add(store, *(row(f"k{number}", f"p:{number % 3}") for number in range(10)))
    first = take(store, me, most=4)
    assert (keys(first), first.more) == (["k0", "k1", "k2", "k3"], True)
    rest = take(store, me, first.after)
    assert (len(rest.rows), rest.more, rest.refused) == (6, False, False)
    assert keys(take(store, me)) == []
    assert {kept["owner"] for kept in stored(store).values()} == {me}
    let_go = [one.id for one in rest.rows]
    store.write_now(lambda c: outbox.let_go(c, let_go))
    assert keys(take(store, me)) == keys(rest)


def test_a_commit_that_was_not_confirmed_loses_nothing(store: Store):
    """What a replica may have taken or stored is found again by asking."""
    me = enter(store)
    (one,) = add(store, row("k"))
    take(store, me)
    again = store.write_now(lambda c: outbox.take_left(c, me, 0, 10, {one}))
    assert keys(again) == ["k"]
    add(store, row("hot", status="sending", owner=me))
    found = store.write_now(lambda c: outbox.written(c, me, ["hot", "never"]))
    assert found == {"hot"}


def test_a_lane_is_in_one_hand(store: Store):
    """What follows a call in another's hand is left to that other, in its order."""
    if not store.shared:
        pytest.skip("one process has one hand")
    mine, other = enter(store), enter(store)
    (first,) = add(store, row("first", status="sending", owner=other))
    add(store, row("second"), row("free", "p:2"))
    taken = take(store, mine)
    assert (keys(taken), taken.refused) == (["free"], True)
    assert keys(take(store, other)) == ["second"]
    sent = {"row": first, "message": 7, "doubts": 0}
    store.write_now(lambda c: outbox.mark_sent(c, [sent], NOW))
    add(store, row("third"))
    assert keys(take(store, mine)) == []  # the second is not sent yet
    assert keys(take(store, other)) == ["third"]


def test_new_calls_are_left_where_their_lane_is_not_mine(store: Store):
    """In another's hand, or with older ones in the table."""
    mine, other = enter(store), enter(store) if store.shared else 99
    add(
        store,
        row("a", "p:1", status="sending", owner=other),
        row("b", "p:2"),
        row("c", "p:3", status="sending", owner=mine),
        row("d", "p:4", status="sent"),
    )
    lanes = [f"p:{number}" for number in range(1, 6)]
    left = store.write_now(lambda c: outbox.lanes_not_mine(c, mine, lanes, ["s:1"]))
    assert left == {"p:1", "p:2"}


def test_a_reply_finds_the_patient_it_is_about(store: Store):
    """Of two messages with one number the later counts: groups begin again."""
    assert not store.write_now(lambda c: outbox.on_its_way(c, "s:1"))
    me = enter(store)
    new = {"language": "en", "contact": b"sealed", "created_at": NOW}
    patients = [
        {"chat_hash": name.encode() * 32, "key_id": name, **new} for name in ("a", "b")
    ]
    about = store.write_now(lambda c: people.add(c, patients))
    staff: dict[str, Any] = {
        "lane": "s:1",
        "kind": "staff",
        "status": "sending",
        "owner": me,
    }
    numbers = add(store, *(row(f"n{who}", **staff, about_person=who) for who in about))
    assert store.write_now(lambda c: outbox.on_its_way(c, "s:1"))
    for number in numbers:
        sent = {"row": number, "message": 7, "doubts": 0}
        store.write_now(partial(outbox.mark_sent, rows=[sent], now=NOW))
    found = store.write_now(lambda c: outbox.note_behind(c, "s:1", 7))
    assert found == (about[1], f"n{about[1]}")
    assert store.write_now(lambda c: outbox.note_behind(c, "s:1", 8)) is None
    store.write_now(lambda c: outbox.leave_behind(c, "s:1"))
    assert store.write_now(lambda c: outbox.note_behind(c, "s:1", 7)) is None
    assert store.write_now(lambda c: outbox.note_behind(c, "s:1", -7)) == found
    assert store.write_now(lambda c: outbox.message_id(c, found[1])) is None
    store.write_now(lambda c: outbox.leave_behind(c, "s:1"))
    assert store.write_now(lambda c: outbox.note_behind(c, "s:1", -7)) == found
