"""What happens in a simulated year: drawn by lot, before anything runs.

Times are minutes since `BEGINS_AT`, on a grid of a quarter of an hour: every zone's
clock is a whole number of quarters from UTC, so nothing falls between two ticks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

BEGINS_AT = datetime(2026, 1, 5, tzinfo=UTC)
TICK = 15  # minutes
HOUR = 60
DAY = 24 * HOUR
WEEK = 7 * DAY

#: Both halves of the earth, clocks that change by half an hour, odd quarters, none.
ZONES = (
    *("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
    *("Pacific/Apia", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Tehran"),
    *("Pacific/Chatham", "America/St_Johns", "Asia/Tokyo", "America/Santiago"),
)
AREAS = ("skin", "hair", "joint")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody does."""

    at: int  #: minute
    person: int
    what: str
    #: of the team: book, propose, book_anyway, move, cancel, call_off, attend, miss;
    #: of a patient: confirm, answer, or a mood
    visit: int = -1  #: running number; -1: it is about none
    starts: int = 0  #: minute at which the visit begins from then on
    area: str = ""
    upkeep_months: int = 0
    midway: bool = False  #: after reminders were fired and before their turns
    answers: tuple[str, ...] = ()
    #: agree, decline or wish, to one date after the other as they are asked

    @property
    def by_patient(self) -> bool:
        """Whether it comes by way of Telegram, which keeps it during an outage."""
        return self.visit == -1 or self.what == "confirm"


@dataclass(frozen=True, slots=True)
class Script:
    """A whole year."""

    zones: Sequence[str]  #: of each person
    acts: Sequence[Act]  #: in order of time
    outages: Sequence[tuple[int, int]]  #: from, and until before
    ends: int  #: minute

    def awake(self, minute: int) -> int:
        """The first minute from this one on at which the program runs."""
        for begins, ends in self.outages:
            if begins <= minute < ends:
                return ends
        return minute

    def reaches(self, act: Act) -> int:
        """When the program learns of an act."""
        return self.awake(act.at) if act.by_patient else act.at


def up_to(lot: Random, minutes: int) -> int:
    """A stretch on the grid, shorter than so many minutes."""
    return TICK * lot.randrange(max(1, minutes // TICK))
