"""The clocks on the walls of a simulated year, a quarter of an hour at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.soak.year_script import BEGINS_AT, DAY, TICK

BEFORE = 14 * DAY  # that the clocks are looked at before the year
AFTER = 120 * DAY  # and after it
NEVER = 10**9


class Wall:
    """The clocks of one zone over the year and a little."""

    def __init__(self, zone: str, ends: int) -> None:
        here = ZoneInfo(zone)
        self._first: dict[datetime, int] = {}
        self._shows: dict[int, datetime] = {}
        for minute in range(-BEFORE, ends + AFTER, TICK):
            moment = BEGINS_AT + timedelta(minutes=minute)
            shown = moment.astimezone(here).replace(tzinfo=None, fold=0)
            self._first.setdefault(shown, minute)
            self._shows[minute] = shown

    def when(self, shown: datetime) -> int:
        """The first minute at which clocks show this; so much on where they skip it."""
        if shown > self._shows[max(self._shows)]:
            return NEVER
        skipped = 0
        while shown not in self._first:
            shown -= timedelta(minutes=TICK)
            skipped += TICK
            if skipped > DAY:
                return NEVER
        return self._first[shown] + skipped

    def shows(self, minute: int) -> datetime:
        """What they show."""
        return self._shows[minute]

    def decent(self, minute: int) -> int:
        """The first minute from this one on that is neither late nor early."""
        while minute in self._shows and not 8 <= self._shows[minute].hour < 21:
            minute += TICK
        return minute
