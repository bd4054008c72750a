"""A time as the front desk types it: "3 Dec 15:30", "tomorrow 9", "thu 9:15".

Strict on purpose: a visit at the wrong hour costs more than a question. What could be
meant in two ways is asked about, never guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dialogs.errors import DialogError
from dialogs.reminders import on_the_wall

MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: An hour typed alone from here on is meant as it stands on a 24-hour clock.
EARLIEST_BARE_HOUR = 7

_HOUR = re.compile(r"(\d{1,2})(?:[:.h](\d{2})|h)?\s*(am|pm)?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NAMED = re.compile(r"(\d{1,2})\.?\s+([a-z]{3,9})\.?(?:\s+(\d{4}))?")
_NUMBERS = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:\.|[/.-](\d{2,4}))?")
_MOST_MONTHS = 12


class NotATime(DialogError):
    """The words say no time; the reason is a word of templates: unread, two_ways, past,
    skipped."""


def read_when(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment that is meant, in UTC.

    Raises:
        NotATime: with the reason.
    """
    said = " ".join(words.casefold().replace(",", " ").replace(" at ", " ").split())
    day_words, _, hour_words = said.rpartition(" ")
    if hour_words in ("am", "pm"):
        day_words, _, number = day_words.rpartition(" ")
        hour_words = f"{number} {hour_words}"
    today = now.astimezone(zone).date()
    day = _day(day_words, today)
    hour, minute = _hour(hour_words)
    wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
    moment = on_the_wall(wall, zone)
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        raise NotATime("skipped")
    if moment <= now:
        raise NotATime("past")
    return moment.astimezone(UTC)


def _day(words: str, today: date) -> date:
    if words == "today":
        return today
    if words == "tomorrow":
        return today + timedelta(days=1)
    if words[:3] in DAYS and _is_of(words, "day"):
        ahead = (DAYS.index(words[:3]) - today.weekday()) % 7
        return today + timedelta(days=ahead or 7)
    try:
        if numbers := _NUMBERS.fullmatch(words):
            return _in_numbers(*numbers.groups(), today=today)
        if iso := _ISO.fullmatch(words):
            return date(*map(int, iso.groups()))
        if named := _NAMED.fullmatch(words):
            number, name, year = named.groups()
            return _next(int(number), MONTHS.index(name[:3]) + 1, year, today)
    except ValueError:
        raise NotATime("unread") from None
    raise NotATime("unread")


def _in_numbers(first: str, second: str, year: str | None, *, today: date) -> date:
    """A day and a month as numbers, where only one of them can be the month."""
    day, month = int(first), int(second)
    if day != month and max(day, month) <= _MOST_MONTHS:
        raise NotATime("two_ways")
    if year and len(year) != 4:
        raise NotATime("two_ways")
    return _next(max(day, month), min(day, month), year, today)


def _next(day: int, month: int, year: str | None, today: date) -> date:
    """That day of that year; without one the next there is."""
    if year:
        return date(int(year), month, day)
    found = date(today.year, month, day)
    return found if found >= today else found.replace(year=today.year + 1)


def _is_of(words: str, ending: str) -> bool:
    return len(words) == 3 or words.endswith(ending)


def _hour(words: str) -> tuple[int, int]:
    found = _HOUR.fullmatch(words)
    if found is None:
        raise NotATime("unread")
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            raise NotATime("unread")
        hour = hour % 12 + 12 * (half == "pm")
    elif found[2] is None and hour < EARLIEST_BARE_HOUR:
        raise NotATime("two_ways")
    if hour > 23 or minute > 59:
        raise NotATime("unread")
    return hour, minute
