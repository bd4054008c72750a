"""Days in a calendar file (RFC 5545): the plan's windows, and visits.

An entry keeps its name for ever, so that a later file moves or ends what an earlier one
brought: the same `uid` with a higher `sequence`. What is written here stands on screens
that others see, so a summary names no treatment.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from bot.phrases import Phrases
from exoplan import Unit
from exoplan.chart import Chart, Lane, Window

if TYPE_CHECKING:
    from icalendar import Event

_PRODUCT = "-//Exoplan//Exoplan//EN"

#: What stands behind a name, so that no other calendar has the same.
_WHERE = "exoplan.invalid"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a calendar shows."""

    uid: str  #: `name_of` something that stays the same for ever
    sequence: int  #: higher each time it changes
    begins: datetime | date  #: aware; a date: all day
    ends: datetime | date  #: the same kind; of a date: the day after the last
    summary: str  #: the line others may see
    about: str = ""
    place: str = ""
    tentative: bool = False  #: it may come then; nothing is booked
    cancelled: bool = False


def name_of(*parts: object) -> str:
    """A name for an entry, the same for the same parts, that tells nothing of them."""
    told = "\x1f".join(map(str, parts)).encode()
    return f"{blake2b(told, digest_size=16).hexdigest()}@{_WHERE}"


def calendar_of(entries: Iterable[Entry], *, name: str, now: datetime) -> bytes:
    """A calendar file with these entries, in UTF-8.

    Where every entry is cancelled the whole file says so (METHOD:CANCEL), and takes
    out of a calendar what an earlier one put in.

    Args:
        name: of the calendar, as its owner sees it.
        now: when the file is made; aware.
    """
    from icalendar import Calendar

    listed = tuple(entries)
    gone = bool(listed) and all(one.cancelled for one in listed)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if gone else "PUBLISH")
    calendar.add("x-wr-calname", name)
    for one in listed:
        calendar.add_component(_event(one, now))
    return bytes(calendar.to_ical())


def plan_entries(
    chart: Chart,
    phrases: Phrases,
    *,
    first: date,
    subject: str,
    sequence: int,
    cancelled: bool = False,
) -> Iterator[Entry]:
    """The windows of a plan, as if the first visit were on this day.

    Args:
        subject: whose plan it is, for names that stay the same from file to file.
        sequence: higher than that of any earlier file.
        cancelled: take them out of a calendar.
    """
    words = phrases.words.paper["calendar"]
    for lane in chart.lanes:
        for window in lane.windows:
            begins, last = _days(lane, window, first)
            about = str(words["about"]).format(day=first.isoformat())
            if last is None:
                about = f"{words['open_end']} {about}"
            yield Entry(
                uid=name_of(
                    subject, chart.area, lane.statement_id, lane.count, window.number
                ),
                sequence=sequence,
                begins=begins,
                ends=(last or begins) + timedelta(days=1),
                summary=str(words["window"]).format(n=window.number, count=lane.count),
                about=about,
                tentative=True,
                cancelled=cancelled,
            )


def sheet_of(entries: Iterable[Entry], *, name: str, now: datetime) -> dict[str, Any]:
    """A calendar of all-day entries as plain values, for the press to write."""
    return {
        "layout": "calendar",
        "name": name,
        "now": now.isoformat(),
        "entries": [
            {
                **asdict(one),
                "begins": one.begins.isoformat(),
                "ends": one.ends.isoformat(),
            }
            for one in entries
        ],
    }


def calendar_from(sheet: Mapping[str, Any]) -> bytes:
    """The file of such a sheet."""
    entries = (
        Entry(
            **{
                **one,
                "begins": date.fromisoformat(one["begins"]),
                "ends": date.fromisoformat(one["ends"]),
            }
        )
        for one in sheet["entries"]
    )
    now = datetime.fromisoformat(sheet["now"])
    return calendar_of(entries, name=sheet["name"], now=now)


def _days(lane: Lane, window: Window, first: date) -> tuple[date, date | None]:
    if lane.unit is None:
        return first, first
    begins = later(first, window.earliest or 0, lane.unit)
    if window.latest is None:
        return begins, None
    return begins, later(first, window.latest, lane.unit)


def later(day: date, count: int, unit: Unit) -> date:
    """The day so many weeks or months later; a month without that day ends it."""
    if unit is Unit.WEEK:
        return day + timedelta(weeks=count)
    months = day.year * 12 + day.month - 1 + count
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _event(one: Entry, now: datetime) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", one.uid)
    event.add("sequence", one.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", _moment(one.begins))
    event.add("dtend", _moment(one.ends))
    event.add("summary", one.summary)
    if one.about:
        event.add("description", one.about)
    if one.place:
        event.add("location", one.place)
    state = "CANCELLED" if one.cancelled else "TENTATIVE" if one.tentative else ""
    event.add("status", state or "CONFIRMED")
    event.add("transp", "TRANSPARENT" if one.tentative else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _moment(day: datetime | date) -> datetime | date:
    """A moment in UTC: every reader shows it by its own clock, and none has to trust
    the rules of a time zone that a file spells out. A day stays a day.
    """
    return day.astimezone(UTC) if isinstance(day, datetime) else day
