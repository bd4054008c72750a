"""Dates proposed to a patient in a simulated year: drawn by lot, before anything runs.

Nobody here knows what becomes of them: whoever answers says what they have to say to
whichever dates stand on their screen by then, and what the team does may have become
impossible.
"""

from __future__ import annotations

from random import Random

from tests.soak.year_script import AREAS, DAY, HOUR, TICK, WEEK, Act, up_to

SHARE = 35  # of patients in a hundred who are proposed dates
MOST = 3  # dates at once
ANSWERS = ("agree", "agree", "agree", "decline", "wish", "wish")
ELSEWHERE = 20  # moved by the team, in a hundred
CALLED_OFF = 8
ANYWAY = 15  # booked by the team, whatever was answered
CAME = 70


def series(lot: Random, person: int, first: int, ends: int) -> tuple[list[Act], int]:
    """All that becomes of some dates proposed at once, and how many they are.

    Args:
        first: running number of the first visit.
    """
    if lot.randrange(100) >= SHARE:
        return [], 0
    count = lot.randint(1, MOST)
    lead = lot.choice((20 * HOUR, 3 * DAY, 5 * DAY, 30 * DAY))
    at = TICK + up_to(lot, ends - WEEK)
    starts = at + TICK + up_to(lot, lead)
    gap = lot.choice((WEEK, 2 * WEEK, 4 * WEEK))
    area, months = lot.choice(AREAS), lot.choice((0, 1, 3))
    midway = lot.random() < 0.5
    acts: list[Act] = []
    for place in range(count):
        begins = starts + place * gap
        visit = first + place
        acts.append(
            Act(at, person, "propose", visit, begins, area, months, midway=midway)
        )
        acts += _what_the_team_does(lot, person, visit, at, begins)
    for _ in range(lot.choice((0, 1, 1, 2))):
        when = at + TICK + up_to(lot, lot.choice((DAY, starts - at + DAY, count * gap)))
        answers = tuple(lot.choice(ANSWERS) for _ in range(lot.randint(1, MOST)))
        acts.append(Act(when, person, "answer", answers=answers))
    return acts, count


def _what_the_team_does(
    lot: Random, person: int, visit: int, at: int, starts: int
) -> list[Act]:
    acts = []

    def act(what: str, when: int, to: int = 0) -> None:
        midway = lot.random() < 0.5
        acts.append(Act(when, person, what, visit, to, midway=midway))

    if lot.randrange(100) < ELSEWHERE:
        when = at + TICK + up_to(lot, starts - at)
        starts = max(when + TICK, starts - 3 * DAY + up_to(lot, 12 * DAY))
        act("move", when, starts)
    if lot.randrange(100) < ANYWAY:
        act("book_anyway", max(at + TICK, starts - TICK - up_to(lot, 36 * HOUR)))
    if lot.randrange(100) < CALLED_OFF:
        act("call_off", max(at + TICK, starts - TICK - up_to(lot, 5 * DAY)))
        return acts
    how = "attend" if lot.randrange(100) < CAME else "miss"
    act(how, starts + TICK + up_to(lot, 2 * DAY))
    return acts
