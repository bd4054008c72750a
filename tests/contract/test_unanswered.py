"""Proposed visits that nobody answers, on both databases: found once, then no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import orjson
import pytest
from sqlalchemy import Connection, select

from bot.desk.unanswered import LOOK_EVERY, UnansweredProposals
from bot.keys import KeyStore, place
from bot.store import inbox, reminders, tables
from bot.store import visits as stored
from bot.store.engine import Store
from bot.visits import Wanted
from dialogs.effects import ActOnVisit
from dialogs.visits import FREE_BEFORE, TIME_TO_ANSWER, Status, Visit
from tests.contract.test_reminders import NOW, Desk


class Proposing(Desk):
    """A front desk that proposes visits, and who looks which are answered."""

    def __init__(self, store: Store, keys: KeyStore) -> None:
        super().__init__(store, keys)
        self.keys = keys

    def propose(self, days: float) -> Visit:
        wanted = Wanted(NOW + timedelta(days=days), status=Status.PROPOSED)
        return self.store.write_now(
            lambda c: self.visits.book(c, self.whose, wanted, NOW)
        )

    def look(self, now: datetime, by: UnansweredProposals | None = None) -> None:
        """One look, kept as the rounds keep it."""
        looks = by or UnansweredProposals(self.keys)

        def look(connection: Connection) -> None:
            if rows := looks.look(connection, now):
                inbox.add(connection, rows)

        self.store.write_now(look)

    def found(self) -> list[str]:
        """The visits that turns were left about, ever."""
        table = tables.inbox
        asked = select(table.c.key, table.c.body).order_by(table.c.id)
        told = []
        for key, body in self.store.write_now(lambda c: c.execute(asked).all()):
            at = place("inbox", "body", key)
            plain = orjson.loads(self.keys.open(self.whose.key_id, at, body))
            assert plain["input"] == "ProposalLapsed"
            told.append(plain["visit"])
        return told

    def act(self, visit: Visit, act: str, now: datetime) -> None:
        person = self.whose.person or 0
        done = ActOnVisit(visit.id, act)
        self.store.write_now(lambda c: self.visits.carry_out(c, person, done, now))

    def row(self, visit: Visit) -> stored.VisitRow:
        return self.store.write_now(partial(stored.by_id, ids=[visit.id]))[visit.id]

    def reminders(self, visit: Visit) -> dict[str, tuple[str, str | None]]:
        found = self.store.write_now(partial(reminders.of_visit, visit=visit.id))
        return {one.kind: (one.status, one.reason) for one in found}


@pytest.mark.parametrize("days", [0.5, 1.5, 2.5, 30])
def test_a_date_lapses_when_its_visit_says_so(
    store: Store, keys: KeyStore, days: float
):
    """Not a minute before; the database reckons as the visit itself does."""
    desk = Proposing(store, keys)
    visit = desk.propose(days)
    desk.look(visit.lapses_at - timedelta(minutes=1))
    assert desk.found() == []
    desk.look(visit.lapses_at)
    assert desk.found() == ["1.1"]


def test_it_is_found_once_by_whoever_looks_and_however_often(
    store: Store, keys: KeyStore
):
    """Two replicas, and one that begins anew, before a turn was taken and after."""
    desk = Proposing(store, keys)
    visit = desk.propose(9)
    at = visit.lapses_at
    for _ in range(3):
        desk.look(at)
    desk.act(visit, "lapse", at)
    assert desk.row(visit).status == "lapsed"
    desk.look(at + LOOK_EVERY)
    assert desk.found() == ["1.1"]


def test_one_look_a_minute_is_enough(store: Store, keys: KeyStore):
    """A loop that comes by each second asks the database no more than that."""
    desk = Proposing(store, keys)
    looks = UnansweredProposals(keys)
    desk.look(NOW, looks)
    visit = desk.propose(0.0001)
    desk.look(visit.starts_at, looks)
    assert desk.found() == []
    desk.look(NOW + LOOK_EVERY, looks)
    assert desk.found() == ["1.1"]


@pytest.mark.parametrize("act", ["book", "cancel"])
def test_what_was_answered_is_not_found(store: Store, keys: KeyStore, act: str):
    """Whatever the answer was."""
    desk = Proposing(store, keys)
    desk.act(desk.propose(9), act, NOW)
    desk.look(NOW + timedelta(days=20))
    assert desk.found() == []


def test_another_time_is_another_date_to_answer(store: Store, keys: KeyStore):
    """With a day to answer it, counted from when it was told."""
    desk = Proposing(store, keys)
    visit = desk.propose(3)
    now = visit.lapses_at - timedelta(hours=1)

    def move(connection: Connection) -> Visit:
        row = stored.by_id(connection, [visit.id])[visit.id]
        return desk.visits.move(connection, row, now + TIME_TO_ANSWER * 1.5, now)

    moved = store.write_now(move)
    assert moved.lapses_at == now + TIME_TO_ANSWER
    desk.look(visit.lapses_at)
    assert desk.found() == []
    desk.look(moved.lapses_at)
    assert desk.found() == ["1.2"]


def test_nothing_goes_out_about_what_has_lapsed_until_it_is_booked_after_all(
    store: Store, keys: KeyStore
):
    """The reason stands at each word that was still to come."""
    desk = Proposing(store, keys)
    visit = desk.propose(9)
    desk.act(visit, "lapse", visit.starts_at - FREE_BEFORE)
    assert desk.reminders(visit) == {
        "proposal": ("void", "lapsed"),
        "proposal_again": ("void", "lapsed"),
    }
    foreseen = store.write_now(lambda c: desk.visits.foreseen(desk_row(c, visit)))
    assert set(foreseen) == {"proposal", "proposal_again"}
    desk.act(visit, "book", visit.starts_at - timedelta(hours=20))
    assert desk.row(visit).status == "booked"
    assert desk.reminders(visit)["receipt"] == ("pending", None)


def desk_row(connection: Connection, visit: Visit) -> stored.VisitRow:
    return stored.by_id(connection, [visit.id])[visit.id]
