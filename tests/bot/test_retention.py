"""Once a day: long silences end, old copies of keys go, and nothing happens twice."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from bot.clinic import DEMO_CLINIC, load_clinic
from bot.house import voice_of
from bot.keys import KeyStore, master_key
from bot.retention import KEY_COPIES, MISS_DAYS, Retention
from bot.rights import ERASE, adverse_place
from bot.store import rights, sessions, tables
from bot.store.engine import Store
from bot.store.migrations import upgrade
from bot.visits import Visits, Wanted, Whose
from bot.words import LANGUAGE
from dialogs.effects import Screen
from dialogs.reminders import shipped
from tests.somebody import somebody

TODAY = datetime(2026, 6, 30, 12, tzinfo=UTC)


@dataclass
class Calendar:
    """A clock that a test sets."""

    moment: datetime = TODAY

    def now(self) -> datetime:
        return self.moment


@dataclass
class Days:
    """A database with people, and the days that pass over it."""

    folder: Path
    store: Store
    keys: KeyStore
    clock: Calendar
    retention: Retention

    def person(self, silent_days: float, *, session: bool = True) -> int:
        """Somebody of whom nothing was heard for so long."""
        return self.store.write_now(lambda c: self._add(c, silent_days, session))

    def _add(self, connection: Connection, days: float, session: bool) -> int:
        seen = self.clock.moment - timedelta(days=days)
        since = seen - timedelta(days=session * 50)
        number, _ = somebody(connection, self.keys, since)
        if session:
            kept = {"person_id": number, "generation": 1, "body": b"x"}
            sessions.keep(connection, [{**kept, "updated_at": seen}])
        return number

    async def marked(self) -> set[int]:
        """Who is to be erased today."""
        await self.retention.see_to_today()
        found = self.store.write_now(
            lambda c: c.execute(select(tables.inbox.c.key)).scalars().all()
        )
        return {int(key.removeprefix(ERASE).partition(":")[0]) for key in found}


@pytest.fixture
async def days(tmp_path: Path) -> AsyncIterator[Days]:
    """Thirty days of silence, fourteen of a copy of keys."""
    keys = KeyStore(tmp_path / "keys.db", master_key(None, tmp_path / "key"))
    store = Store(tmp_path / "a.db")
    store.write_now(upgrade)
    clock = Calendar()
    copies = tmp_path / "copies"
    copies.mkdir()
    retention = Retention(
        store,
        keys,
        clock,
        lambda: None,
        days=30,
        key_copies=copies,
        key_copy_days=14,
        row_days=30,
    )
    yield Days(tmp_path, store, keys, clock, retention)
    store.close()
    keys.close()


def test_people_read_in_privacy_what_is_kept_and_for_how_long():
    """Questions kept for the team are told of, unless nothing is kept."""
    clinic = load_clinic(DEMO_CLINIC)
    renderer = voice_of(clinic).renderers[LANGUAGE]
    about = {"takes_health": True, "visits": False}
    text, silent = (
        renderer.screen(Screen("privacy", {**about, "consent": consent})).text
        for consent in ("team", "nothing")
    )
    assert f"silent for {clinic.retention.intake_days} days" in text
    assert f"goes after {MISS_DAYS} days" in text
    assert "Some of your questions" in text
    assert "Some of your questions" not in silent


async def test_who_was_silent_for_too_long_is_marked_and_nobody_else(days: Days):
    """Counted from the last thing that happened, or from their first word."""
    gone = {days.person(31), days.person(400), days.person(31, session=False)}
    days.person(29)
    days.person(0)
    days.person(29, session=False)
    assert await days.marked() == gone


async def test_a_day_is_seen_to_once(days: Days):
    """Also by a second process, and after a start; the next day comes anew."""
    days.person(31)
    assert await days.retention.see_to_today() == 1
    days.person(40)
    assert await days.retention.see_to_today() == 0
    days.clock.moment += timedelta(days=1)
    assert await days.retention.see_to_today() == 2


async def test_many_are_marked_some_at_a_time(days: Days, monkeypatch):
    """However many there are, each once."""
    monkeypatch.setattr("bot.retention.AT_ONCE", 3)
    gone = {days.person(31) for _ in range(8)}
    assert await days.marked() == gone
    rows = days.store.write_now(
        lambda c: c.scalar(select(func.count()).select_from(tables.inbox))
    )
    assert rows == 8


async def test_who_had_an_adverse_event_is_the_clinic_s_to_end(days: Days):
    """Silence does not delete what the clinic must keep."""
    kept, gone = days.person(90), days.person(90)
    event = {"person_id": kept, "at": TODAY, "by": b"x", "body": b"x"}
    days.store.write_now(lambda c: rights.record_adverse(c, [event]))
    assert await days.marked() == {gone}
    assert adverse_place(1, TODAY) != adverse_place(2, TODAY)


async def test_copies_of_keys_end_after_their_days(days: Days):
    """By their age as files; whatever else lies in that folder is left alone, the
    key store that is in use above all.
    """
    old = (TODAY - timedelta(days=15)).timestamp()
    kept = ["b.backup", "exoplan.keys.db", "notes.txt"]
    for name in ("a.backup", "a-2026-06-15.keys", *kept):
        file = days.folder / "copies" / name
        file.write_text("x")
        moment = old if name != "b.backup" else TODAY.timestamp()
        os.utime(file, (moment, moment))
    await days.retention.see_to_today()
    left = sorted(f.name for f in (days.folder / "copies").iterdir())
    assert left == kept


def test_copies_made_as_the_operations_page_says_are_among_those_that_end():
    """Else a promise to people, that no copy of their key is left, is not kept."""
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text("utf-8")
    made = re.findall(r"--keys (\S+\.\w+)", page)
    assert made
    for name in made:
        assert any(Path(name).match(pattern) for pattern in KEY_COPIES), name


async def test_who_was_expected_and_never_joined_is_forgotten(days: Days):
    """With the key, once the last visit is as long ago as a silence may be."""
    kept = Visits(days.keys, shipped(), "UTC")
    expected = {"P1": "Ana", "P2": "Tom"}

    def expect(connection: Connection, ahead: int) -> dict[str, Whose]:
        since = TODAY - timedelta(days=60)
        whose = kept.expect(connection, expected, since)
        for one, day in zip(whose.values(), (ahead, -40), strict=True):
            wanted = Wanted(TODAY + timedelta(days=day))
            kept.book(connection, one, wanted, since)
        return whose

    whose = days.store.write_now(partial(expect, ahead=3))
    await days.retention.see_to_today()
    assert days.keys.has(whose["P1"].key_id)
    assert not days.keys.has(whose["P2"].key_id)
    left = days.store.write_now(
        lambda c: c.scalar(select(func.count()).select_from(tables.visits))
    )
    assert left == 1
