"""What becomes of every visit in a simulated year, found without the program.

Minute by minute: in each first what patients do, then the team, then the words that a
proposed date is due, and at its end the dates that nobody has answered in time. Nothing
here knows how the program reckons.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.soak.year_script import DAY, HOUR, Act, Script
from tests.soak.year_wall import NEVER, Wall

PROPOSED, LAPSED, STANDS, CAME = "proposed", "lapsed", "stands", "attended"
MISSED, OFF, GONE = "missed", "off", "gone"

#: What the team does: to which visits it can be done, and what they are then.
_BECOMES = {
    "move": ((PROPOSED, STANDS), ""),
    "call_off": ((PROPOSED, STANDS), OFF),
    "cancel": ((PROPOSED, STANDS), GONE),
    "book_anyway": ((PROPOSED, LAPSED), STANDS),
    "attend": ((STANDS, CAME, MISSED), CAME),
    "miss": ((STANDS, CAME, MISSED), MISSED),
}

#: What comes first in a minute.
_PATIENTS, _TEAM, _TEAM_MIDWAY, _WORDS, _LAPSES = range(5)


@dataclass(slots=True)
class Stretch:
    """A time in which a visit was in one status at one moment."""

    begins: int
    status: str
    revision: int
    starts: int
    ends: int = NEVER


@dataclass(slots=True)
class Course:
    """One visit, from its booking on."""

    person: int
    area: str
    upkeep_months: int
    stretches: list[Stretch] = field(default_factory=list)

    def at(self, minute: int) -> Stretch | None:
        """What it was at a minute, after all that happened in it."""
        found = [s for s in self.stretches if s.begins <= minute]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True, order=True)
class Sent:
    """One reminder that a patient gets."""

    at: int
    visit: int
    revision: int
    kind: str


class Moods:
    """Who is there, wants to hear something, and has agreed to what."""

    def __init__(self, script: Script) -> None:
        self._of: dict[int, list[tuple[int, str]]] = {}
        for act in script.acts:
            if act.by_patient:
                wrote = act.what in ("confirm", "answer")
                mood = "wrote" if wrote else act.what
                known = self._of.setdefault(act.person, [])
                known.append((script.reaches(act), mood))

    def until(self, person: int, minute: int) -> list[tuple[int, str]]:
        """What somebody did up to a minute, in order."""
        return [one for one in self._of.get(person, ()) if one[0] <= minute]

    def hears(self, person: int, minute: int) -> bool:
        """Whether somebody has neither blocked the bot nor asked for silence."""
        quiet = blocked = False
        for _, what in self.until(person, minute):
            blocked = what == "block"  # whoever writes is there again
            if what in ("stop", "start"):
                quiet = what == "stop"
        return not (blocked or quiet)


class Courses:
    """Lives the year.

    Attributes:
        of: every visit by its number.
        words: about proposed dates, as patients get them.
        lapses: minute and visit.
    """

    def __init__(
        self, script: Script, walls: Callable[[str], Wall], moods: Moods
    ) -> None:
        self._script = script
        self._walls = walls
        self._moods = moods
        self.of: dict[int, Course] = {}
        self.words: list[Sent] = []
        self.lapses: list[tuple[int, int]] = []
        self._known: dict[int, dict[tuple[int, int], str]] = {}
        #: what somebody has seen of proposed dates, and said of them
        self._ahead: list[tuple[int, int, int, Callable[[int], None]]] = []
        self._each = count()  # what is expected of one minute happens in this order
        for act in script.acts:
            if act.what == "answer":
                self._expect(script.reaches(act), _PATIENTS, self._answers(act))
            elif act.visit != -1 and act.what != "confirm":  # it stands as before
                order = _TEAM_MIDWAY if act.midway else _TEAM
                self._expect(act.at, order, self._acts(act))
        while self._ahead:
            minute, _, _, happen = heapq.heappop(self._ahead)
            happen(minute)

    def of_person(self, person: int) -> list[tuple[int, Course]]:
        """Somebody's visits with their numbers."""
        return [one for one in self.of.items() if one[1].person == person]

    def _expect(self, minute: int, order: int, happen: Callable[[int], None]) -> None:
        if minute < self._script.ends:
            heapq.heappush(self._ahead, (minute, order, next(self._each), happen))

    # -- the team ----------------------------------------------------------------------

    def _acts(self, act: Act) -> Callable[[int], None]:
        def happen(minute: int) -> None:
            if act.what in ("book", "propose"):
                course = Course(act.person, act.area, act.upkeep_months)
                self.of[act.visit] = course
                status = STANDS if act.what == "book" else PROPOSED
                self._put(act.visit, Stretch(minute, status, 1, act.starts))
                return
            course = self.of[act.visit]
            last = course.stretches[-1]
            sources, status = _BECOMES[act.what]
            if last.status not in sources:
                return
            if act.what == "move":
                moved = Stretch(minute, last.status, last.revision + 1, act.starts)
                self._put(act.visit, moved)
                return
            if last.status == PROPOSED and status == OFF:
                status = GONE  # its patient is not told
            self._put(act.visit, Stretch(minute, status, last.revision, last.starts))

        return happen

    def _put(self, number: int, stretch: Stretch) -> None:
        course = self.of[number]
        if course.stretches:
            course.stretches[-1].ends = stretch.begins
        course.stretches.append(stretch)
        if stretch.status != PROPOSED:
            return
        ends = kept_until(stretch)
        wall = self._walls(self._script.zones[course.person])
        awake = self._script.awake
        self._expect(awake(ends), _LAPSES, self._lapses(number, stretch))
        first = stretch.begins
        for kind, aim, last in (
            ("proposal", first, ends - HOUR),
            ("proposal_again", ends - DAY, ends - 4 * HOUR),
        ):
            due = wall.decent(aim)
            if due > last or (kind == "proposal_again" and aim < first + 12 * HOUR):
                continue
            word = self._word(kind, number, stretch, last)
            self._expect(awake(max(due, first)), _WORDS, word)

    # -- the program -------------------------------------------------------------------

    def _lapses(self, number: int, stretch: Stretch) -> Callable[[int], None]:
        def happen(minute: int) -> None:
            if self.of[number].stretches[-1] is stretch:
                lapsed = Stretch(minute, LAPSED, stretch.revision, stretch.starts)
                self._put(number, lapsed)
                self.lapses.append((minute, number))

        return happen

    def _word(
        self, kind: str, number: int, stretch: Stretch, last: int
    ) -> Callable[[int], None]:
        course = self.of[number]
        name = (number, stretch.revision)
        wall = self._walls(self._script.zones[course.person])

        def happen(minute: int) -> None:
            if course.stretches[-1] is not stretch or minute > last:
                return
            known = self._known.get(course.person, {})
            if not self._moods.hears(course.person, minute):
                return
            if name in known if kind == "proposal" else known.get(name) == "wish":
                return
            decent = wall.decent(minute)
            if decent == minute:
                self.words.append(Sent(minute, number, stretch.revision, kind))
                self._sees(course.person, minute)
            elif decent <= last:
                self._expect(self._script.awake(decent), _WORDS, happen)

        return happen

    # -- patients ----------------------------------------------------------------------

    def _dates(
        self, person: int, status: str, minute: int
    ) -> list[tuple[int, Stretch]]:
        """Somebody's dates to come in a status, by their beginning."""
        found = [
            (number, course.stretches[-1])
            for number, course in self.of_person(person)
            if course.stretches[-1].status == status
            and course.stretches[-1].starts > minute
        ]
        return sorted(found, key=lambda one: one[1].starts)

    def _sees(self, person: int, minute: int) -> None:
        """All that stands on the screen is known from here on."""
        known = self._known.get(person, {})
        shown = [
            (number, stretch.revision)
            for status in (PROPOSED, LAPSED)
            for number, stretch in self._dates(person, status, minute)
        ]
        self._known[person] = {name: known.get(name, "") for name in shown}

    def _says(self, person: int, minute: int, name: tuple[int, int], said: str) -> None:
        self._known.setdefault(person, {})[name] = said
        self._sees(person, minute)

    def _asked(
        self, person: int, status: str, minute: int
    ) -> tuple[int, Stretch] | None:
        known = self._known.get(person, {})
        for number, stretch in self._dates(person, status, minute):
            if not known.get((number, stretch.revision)):
                return number, stretch
        return None

    def _answers(self, act: Act) -> Callable[[int], None]:
        person = act.person

        def happen(minute: int) -> None:
            for answer in act.answers:
                if asked := self._asked(person, PROPOSED, minute):
                    number, stretch = asked
                    name = number, stretch.revision
                    if answer == "wish":
                        self._says(person, minute, name, "wish")
                        continue
                    status = STANDS if answer == "agree" else GONE
                    self._put(number, Stretch(minute, status, name[1], stretch.starts))
                elif (late := self._asked(person, LAPSED, minute)) and answer != "wish":
                    number, stretch = late
                    said = "still" if answer == "agree" else "forgone"
                    self._says(person, minute, (number, stretch.revision), said)
                else:
                    return

        return happen


def kept_until(stretch: Stretch) -> int:
    """When a proposed date is free again: a day ahead of it; its patient has a day to
    answer, and none beyond its beginning."""
    return min(stretch.starts, max(stretch.starts - DAY, stretch.begins + DAY))
