"""When a reminder is due, until when it is useful, and why there may be none.

Kinds are data (reminders.toml). What is planned here is looked at again when it falls
due (`dialogs.visiting`): a plan is about time alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from dialogs.errors import DialogError
from dialogs.visits import STANDING, Status, Visit

#: What a reminder counts from: when the visit got its time, when it begins, when it
#: lapses if nobody answers, when it was cancelled, or when the person asked for it.
From = Literal["booked", "start", "lapse", "cancelled", "asked"]

#: Why a reminder was not sent. Each has its words in templates/<lang>/visits.toml.
Reason = Literal[
    # known when it is planned
    "off",
    "other_area",
    "no_plan",
    "late_booking",
    "quiet_hours",
    # found when it falls due
    "no_visit",
    "moved",
    "changed",
    "too_late",
    "no_health",
    "emergency",
    "wants_quiet",
    "no_consent",
    "held",
    "later_visit",
    "told_together",
    "wish",
    "came_back",
    "unreachable",
    # what became of its visit meanwhile
    "booked",
    "attended",
    "missed",
    "cancelled",
    "cancelled_late",
    "lapsed",
    # why there is none at all
    "not_joined",
    "none_planned",
]

RANKS = (0, 1, 2, 3)  # of urgency: what goes first after a silence of our own

_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Quiet:
    """The part of the day in which nothing is sent, on the patient's own clock."""

    begins: time
    ends: time

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether nothing may be sent at this moment."""
        wall = moment.astimezone(zone).time()
        if self.begins <= self.ends:
            return self.begins <= wall < self.ends
        return wall >= self.begins or wall < self.ends

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first moment from this one on at which something may be sent, in UTC."""
        if not self.holds(moment, zone):
            return moment.astimezone(UTC)
        wall = moment.astimezone(zone).replace(tzinfo=None)
        ends = datetime.combine(wall.date(), self.ends)
        if ends <= wall:
            ends += timedelta(days=1)
        return on_the_wall(ends, zone)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reminder."""

    id: str  #: also the name of its template: visits/<id>.html.j2
    on: bool  #: whether it is sent, unless the clinic says otherwise
    counts_from: From
    months: int  #: to be added to that
    days: int
    after: timedelta
    until_before_start: (
        timedelta | None
    )  #: it is useless later than so before the visit
    until_before_lapse: timedelta | None
    #: it is useless later than so before a date that nobody answers is free again
    useful: timedelta | None  #: it is useless so long after it was due
    notice: timedelta  #: it is nonsense where the visit got its time nearer than this
    statuses: frozenset[Status]  #: of the visit; empty: it is about no visit
    areas: frozenset[str]  #: it is about; empty: any
    consent: str  #: the purpose that it needs; empty: comes with the booking
    asks: bool  #: a question after a tap: a check-in
    upkeep: bool  #: the months are those of the clinician's plan
    by_clinic: bool  #: only where the clinic did it, not the patient
    rank: int  #: one of RANKS
    buttons: tuple[str, ...]  #: under it
    falls_away: frozenset[str]
    #: what makes it pointless: "later_visit", "came_back", "told_together", "held",
    #: "wish"

    @property
    def is_about_a_visit_to_come(self) -> bool:
        """Whether its preview names the day and the time of a visit."""
        return bool(self.statuses) and self.statuses <= STANDING


@dataclass(frozen=True, slots=True)
class Due:
    """When a reminder goes out."""

    at: datetime  #: in UTC
    until: datetime  #: it is not sent later than this, in UTC


@dataclass(frozen=True, slots=True)
class Skipped:
    """Why a reminder never goes out."""

    reason: Reason


Plan = Due | Skipped


class KindsError(DialogError):
    """The kinds of reminders cannot be read."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The kinds that a clinic sends, and its quiet hours."""

    kinds: Mapping[str, Kind]
    quiet: Quiet

    def with_(
        self, switched: Mapping[str, bool], quiet: tuple[time, time] | None = None
    ) -> Calendar:
        """The same with kinds switched on or off, and other quiet hours.

        Raises:
            KindsError: there is no such kind.
        """
        if unknown := switched.keys() - self.kinds.keys():
            known = ", ".join(self.kinds)
            raise KindsError(f"no kind is called {min(unknown)!r}; known: {known}")
        kinds = {
            name: replace(kind, on=switched.get(name, kind.on))
            for name, kind in self.kinds.items()
        }
        return Calendar(kinds, Quiet(*quiet) if quiet else self.quiet)

    def plan(self, visit: Visit, *, by_clinic: bool = True) -> dict[str, Plan]:
        """Every kind about this visit as it stands, by its name.

        Args:
            by_clinic: the clinic brought it there, so that its patient has to be told.
        """
        return {
            kind.id: self.when(kind, visit)
            for kind in self.kinds.values()
            if visit.status in kind.statuses and (by_clinic or not kind.by_clinic)
        }

    def when(self, kind: Kind, visit: Visit) -> Plan:
        """When a kind about this visit goes out."""
        if not kind.on:
            return Skipped("off")
        if kind.areas and visit.area not in kind.areas:
            return Skipped("other_area")
        if kind.upkeep and not visit.upkeep_months:
            return Skipped("no_plan")
        zone = ZoneInfo(visit.zone)
        months = visit.upkeep_months if kind.upkeep else kind.months
        counted = _counted(kind, visit).astimezone(zone)
        aimed = later(counted, zone, months, kind.days) + kind.after
        ahead = kind.counts_from in ("start", "lapse")
        if ahead and aimed < visit.booked_at + kind.notice:
            return Skipped("late_booking")
        return self._in_time(kind, aimed, zone, visit)

    def asked(self, kind: Kind, now: datetime, zone: ZoneInfo) -> Plan:
        """When a kind that a person asks for now goes out."""
        if not kind.on:
            return Skipped("off")
        return self._in_time(kind, now + kind.after, zone)

    def again(self, until: datetime, now: datetime, zone: ZoneInfo) -> Plan:
        """When something that fell due goes out that may not go out now."""
        at = self.quiet.after(now, zone)
        return Due(at, until) if at <= until else Skipped("quiet_hours")

    def _in_time(
        self, kind: Kind, aimed: datetime, zone: ZoneInfo, visit: Visit | None = None
    ) -> Plan:
        if visit and kind.until_before_start is not None:
            until = visit.starts_at - kind.until_before_start
        elif visit and kind.until_before_lapse is not None:
            until = visit.lapses_at - kind.until_before_lapse
        else:
            until = aimed + (kind.useful or timedelta())
        at = self.quiet.after(aimed, zone)
        if at > until:
            return Skipped("late_booking" if aimed > until else "quiet_hours")
        return Due(at, until.astimezone(UTC))


