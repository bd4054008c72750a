"""Reminders on both databases: fired once, the most urgent first, never when void."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert, select, update

from bot.keys import KeyStore
from bot.reminders import Reminders
from bot.seals import prove
from bot.store import reminders, tables
from bot.store import visits as stored
from bot.store.engine import Store
from bot.visits import Visits, Wanted, Whose
from dialogs.effects import Reminded
from dialogs.reminders import shipped
from dialogs.visits import Visit
from tests.somebody import somebody

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Still:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


class Desk:
    """A database with one patient, and what looks for what is due."""

    def __init__(self, store: Store, keys: KeyStore, rate: float = 0.0) -> None:
        self.store = store
        self.clock = Still()
        self.visits = Visits(keys, shipped(), "Europe/Madrid")
        self.loop = Reminders(store, keys, self.clock, lambda: None, rate)
        person, key_id = store.write_now(lambda c: somebody(c, keys, NOW))
        self.whose = Whose(key_id, person=person)

    def book(self, days: float) -> Visit:
        wanted = Wanted(NOW + timedelta(days=days))
        return self.store.write_now(
            lambda c: self.visits.book(c, self.whose, wanted, NOW)
        )

    async def fired(self) -> list[str]:
        """Kinds that are fired by one look, in the order of their turns."""
        before = self.store.write_now(_due_keys)
        await self.loop.look()
        fresh = self.store.write_now(_due_keys)[len(before) :]
        return [self.store.write_now(partial(_kind, key=key)) for key in fresh]


def _due_keys(connection: Connection) -> list[str]:
    found = select(tables.inbox.c.key).order_by(tables.inbox.c.id)
    return [key for key in connection.execute(found).scalars() if key[:4] == "due:"]


def _kind(connection: Connection, key: str) -> str:
    row = reminders.by_id(connection, int(key.split(":")[1]))
    assert row is not None
    return row.kind


def _done(connection: Connection) -> None:
    connection.execute(update(tables.inbox).values(status="done"))


def states(connection: Connection) -> Iterable[tuple[str, str]]:
    """Kind and status of all."""
    found = select(tables.reminders.c.kind, tables.reminders.c.status)
    return [(kind, status) for kind, status in connection.execute(found)]


async def test_what_is_due_is_fired_once_and_the_urgent_first(
    store: Store, keys: KeyStore
):
    """After a silence of ours: a day ahead comes before three days ahead."""
    desk = Desk(store, keys)
    desk.book(3.5)
    desk.book(6.5)
    assert await desk.fired() == ["receipt", "receipt"]
    desk.clock.moment = NOW + timedelta(days=3.9)
    # One of three days ahead is useless by now; its turn finds that.
    assert await desk.fired() == ["before_1_day", "before_3_days", "before_3_days"]
    assert await desk.fired() == []


async def test_no_more_is_fired_than_can_leave_soon(store: Store, keys: KeyStore):
    """As evenly as it leaves; what waits takes room away, and gives it back."""
    desk = Desk(store, keys, rate=4.0)
    for day in range(5, 10):
        desk.book(day)
    assert len(await desk.fired()) == 1
    desk.clock.moment += timedelta(seconds=10)
    assert len(await desk.fired()) == 1
    assert await desk.fired() == []
    store.write_now(_done)
    desk.clock.moment += timedelta(seconds=10)
    assert len(await desk.fired()) == 2


async def test_what_waits_for_a_group_holds_no_reminder_up(
    store: Store, keys: KeyStore
):
    """A group takes twenty notes a minute; nor does what was put off for a while."""
    desk = Desk(store, keys, rate=4.0)
    desk.book(5)
    later = NOW + timedelta(minutes=5)
    calls = [
        *(_call(f"s:1:1:{n}", "s:1", None) for n in range(10)),
        *(_call(f"p:9:1:{n}", "p:9", later) for n in range(10)),
    ]
    store.write_now(lambda c: c.execute(insert(tables.outbox), calls))
    assert await desk.fired() == ["receipt"]


def _call(key: str, lane: str, not_before: datetime | None) -> dict[str, object]:
    return {
        "key": key,
        "lane": lane,
        "method": "sendMessage",
        "kind": "message",
        "report": False,
        "urgent": False,
        "status": "pending",
        "attempts": 0,
        "uncertain": 0,
        "not_before": not_before,
        "created_at": NOW,
    }


async def test_a_move_or_a_cancellation_leaves_nothing_to_fire(
    store: Store, keys: KeyStore
):
    """Not even what was fired and waits for its turn."""
    desk = Desk(store, keys)
    visit = desk.book(5)
    await desk.fired()

    def move_then_cancel(connection: Connection) -> None:
        row = stored.by_id(connection, [visit.id])[visit.id]
        moved = desk.visits.move(connection, row, NOW + timedelta(days=8), NOW)
        assert moved.revision == 2
        row = stored.by_id(connection, [visit.id])[visit.id]
        desk.visits.act(connection, row, "cancel", NOW)

    store.write_now(move_then_cancel)
    left = [kind for kind, s in store.write_now(states) if s in ("pending", "fired")]
    assert left == ["called_off"]


async def test_what_was_put_off_falls_due_again(store: Store, keys: KeyStore):
    """Under another name, so that the inbox takes it."""
    desk = Desk(store, keys)
    desk.book(5)
    assert await desk.fired() == ["receipt"]
    later = NOW + timedelta(hours=1)
    put_off = Reminded(1, again_at=later)
    person = desk.whose.person or 0
    store.write_now(lambda c: desk.visits.carry_out(c, person, put_off, NOW))
    store.write_now(_done)
    assert await desk.fired() == []
    desk.clock.moment = later
    assert await desk.fired() == ["receipt"]


async def test_a_slip_of_the_desk_is_put_right(store: Store, keys: KeyStore):
    """Attended, missed, attended: the check-ins are planned again, each once."""
    desk = Desk(store, keys)
    visit = desk.book(1)
    for act in ("attend", "miss", "attend"):

        def mark(connection: Connection, act: str = act) -> None:
            row = stored.by_id(connection, [visit.id])[visit.id]
            desk.visits.act(connection, row, act, NOW + timedelta(days=1))

        store.write_now(mark)
        pending = [k for k, s in store.write_now(states) if s == "pending"]
        assert ("check_3_days" in pending) == (act == "attend")
    assert pending.count("check_3_days") == 1


def test_what_is_sealed_of_visits_opens_when_a_copy_is_proved(
    store: Store, keys: KeyStore
):
    """A patient's visits, and those of somebody who is still expected."""
    desk = Desk(store, keys)
    desk.book(days=7)
    wanted = Wanted(NOW + timedelta(days=3))

    def expected(connection: Connection) -> None:
        whose = desk.visits.expect(connection, {"A-7": "Ana"}, NOW)["A-7"]
        desk.visits.book(connection, whose, wanted, NOW)

    desk.store.write_now(expected)
    samples = desk.store.write_now(lambda c: prove(c, keys))
    opened = {sample.name: sample.opened for sample in samples}
    assert opened["visits.body"] == 2
    assert opened["clinic_records.body"] == 1
    assert not any(sample.shut for sample in samples)


def test_what_would_have_gone_out_is_told_of_visits_that_are_over(
    store: Store, keys: KeyStore
):
    """All that fell due before it was cancelled or took place, and what follows it."""
    desk = Desk(store, keys)

    def foreseen(act: str, days: float) -> set[str]:
        """Kinds about a visit five days ahead that ends so, after so many."""
        visit = desk.book(5)

        def ends(connection: Connection) -> set[str]:
            row = stored.by_id(connection, [visit.id])[visit.id]
            desk.visits.act(connection, row, act, NOW + timedelta(days=days))
            row = stored.by_id(connection, [visit.id])[visit.id]
            return {*desk.visits.foreseen(row)}

        return store.write_now(ends)

    assert foreseen("cancel", 3) == {"receipt", "before_3_days", "called_off"}
    assert {"receipt", "before_1_day", "check_1_day"} <= foreseen("attend", 5.1)
