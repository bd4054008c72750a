"""Calendar files, read back by another parser than the one that wrote them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.paper.calendar import (
    Entry,
    calendar_from,
    calendar_of,
    later,
    name_of,
    plan_entries,
    sheet_of,
)
from exoplan import Plan, Unit
from exoplan.chart import chart_of
from tests.bot.paper.samples import HAIR, HELD, PHRASES, SKIN

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ZONES = ("Europe/Madrid", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def entries_of(
    plan: Plan, subject: str = "x", sequence: int = 1, cancelled: bool = False
) -> list[Entry]:
    return list(
        plan_entries(
            chart_of(plan),
            PHRASES,
            first=date(2026, 11, 30),
            subject=subject,
            sequence=sequence,
            cancelled=cancelled,
        )
    )


def read(entries: list[Entry], name: str = "Plan") -> Any:
    return vobject.readOne(calendar_of(entries, name=name, now=NOW).decode())


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.integers(0, 5 * 365 * 24 * 60),
    zone=st.sampled_from(ZONES),
)
def test_a_visit_begins_at_the_same_moment_for_another_reader(minutes, zone):
    """In any zone and season, the hours in which clocks change among them."""
    begins = (NOW + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
    one = Entry(name_of(1), 0, begins, begins + timedelta(hours=1), "Visit")
    found = read([one]).vevent.dtstart.value
    assert found.astimezone(UTC) == begins.astimezone(UTC)


def test_the_windows_of_a_plan_are_days_that_nobody_has_booked():
    """Each published end of each visit, as published, and never as a busy time."""
    events = read(entries_of(HAIR)).vevent_list
    days = [(e.dtstart.value, e.dtend.value - timedelta(days=1)) for e in events]
    first = date(2026, 11, 30)
    assert days == [
        (first, first),
        (first, first),
        (date(2027, 5, 30), date(2027, 11, 30)),
        (date(2027, 11, 30), date(2028, 5, 30)),
    ]
    assert {e.status.value for e in events} == {"TENTATIVE"}
    assert {e.transp.value for e in events} == {"TRANSPARENT"}
    for event in events:
        assert "A clinician sets your number" in event.description.value


def test_no_line_that_others_see_names_the_treatment():
    for plan in (HAIR, SKIN):
        for one in entries_of(plan):
            told = f"{one.summary} {one.uid}".lower()
            assert not {"hair", "skin", "exosome", "prp"} & set(told.split())


def test_a_later_file_changes_the_entries_of_an_earlier_one():
    """The same names with a higher sequence; a cancelled whole says so."""
    before, after = entries_of(SKIN), entries_of(SKIN, sequence=2, cancelled=True)
    assert [one.uid for one in before] == [one.uid for one in after]
    assert len({one.uid for one in before}) == len(before)
    ended = read(after)
    assert ended.method.value == "CANCEL"
    assert {e.status.value for e in ended.vevent_list} == {"CANCELLED"}
    assert {e.sequence.value for e in ended.vevent_list} == {"2"}
    mixed = read([before[0], after[1]])
    assert mixed.method.value == "PUBLISH"
    other = entries_of(SKIN, subject="y")
    assert not {one.uid for one in before} & {one.uid for one in other}


def test_a_held_plan_has_no_entry():
    assert entries_of(HELD) == []


def test_words_keep_their_commas_breaks_and_letters():
    """What RFC 5545 escapes and folds is read back as it was."""
    words = "Café, 5; C:\\x\nשלום مرحبا " + "long " * 40
    one = Entry(name_of(1), 0, NOW, NOW, "Visit", about=words.strip(), place=words[:9])
    event = read([one]).vevent
    assert event.description.value == words.strip()
    assert event.location.value == words[:9]
    raw = calendar_of([one], name="x", now=NOW)
    assert max(map(len, raw.split(b"\r\n"))) <= 75


def test_a_stored_sheet_gives_the_same_file():
    entries = entries_of(HAIR)
    sheet = sheet_of(entries, name="Plan", now=NOW)
    assert calendar_from(sheet) == calendar_of(entries, name="Plan", now=NOW)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 1, 15), 12, date(2027, 1, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_one(day, months, then):
    assert later(day, months, Unit.MONTH) == then
