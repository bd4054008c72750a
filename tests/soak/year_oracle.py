"""What has to be sent in a simulated year, found without the program.

The rules as docs/operations.md and `dialogs/reminders.toml` tell them, followed by
looking at the clock on the wall of every zone, a quarter of an hour at a time. Nothing
here knows how the program reckons.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tests.soak.year_script import BEGINS_AT, DAY, HOUR, TICK, Act, Script

STANDS, CAME = "stands", "attended"
BEFORE = 14 * DAY  # that the clocks are looked at before the year
AFTER = 30 * DAY  # and after it
NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of reminder, as it is told."""

    kind: str
    shows: str  #: what a patient can tell it by: visit, off, check or recall
    of: str  #: status of the visit
    months: int = 0
    days: int = 0
    minutes: int = 0
    ends_before: int | None = None  #: minutes before the visit
    useful: int = 0  #: minutes, otherwise
    notice: int = 0  #: minutes
    needs: str = ""  #: the consent
    only: str = ""  #: area
    gone_if_later: bool = False


RULES = (
    Rule("receipt", "visit", STANDS, ends_before=HOUR),
    Rule("called_off", "off", "off", ends_before=0),
    Rule("before_7_days", "visit", STANDS, 0, -7, 0, 4 * DAY, notice=DAY),
    Rule("before_3_days", "visit", STANDS, 0, -3, 0, 30 * HOUR, notice=12 * HOUR),
    Rule("before_1_day", "visit", STANDS, 0, -1, 0, 3 * HOUR, notice=6 * HOUR),
    Rule("before_2_hours", "visit", STANDS, 0, 0, -120, 30, notice=2 * HOUR),
    Rule("check_1_day", "check", CAME, 0, 0, DAY, None, 30 * HOUR, 0, "check_ins"),
    Rule("check_3_days", "check", CAME, 0, 3, 0, None, 2 * DAY, 0, "check_ins"),
    Rule("check_7_days", "check", CAME, 0, 7, 0, None, 3 * DAY, 0, "check_ins"),
    Rule("check_14_days", "check", CAME, 0, 14, 0, None, 5 * DAY, 0, "check_ins"),
    Rule(
        *("review_skin", "check", CAME, 0, 42, 0, None, 14 * DAY, 0, "check_ins"),
        only="skin",
        gone_if_later=True,
    ),
    Rule("check_3_months", "check", CAME, 3, 0, 0, None, 21 * DAY, 0, "check_ins"),
    Rule(
        *("recall", "recall", CAME, -1, 0, 0, None, 60 * DAY, 0, "recalls"),
        gone_if_later=True,
    ),
)


_BECOMES = {
    "book": STANDS,
    "move": STANDS,
    "call_off": "off",
    "cancel": "gone",
    "attend": CAME,
    "miss": "missed",
}


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


class Oracle:
    """Knows what has to be sent."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._wall = cache(lambda zone: Wall(zone, script.ends))
        self.courses: dict[int, Course] = {}
        self._moods: dict[int, list[tuple[int, str]]] = {}
        for act in script.acts:
            if act.visit == -1:
                known = self._moods.setdefault(act.person, [])
                known.append((script.reaches(act), act.what))
            elif act.what != "confirm":  # it stands as before
                self._becomes(act)
            else:
                known = self._moods.setdefault(act.person, [])
                known.append((script.reaches(act), "wrote"))
        self._of: dict[int, list[Course]] = {}
        for course in self.courses.values():
            self._of.setdefault(course.person, []).append(course)

    def _becomes(self, act: Act) -> None:
        if act.what == "book":
            self.courses[act.visit] = Course(act.person, act.area, act.upkeep_months)
        course = self.courses[act.visit]
        last = course.stretches[-1] if course.stretches else None
        revision = last.revision if last else 0
        status = _BECOMES[act.what]
        if last is not None:
            last.ends = act.at
        revision += act.what in ("book", "move")
        course.stretches.append(Stretch(act.at, status, revision, act.starts))

    def all(self) -> Iterator[Sent]:
        """Everything, in no order."""
        for number, course in self.courses.items():
            for rule in RULES:
                revisions = {stretch.revision for stretch in course.stretches}
                for revision in revisions:
                    at = self._sent_at(course, rule, revision)
                    if at is not None and at < self._script.ends:
                        yield Sent(at, number, revision, rule.kind)

    def decent(self, person: int, minute: int) -> bool:
        """Whether something may be sent to somebody."""
        return self._wall(self._script.zones[person]).decent(minute) == minute

    def _sent_at(self, course: Course, rule: Rule, revision: int) -> int | None:
        if rule.only and rule.only != course.area:
            return None
        if rule.months < 0 and not course.upkeep_months:
            return None
        wall = self._wall(self._script.zones[course.person])
        for stretch in course.stretches:
            if stretch.revision != revision or stretch.status != rule.of:
                continue
            aim = self._aim(course, rule, stretch, wall)
            if rule.kind.startswith("before") and aim < stretch.begins + rule.notice:
                return None
            last = (
                aim + rule.useful
                if rule.ends_before is None
                else stretch.starts - rule.ends_before
            )
            due = wall.decent(aim)
            if due > last:
                return None
            at = self._script.awake(max(due, stretch.begins))
            while at < stretch.ends:
                if at > last or self._unwanted(course, rule, stretch, at):
                    return None
                again = wall.decent(at)
                if again == at:
                    return at
                if again > last:
                    return None
                at = self._script.awake(again)
        return None

    def _aim(self, course: Course, rule: Rule, stretch: Stretch, wall: Wall) -> int:
        if rule.kind in ("receipt", "called_off"):
            return stretch.begins
        months = course.upkeep_months if rule.months < 0 else rule.months
        if not months and not rule.days:
            return stretch.starts + rule.minutes
        shown = wall.shows(stretch.starts)
        month = shown.month - 1 + months
        year, month = shown.year + month // 12, month % 12 + 1
        day = min(shown.day, calendar.monthrange(year, month)[1])
        shown = shown.replace(year=year, month=month, day=day)
        return wall.when(shown + timedelta(days=rule.days))

    def _has_visits(self, person: int, at: int) -> bool:
        """Whether anything was booked before: only then there are such switches."""
        return any(one.stretches[0].begins < at for one in self._of[person])

    def _unwanted(self, course: Course, rule: Rule, stretch: Stretch, at: int) -> bool:
        quiet = blocked = False
        agreed = {"check_ins": False, "recalls": False}
        for when, what in self._moods.get(course.person, ()):
            if when > at:
                break
            blocked = what == "block"  # whoever writes is there again
            if what in ("stop", "start"):
                quiet = what == "stop"
            purpose, _, answer = what.partition(":")
            if answer and self._has_visits(course.person, when):
                agreed[purpose] = answer == "yes"
        if blocked or quiet or not agreed.get(rule.needs, True):
            return True
        return rule.gone_if_later and any(
            other is not course
            and other.area == course.area
            and (now := other.at(at)) is not None
            and now.starts > stretch.starts
            and now.status in (STANDS, CAME)
            for other in self._of[course.person]
        )


def in_words(found: Sequence[Sent]) -> list[str]:
    """Some of them, for a person to look into."""
    return [
        f"{BEGINS_AT + timedelta(minutes=s.at):%Y-%m-%d %H:%M} visit {s.visit}."
        f"{s.revision} {s.kind}"
        for s in found[:5]
    ]
