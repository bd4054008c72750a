"""The word of the week: told once, and what it says is what is stored."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from bot.desk.rounds import Rounds
from bot.desk.week import DAYS, latest_moment, week_until
from bot.faq.alike import groups
from bot.keys import KeyStore, place
from bot.misses import miss_row
from bot.room import StaffRoom
from bot.store import misses, sessions, tables, topics
from bot.store.engine import Store
from tests.contract.test_rights import person

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
WEEK = timedelta(days=DAYS)


class At:
    """A clock that stands."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now


def rounds(store: Store, keys: KeyStore, now: datetime) -> Rounds:
    """One process that looks at what is due on Mondays at eight."""
    zone = ZoneInfo("Europe/Madrid")
    return Rounds(
        store,
        keys,
        StaffRoom(-5),
        At(now),
        lambda: None,
        lambda now: latest_moment(now, 0, time(8), zone),
    )


def told(store: Store) -> list[str]:
    """What was put before the desk."""
    key = tables.inbox.c.key
    asked = select(key).where(key.like("due:week:%")).order_by(key)
    return store.write_now(lambda c: [*c.scalars(asked)])


def test_each_week_is_told_once_however_many_look_and_whoever_dies(
    store: Store, keys: KeyStore
):
    """Not for the time before the program was there; what was missed, when it is."""
    for _ in range(2):
        store.write_now(rounds(store, keys, NOW).look)
    assert told(store) == []
    later = [rounds(store, keys, NOW + WEEK) for _ in range(2)]
    with pytest.raises(KeyboardInterrupt):
        store.write_now(lambda c: _dies_after(c, later[0]))
    assert told(store) == []
    for one in (rounds(store, keys, NOW + WEEK), *later[1:], later[1]):
        store.write_now(one.look)
    assert told(store) == ["due:week:20260309T0700"]
    store.write_now(rounds(store, keys, NOW + 5 * WEEK).look)
    assert told(store)[1:] == ["due:week:20260406T0600"]  # summer time by then


def _dies_after(connection: Connection, one: Rounds) -> None:
    one.look(connection)
    raise KeyboardInterrupt


@given(
    st.integers(0, 20 * 365 * 24 * 60).map(lambda m: NOW + timedelta(minutes=m)),
    st.integers(0, 6),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.sampled_from(["Europe/Madrid", "Asia/Kathmandu", "America/New_York", "UTC"]),
)
def test_the_weekly_moment_is_the_last_one_before_now(now, weekday, at, name):
    """That day and hour on the clinic's clock, at most a week ago (and an hour)."""
    zone = ZoneInfo(name)
    moment = latest_moment(now, weekday, at, zone)
    assert moment.weekday() == weekday
    assert moment.time() == at
    assert moment <= now
    assert now - moment.astimezone(UTC) <= WEEK + timedelta(hours=1)


@given(st.lists(st.text(max_size=40), max_size=30))
def test_questions_are_brought_together_and_none_is_lost(questions):
    """Every group is shown by one of its own, and all are counted."""
    found = groups(questions)
    assert sum(times for _, times in found) == len(questions)
    assert {first for first, _ in found} <= set(questions)


def test_the_week_says_what_is_stored_and_names_nobody(store: Store, keys: KeyStore):
    """Questions in like words, replies, ratings, visits, where people stop, sources."""

    def live(c: Connection) -> None:
        for number, stored in enumerate(
            (
                {"state": "health_1", "campaign": "spring"},
                {"state": "health_1", "campaign": ""},
                {"state": "plan", "campaign": "spring"},
            )
        ):
            who, key_id = person(c, keys)
            seen = NOW - timedelta(days=2)
            body = orjson.dumps({**stored, "seen_at": seen.isoformat()})
            sealed = keys.seal(key_id, place("sessions", "body", f"{who}:1"), body)
            row = {"person_id": who, "generation": 1, "body": sealed}
            sessions.keep(c, [{**row, "updated_at": NOW}])
            words = ("is there a lift", "is there a lift?", "do you take dogs")[number]
            miss = miss_row(
                keys,
                key=f"m:{number}",
                kind="unanswered",
                entry="",
                words=words,
                now=NOW,
                person=who,
                key_id=key_id,
            )
            misses.add(c, [miss])
            topic = {"person_id": who, "status": "open", "asked_at": NOW}
            topics.open_for(c, [{**topic, "title": b"x", "opened_at": NOW}])
            replied = NOW + timedelta(minutes=10 * number)
            topics.change(c, who, {"first_reply_at": replied})
        topics.rate(c, ["yes", "yes", "no"], NOW)

    store.write_now(live)
    told = store.write_now(lambda c: week_until(c, keys, NOW + timedelta(hours=1)))
    assert told["unanswered"] == [("is there a lift?", 2), ("do you take dogs", 1)]
    assert told["wrong"] == [("Q06", 3)]
    assert (told["replies"], told["median_minutes"]) == (3, 10)
    assert told["topics"] == {"open": 3, "waiting": 3}
    assert told["ratings"] == {"yes": 2, "no": 1}
    assert told["stopped"] == [("health_1", 2)]
    assert (told["finished"], told["chats"]) == (1, 3)
    assert told["campaigns"] == [("spring", 2, 1)]
    assert told["visits"] == {"booked": 3}
