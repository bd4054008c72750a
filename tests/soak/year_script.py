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

#: What a patient does, by name: how often out of a hundred, and what takes it back.
MOODS = (
    ("stop", 12, "start"),
    ("block", 10, "unblock"),
    ("check_ins:yes", 60, "check_ins:no"),
    ("recalls:yes", 60, "recalls:no"),
)
TAKEN_BACK = 25  # in a hundred
MOVED = 25  # in a hundred, and again
CANCELLED = 12
CONFIRMED = 40
ATTENDED = 70
MISSED = 85  # those between are missed; the others nobody marks
SLIPS = 6  # marked wrongly, and put right later
BY_CLINIC = 50


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody does."""

    at: int  #: minute
    person: int
    what: str  #: of the team: book, move, cancel, call_off, attend, miss; or a mood
    visit: int = -1  #: running number; -1: it is about none
    starts: int = 0  #: minute at which the visit begins from then on
    area: str = ""
    upkeep_months: int = 0
    midway: bool = False  #: after reminders were fired and before their turns

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


def drawn(patients: int, weeks: int, seed: int) -> Script:
    """A year for so many."""
    lot = Random(seed)
    ends = weeks * WEEK
    zones = tuple(ZONES[one % len(ZONES)] for one in range(patients))
    acts: list[Act] = []
    visits = 0
    for person in range(patients):
        acts += _moods(lot, person, ends)
        for _ in range(lot.randint(1, 5)):
            acts += _course(lot, person, visits, ends)
            visits += 1
    acts = [act for act in acts if act.at < ends]
    acts.sort(key=lambda act: act.at)
    return Script(zones, tuple(acts), _outages(lot, ends), ends)


def _outages(lot: Random, ends: int) -> tuple[tuple[int, int], ...]:
    """Three: of hours, of a day and more, of most of a week."""
    third = ends // 3
    lengths = (3 * HOUR, 30 * HOUR, 5 * DAY)
    found = []
    for place, length in enumerate(lengths):
        begins = place * third + _up_to(lot, third - length - DAY)
        found.append((begins, begins + length))
    return tuple(found)


def _moods(lot: Random, person: int, ends: int) -> list[Act]:
    acts = []
    for mood, share, back in MOODS:
        if lot.randrange(100) >= share:
            continue
        at = TICK + _up_to(lot, ends // (4 if ":" in mood else 1))
        acts.append(Act(at, person, mood))
        if lot.randrange(100) < (TAKEN_BACK if ":" in mood else 70):
            acts.append(Act(at + TICK + _up_to(lot, ends // 4), person, back))
    return acts


def _course(lot: Random, person: int, visit: int, ends: int) -> list[Act]:
    """All that becomes of one visit."""
    starts = WEEK + _up_to(lot, ends - WEEK)
    lead = lot.choice((36 * HOUR, 10 * DAY, 60 * DAY))
    at = max(TICK, starts - TICK - _up_to(lot, lead))
    area, months = lot.choice(AREAS), lot.choice((0, 1, 3, 6))

    def act(what: str, when: int) -> Act:
        midway = lot.random() < 0.5
        return Act(when, person, what, visit, starts, area, months, midway)

    acts = [act("book", at)]
    for _ in range(2):
        if lot.randrange(100) < MOVED and starts - at > 2 * TICK:
            at += TICK + _up_to(lot, starts - at - TICK)
            starts = max(at + TICK, starts - 3 * DAY + _up_to(lot, 17 * DAY))
            acts.append(act("move", at))
    if lot.randrange(100) < CONFIRMED and starts - at > 2 * TICK:
        acts.append(act("confirm", at + TICK + _up_to(lot, starts - at - TICK)))
    if lot.randrange(100) < CANCELLED and starts - at > 2 * TICK:
        what = "call_off" if lot.randrange(100) < BY_CLINIC else "cancel"
        at = acts[-1].at
        acts.append(act(what, at + TICK + _up_to(lot, starts - at)))
        return acts
    how = lot.randrange(100)
    if how < MISSED:
        at = max(starts, acts[-1].at + TICK) + lot.choice((0, _up_to(lot, 3 * DAY)))
        acts.append(act("attend" if how < ATTENDED else "miss", at))
        if lot.randrange(100) < SLIPS:
            for what in ("miss", "attend"):
                at += TICK + _up_to(lot, 2 * DAY)
                acts.append(act(what, at))
    return acts


def _up_to(lot: Random, minutes: int) -> int:
    """A stretch on the grid, shorter than so many minutes."""
    return TICK * lot.randrange(max(1, minutes // TICK))
