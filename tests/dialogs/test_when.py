"""Times as the front desk types them: understood as meant, or asked about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.when import DAYS, MONTHS, NotATime, read_when

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday, 11:00 in Madrid


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("3 Dec 15:30", "2026-12-03 15:30"),
        ("3 December, 15:30", "2026-12-03 15:30"),
        ("1 mar 2027 9:15", "2027-03-01 09:15"),
        ("1 Mar 9:15", "2027-03-01 09:15"),
        ("tomorrow 9", "2026-03-03 09:00"),
        ("tomorrow at 3pm", "2026-03-03 15:00"),
        ("today 16.30", "2026-03-02 16:30"),
        ("mon 9:15", "2026-03-09 09:15"),
        ("thursday 12 pm", "2026-03-05 12:00"),
        ("2026-03-30 08:00", "2026-03-30 08:00"),
        ("25/11 10:00", "2026-11-25 10:00"),
        ("25.11. 10h", "2026-11-25 10:00"),
        ("11/25 10h30", "2026-11-25 10:30"),
        ("12.12.2026 9:00", "2026-12-12 09:00"),
        ("28-02 9:00", "2027-02-28 09:00"),
    ],
)
def test_a_time_is_read_as_it_is_meant(words: str, meant: str):
    """On the clinic's own clock, over the change of the clocks too."""
    expected = datetime.fromisoformat(meant).replace(tzinfo=MADRID)
    assert read_when(words, NOW, MADRID) == expected


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("3/12 15:30", "two_ways"),
        ("3.12. 15:30", "two_ways"),
        ("25-11-26 9:00", "two_ways"),
        ("31/02 9:00", "unread"),
        ("25/13 9:00", "unread"),
        ("tomorrow 3", "two_ways"),
        ("today 9", "past"),
        ("29 Mar 2:30", "skipped"),
        ("31 Feb 9:00", "unread"),
        ("soon", "unread"),
        ("tomorrow 25:00", "unread"),
        ("", "unread"),
    ],
)
def test_what_is_no_time_is_told_why(words: str, reason: str):
    """Never guessed."""
    with pytest.raises(NotATime, match=reason):
        read_when(words, NOW, MADRID)


@given(st.text(max_size=40))
def test_no_words_make_it_fall_over(words: str):
    """A moment to come, or a reason."""
    meant = read_or_reason(words)
    if isinstance(meant, str):
        assert meant in ("two_ways", "past", "skipped", "unread")
    else:
        assert meant > NOW


def read_or_reason(words: str) -> datetime | str:
    """What is meant, or why it cannot be told."""
    try:
        return read_when(words, NOW, MADRID)
    except NotATime as fault:
        return str(fault)


@given(st.datetimes(datetime(2026, 3, 3), datetime(2027, 2, 1)))  # noqa: DTZ001 - naive
def test_every_way_to_write_a_day_means_the_same(wall: datetime):
    """By its name, and as a calendar writes it."""
    iso = f"{wall:%Y-%m-%d %H:%M}"
    named = f"{wall.day} {MONTHS[wall.month - 1]} {wall:%H:%M}"
    meant = read_or_reason(iso)
    assert meant == "skipped" or isinstance(meant, datetime)
    assert read_or_reason(named) == meant
    soon = wall.date() - NOW.date()
    if timedelta(days=1) <= soon <= timedelta(days=6):
        by_day = f"{DAYS[wall.weekday()]} {wall:%H:%M}"
        assert read_or_reason(by_day) == meant
