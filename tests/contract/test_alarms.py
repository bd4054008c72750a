"""Visits that nothing reminds of, on both databases: told of once, until mended."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Literal
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import Connection, select, update

from bot.desk.alarms import AT_ONCE, LOOK_EVERY, Alarms
from bot.keys import KeyStore, place
from bot.room import StaffRoom
from bot.store import alarms, tables
from bot.store import visits as stored
from bot.store.engine import Store
from bot.visits import Wanted
from dialogs.effects import Reminded
from dialogs.reminders import Reason
from dialogs.visits import Status, Visit
from tests.contract.test_reminders import NOW, Desk

MADRID = ZoneInfo("Europe/Madrid")


class Watched(Desk):
    """A front desk, and who looks at its visits."""

    def __init__(self, store: Store, keys: KeyStore) -> None:
        super().__init__(store, keys)
        self.keys = keys
        self.alarms = Alarms(keys, StaffRoom(-100), MADRID)

    def told(self, now: datetime, by: Alarms | None = None) -> list[dict[str, object]]:
        """What one whole walk over the visits leaves in the inbox."""
        found: list[dict[str, object]] = []
        for _ in range(5):
            for row in self.store.write_now(partial((by or self.alarms).look, now=now)):
                key_id = self.whose.key_id if row["person_id"] else self.keys.house
                at = place("inbox", "body", row["key"])
                found.append(orjson.loads(self.keys.open(key_id, at, row["body"])))
        return found

    def keep_back(self, kind: str, why: Reason | Literal[""], now: datetime) -> None:
        """What becomes of a reminder that may not go out."""

        def end(connection: Connection) -> None:
            table = tables.reminders
            of_kind = (table.c.kind == kind) & (table.c.status == "pending")
            row = connection.scalar(select(table.c.id).where(of_kind))
            fired = update(table).where(table.c.id == row).values(status="fired")
            connection.execute(fired)
            person = self.whose.person or 0
            self.visits.carry_out(connection, person, Reminded(row or 0, why), now)

        self.store.write_now(end)

    def send(self, kind: str, now: datetime) -> None:
        self.keep_back(kind, "", now)

    def change(self, visit: Visit, act: str, now: datetime) -> None:
        def change(connection: Connection) -> None:
            row = stored.by_id(connection, [visit.id])[visit.id]
            if act == "move":
                later = visit.starts_at + timedelta(hours=2)
                self.visits.move(connection, row, later, now)
            else:
                self.visits.act(connection, row, act, now)

        self.store.write_now(change)


def reasons(told: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(one["visit"], one["reason"]) for one in told]


def test_a_visit_is_told_of_once_its_last_reminder_was_kept_back(
    store: Store, keys: KeyStore
):
    """A receipt of weeks ago is no reminder; while one is to come all is well."""
    desk = Watched(store, keys)
    visit = desk.book(10)
    desk.send("receipt", NOW)
    assert desk.told(NOW) == []
    at = visit.starts_at - timedelta(days=2)
    desk.keep_back("before_3_days", "unreachable", at)
    assert desk.told(at) == []
    at = visit.starts_at - timedelta(days=1)
    desk.keep_back("before_1_day", "unreachable", at)
    assert reasons(desk.told(at)) == [("1.1", "unreachable")]
    assert desk.told(at + LOOK_EVERY) == []
    another = Alarms(keys, StaffRoom(-100), MADRID)
    assert desk.told(at + 2 * LOOK_EVERY, another) == []


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_an_alarm_falls_silent_when_it_is_mended(
    store: Store, keys: KeyStore, act: str
):
    """By another time, which is reminded of; one that is called off is settled too."""
    desk = Watched(store, keys)
    visit = desk.book(2)
    for kind in ("receipt", "before_1_day"):
        desk.keep_back(kind, "wants_quiet", NOW)
    assert reasons(desk.told(NOW)) == [("1.1", "wants_quiet")]
    assert len(store.write_now(lambda c: alarms.standing(c, 9))) == 1
    desk.change(visit, act, NOW)
    assert reasons(desk.told(NOW + LOOK_EVERY)) == [("1.1", "")]
    assert store.write_now(lambda c: alarms.standing(c, 9)) == []


def test_who_has_not_joined_stands_in_one_note(store: Store, keys: KeyStore):
    """However many they are; once they are here nothing stands any more."""
    desk = Watched(store, keys)
    wanted = Wanted(NOW + timedelta(days=1))
    many = AT_ONCE // 2

    def expect(connection: Connection) -> list[str]:
        people = {f"P{number}": "Ana" for number in range(many)}
        expected = desk.visits.expect(connection, people, NOW)
        desk.visits.book_all(connection, [(w, wanted) for w in expected.values()], NOW)
        (first, *_) = expected.values()
        assert first.record is not None
        return [desk.visits.link(connection, first.record, NOW)]

    (link,) = store.write_now(expect)
    (told,) = desk.told(NOW)
    assert told["desk"] == "not_joined"
    assert len(told["visits"]) == many  # type: ignore[arg-type]
    store.write_now(lambda c: desk.visits.join(c, link, desk.whose, NOW))
    desk.told(NOW + LOOK_EVERY)
    assert len(store.write_now(lambda c: alarms.standing(c, 999))) == many - 1


def test_only_the_days_that_are_near_are_looked_at(store: Store, keys: KeyStore):
    """This day and two more, from seven in the morning on; what has begun is past."""
    desk = Watched(store, keys)
    desk.book(3)
    for kind in ("receipt", "before_3_days", "before_1_day"):
        desk.keep_back(kind, "emergency", NOW)
    here = NOW.astimezone(MADRID).replace(hour=7, minute=0) + timedelta(days=1)
    assert desk.told(here - timedelta(minutes=2)) == []
    assert reasons(desk.told(here)) == [("1.1", "emergency")]


def test_alarms_go_with_who_is_erased(store: Store, keys: KeyStore):
    """Nothing refers to what is gone."""
    from bot.store import rights

    desk = Watched(store, keys)
    desk.book(1)
    desk.keep_back("receipt", "unreachable", NOW)
    assert desk.told(NOW)
    store.write_now(lambda c: rights.erase(c, desk.whose.person or 0))
    left = (tables.alarms, tables.reminders, tables.visits)
    assert store.write_now(lambda c: [c.execute(select(t)).all() for t in left]) == [
        *([], [], [])
    ]


def test_the_words_of_a_proposal_remind_nobody_of_the_visit_it_became(
    store: Store, keys: KeyStore
):
    """That somebody was asked is neither a reminder nor the failure of one."""
    desk = Watched(store, keys)
    wanted = Wanted(NOW + timedelta(days=2), status=Status.PROPOSED)
    visit = store.write_now(lambda c: desk.visits.book(c, desk.whose, wanted, NOW))
    desk.send("proposal", NOW)
    desk.change(visit, "book", NOW)
    desk.keep_back("receipt", "unreachable", NOW)
    desk.keep_back("before_1_day", "unreachable", NOW)
    assert reasons(desk.told(NOW)) == [("1.1", "unreachable")]
    # One whose question was kept back, and whose receipt is all there can be.
    late = Wanted(NOW + timedelta(hours=60), status=Status.PROPOSED)
    second = store.write_now(lambda c: desk.visits.book(c, desk.whose, late, NOW))
    desk.keep_back("proposal_again", "wish", NOW + timedelta(days=1))
    soon = second.starts_at - timedelta(hours=20)
    desk.change(second, "book", soon)
    desk.send("receipt", soon)
    assert desk.told(soon) == []


def test_a_visit_that_begins_now_is_no_longer_to_come(store: Store, keys: KeyStore):
    """There is nothing left that anybody could do about its reminders."""
    desk = Watched(store, keys)
    visit = desk.book(0.5)
    desk.keep_back("receipt", "unreachable", NOW)
    assert desk.told(visit.starts_at) == []
    assert store.write_now(lambda c: alarms.standing(c, 9)) == []
