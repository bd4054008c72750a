"""What has to be sent in a simulated year, found without the program.

The rules as docs/operations.md and `dialogs/reminders.toml` tell them, followed by
looking at the clock on the wall of every zone, a quarter of an hour at a time. Nothing
here knows how the program reckons.
"""

from __future__ import annotations

import calendar
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from tests.soak.year_courses import CAME, STANDS, Course, Courses, Moods, Sent, Stretch
from tests.soak.year_script import BEGINS_AT, DAY, HOUR, Script
from tests.soak.year_wall import Wall

DAY_OF_THE_DESK = timedelta(hours=7)  # begins at this hour
DAYS_WATCHED = 3  # by the desk, whether anything reminds of their visits


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

#: What becomes of a reminder: never planned, sent, kept back when its time had come, or
#: gone with the time of its visit.
End = Literal["never", "sent", "kept", "void"]


@dataclass(frozen=True, slots=True, order=True)
class Alarm:
    """A visit that nothing reminds of."""

    raised: int
    visit: int
    revision: int
    ended: int | None  #: None: it stands at the end of the year
    settled: bool  #: the team is told that nothing is left to do
    named: bool  #: by then its time is still the one that was told


class Oracle:
    """Knows what has to be sent."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._wall = cache(lambda zone: Wall(zone, script.ends))
        self._moods = Moods(script)
        self._lived = Courses(script, self._wall, self._moods)
        self.courses = self._lived.of
        self.lapses = self._lived.lapses
        self._of: dict[int, list[Course]] = {}
        for course in self.courses.values():
            self._of.setdefault(course.person, []).append(course)

    def all(self) -> Iterator[Sent]:
        """Everything, in no order."""
        yield from self._lived.words
        for number, course in self.courses.items():
            for rule in RULES:
                for revision in {stretch.revision for stretch in course.stretches}:
                    end, at = self._end(course, rule, revision)
                    if end == "sent" and at < self._script.ends:
                        yield Sent(at, number, revision, rule.kind)

    def decent(self, person: int, minute: int) -> bool:
        """Whether something may be sent to somebody."""
        return self._wall(self._script.zones[person]).decent(minute) == minute

    def shown(self, visit: int, minute: int) -> str:
        """How the clock of a visit's patient shows its beginning, as of a minute."""
        course = self.courses[visit]
        stands = course.at(minute)
        assert stands is not None
        zone = ZoneInfo(self._script.zones[course.person])
        at = (BEGINS_AT + timedelta(minutes=stands.starts)).astimezone(zone)
        return f"{at:%A} {at.day} {at:%B}, {at:%H:%M}"

    # -- reminders ---------------------------------------------------------------------

    def _end(self, course: Course, rule: Rule, revision: int) -> tuple[End, int]:
        """What becomes of a reminder, and when."""
        if rule.only and rule.only != course.area:
            return "never", 0
        if rule.months < 0 and not course.upkeep_months:
            return "never", 0
        wall = self._wall(self._script.zones[course.person])
        gone: tuple[End, int] = "never", 0
        for stretch in course.stretches:
            if stretch.revision != revision or stretch.status != rule.of:
                continue
            aim = self._aim(course, rule, stretch, wall)
            if rule.kind.startswith("before") and aim < stretch.begins + rule.notice:
                return "never", 0
            last = (
                aim + rule.useful
                if rule.ends_before is None
                else stretch.starts - rule.ends_before
            )
            due = wall.decent(aim)
            if due > last:
                return "never", 0
            at = self._script.awake(max(due, stretch.begins))
            while at < stretch.ends:
                if at > last or self._unwanted(course, rule, stretch, at):
                    return "kept", at
                again = wall.decent(at)
                if again == at:
                    return "sent", at
                if again > last:
                    return "kept", at
                at = self._script.awake(again)
            gone = "void", stretch.ends
        return gone

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
        if not self._moods.hears(course.person, at):
            return True
        agreed = {"check_ins": False, "recalls": False}
        for when, what in self._moods.until(course.person, at):
            purpose, _, answer = what.partition(":")
            if answer and self._has_visits(course.person, when):
                agreed[purpose] = answer == "yes"
        if not agreed.get(rule.needs, True):
            return True
        return rule.gone_if_later and any(
            other is not course
            and other.area == course.area
            and (now := other.at(at)) is not None
            and now.starts > stretch.starts
            and now.status in (STANDS, CAME)
            for other in self._of[course.person]
        )

    # -- alarms ------------------------------------------------------------------------

    def alarms(self, looks: Sequence[int], desk: ZoneInfo) -> Iterator[Alarm]:
        """Visits that nothing reminds of, as the desk finds them.

        Args:
            looks: the minutes in which the desk looked, in order.
            desk: the clinic's zone.
        """
        for number, course in self.courses.items():
            for stretch in course.stretches:
                if stretch.status == STANDS:
                    yield from self._alarm(number, stretch, looks, desk)

    def _alarm(
        self, number: int, stretch: Stretch, looks: Sequence[int], desk: ZoneInfo
    ) -> Iterator[Alarm]:
        course = self.courses[number]
        ends = [
            (rule.kind, *self._end(course, rule, stretch.revision))
            for rule in RULES
            if rule.of == STANDS
        ]
        over = min(stretch.ends, stretch.starts)
        soonest = max(stretch.begins, stretch.starts - (DAYS_WATCHED + 1) * DAY)
        first = bisect_left(looks, soonest)
        for place in range(first, bisect_left(looks, over)):
            minute = looks[place]
            if self._is_near(stretch, minute, desk) and not _reminded(ends, minute):
                break
        else:
            return
        after = bisect_left(looks, over, lo=place + 1)
        ended = looks[after] if after < len(looks) else None
        now = course.at(ended) if ended is not None else None
        yield Alarm(
            minute,
            number,
            stretch.revision,
            ended,
            settled=now is not None and ended is not None and now.starts > ended,
            named=now is not None and now.revision == stretch.revision,
        )

    def _is_near(self, stretch: Stretch, minute: int, desk: ZoneInfo) -> bool:
        """Whether it is on one of the days that the desk watches."""
        here = (BEGINS_AT + timedelta(minutes=minute)).astimezone(desk)
        there = (BEGINS_AT + timedelta(minutes=stretch.starts)).astimezone(desk)
        today = (here.replace(tzinfo=None) - DAY_OF_THE_DESK).date()
        return (there.date() - today).days < DAYS_WATCHED


def _reminded(ends: Sequence[tuple[str, End, int]], minute: int) -> bool:
    """Whether something goes out later than this minute, or did go out.

    A receipt is enough as long as nothing that was to follow it was kept back.
    """
    if any(end != "never" and at > minute for _, end, at in ends):
        return True
    sent = {kind for kind, end, _ in ends if end == "sent"}
    kept = any(end == "kept" for _, end, _ in ends)
    return bool(sent - {"receipt"}) or (bool(sent) and not kept)


def in_words(found: Sequence[Sent]) -> list[str]:
    """Some of them, for a person to look into."""
    return [
        f"{BEGINS_AT + timedelta(minutes=s.at):%Y-%m-%d %H:%M} visit {s.visit}."
        f"{s.revision} {s.kind}"
        for s in found[:5]
    ]
