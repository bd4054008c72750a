"""A simulated year, drawn by lot: who does what, and when."""

from __future__ import annotations

from random import Random

from tests.soak.year_script import (
    AREAS,
    DAY,
    HOUR,
    TICK,
    WEEK,
    ZONES,
    Act,
    Script,
    up_to,
)
from tests.soak.year_series import series

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
LAST_MOMENT = 10  # moved or called off within two hours of its beginning
BY_CLINIC = 50


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
        found, number = series(lot, person, visits, ends)
        acts += found
        visits += number
    acts = [act for act in acts if act.at < ends]
    acts.sort(key=lambda act: act.at)
    return Script(zones, tuple(acts), _outages(lot, ends), ends)


def _outages(lot: Random, ends: int) -> tuple[tuple[int, int], ...]:
    """Three: of hours, of a day and more, of most of a week."""
    third = ends // 3
    lengths = (3 * HOUR, 30 * HOUR, 5 * DAY)
    found = []
    for place, length in enumerate(lengths):
        begins = place * third + up_to(lot, third - length - DAY)
        found.append((begins, begins + length))
    return tuple(found)


def _moods(lot: Random, person: int, ends: int) -> list[Act]:
    acts = []
    for mood, share, back in MOODS:
        if lot.randrange(100) >= share:
            continue
        at = TICK + up_to(lot, ends // (4 if ":" in mood else 1))
        acts.append(Act(at, person, mood))
        if lot.randrange(100) < (TAKEN_BACK if ":" in mood else 70):
            acts.append(Act(at + TICK + up_to(lot, ends // 4), person, back))
    return acts


def _course(lot: Random, person: int, visit: int, ends: int) -> list[Act]:
    """All that becomes of one visit."""
    starts = WEEK + up_to(lot, ends - WEEK)
    lead = lot.choice((36 * HOUR, 10 * DAY, 60 * DAY))
    at = max(TICK, starts - TICK - up_to(lot, lead))
    area, months = lot.choice(AREAS), lot.choice((0, 1, 3, 6))

    def act(what: str, when: int) -> Act:
        midway = lot.random() < 0.5
        return Act(when, person, what, visit, starts, area, months, midway)

    acts = [act("book", at)]
    for _ in range(2):
        if lot.randrange(100) < MOVED and starts - at > 2 * TICK:
            at += TICK + up_to(lot, starts - at - TICK)
            starts = max(at + TICK, starts - 3 * DAY + up_to(lot, 17 * DAY))
            acts.append(act("move", at))
    if lot.randrange(100) < CONFIRMED and starts - at > 2 * TICK:
        acts.append(act("confirm", at + TICK + up_to(lot, starts - at - TICK)))
    if lot.randrange(100) < LAST_MOMENT and starts - acts[-1].at > 9 * TICK:
        at = starts - TICK - up_to(lot, 2 * HOUR)
        if lot.randrange(100) < BY_CLINIC:
            acts.append(act("call_off", at))
            return acts
        starts += DAY + up_to(lot, 10 * DAY)
        acts.append(act("move", at))
    if lot.randrange(100) < CANCELLED and starts - at > 2 * TICK:
        what = "call_off" if lot.randrange(100) < BY_CLINIC else "cancel"
        at = acts[-1].at
        acts.append(act(what, at + TICK + up_to(lot, starts - at)))
        return acts
    how = lot.randrange(100)
    if how < MISSED:
        at = max(starts, acts[-1].at + TICK) + lot.choice((0, up_to(lot, 3 * DAY)))
        acts.append(act("attend" if how < ATTENDED else "miss", at))
        if lot.randrange(100) < SLIPS:
            for what in ("miss", "attend"):
                at += TICK + up_to(lot, 2 * DAY)
                acts.append(act(what, at))
    return acts