def on_the_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which clocks in a zone show this, in UTC.

    A time that clocks skip is as much later as they skip; of one that they show twice
    it is the first.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def later(moment: datetime, zone: ZoneInfo, months: int, days: int) -> datetime:
    """So many months and days on, at the same time on the wall, in UTC.

    The 31st of a month that has none is its last day.
    """
    if not months and not days:
        return moment.astimezone(UTC)
    wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    if months:
        year, month = divmod(wall.month - 1 + months, _MONTHS_OF_A_YEAR)
        year, month = wall.year + year, month + 1
        wall = wall.replace(
            year=year, month=month, day=min(wall.day, _last_day(year, month))
        )
    return on_the_wall(wall + timedelta(days=days), zone)


def _last_day(year: int, month: int) -> int:
    first_of_next = datetime(year + month // 12, month % 12 + 1, 1)  # noqa: DTZ001
    return (first_of_next - timedelta(days=1)).day


def _counted(kind: Kind, visit: Visit) -> datetime:
    match kind.counts_from:
        case "booked":
            return visit.booked_at
        case "cancelled":
            return visit.changed_at
        case "lapse":
            return visit.lapses_at
        case _:
            return visit.starts_at


def has_later_visit(visit: Visit, visits: Iterable[Visit]) -> bool:
    """Whether this patient came, or is to come, again for the same area."""
    return any(
        other.area == visit.area
        and other.starts_at > visit.starts_at
        and (other.stands or other.status is Status.ATTENDED)
        for other in visits
    )


@cache
def shipped() -> Calendar:
    """The kinds that ship.

    Raises:
        KindsError: the file has a fault.
    """
    text = (files("dialogs") / "reminders.toml").read_text("utf-8")
    return read(tomllib.loads(text))


def read(table: Mapping[str, Any]) -> Calendar:
    """Kinds from what a TOML file holds.

    Raises:
        KindsError: naming the kind and what is wrong with it.
    """
    kinds: dict[str, Kind] = {}
    for row in table["kinds"]:
        name = row.get("id", "?")
        try:
            kinds[name] = _kind(row)
        except (KeyError, TypeError, ValueError) as fault:
            raise KindsError(f"{name}: {type(fault).__name__}: {fault}") from None
    begins, ends = (time.fromisoformat(given) for given in table["quiet"])
    return Calendar(kinds, Quiet(begins, ends))


_KNOWN = frozenset(
    (
        *("id", "on", "from", "months", "days", "hours", "until_before_start"),
        *("until_before_lapse", "useful", "notice", "for", "areas"),
        *("consent", "asks", "upkeep"),
        *("by_clinic", "rank", "buttons", "falls_away"),
    )
)


#: Until when a kind is of use: each says one of these.
_ENDS = ("until_before_start", "until_before_lapse", "useful")


def _kind(row: Mapping[str, Any]) -> Kind:
    if unknown := row.keys() - _KNOWN:
        raise ValueError(f"no such key: {min(unknown)}")
    if row["from"] not in get_args(From):
        raise ValueError(f"from {row['from']!r}")
    if row["rank"] not in RANKS:
        raise ValueError(f"rank {row['rank']}")
    if sum(name in row for name in _ENDS) != 1:
        raise ValueError(f"needs one of {', '.join(_ENDS)}")
    return Kind(
        id=row["id"],
        on=row.get("on", True),
        counts_from=row["from"],
        months=row.get("months", 0),
        days=row.get("days", 0),
        after=timedelta(hours=row.get("hours", 0)),
        until_before_start=_span(row, "until_before_start"),
        until_before_lapse=_span(row, "until_before_lapse"),
        useful=_span(row, "useful"),
        notice=_span(row, "notice") or timedelta(),
        statuses=frozenset(map(Status, row.get("for", ()))),
        areas=frozenset(row.get("areas", ())),
        consent=row.get("consent", ""),
        asks=row.get("asks", False),
        upkeep=row.get("upkeep", False),
        by_clinic=row.get("by_clinic", False),
        rank=row["rank"],
        buttons=_words(row.get("buttons", ())),
        falls_away=frozenset(row.get("falls_away", ())),
    )


def _span(row: Mapping[str, Any], name: str) -> timedelta | None:
    return timedelta(**row[name]) if name in row else None


def _words(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(map(str, given))
