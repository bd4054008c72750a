"""A clinic's own timetable, from a CSV or an iCalendar file, row by row.

A row that cannot be read is refused with its reason; the rest is kept. Nothing here
writes anything.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.errors import ConfigError

MAX_WORDS = 200  # letters of a name, a place, a reference

#: Columns of a CSV file that every row needs.
NEEDED = ("uid", "patient", "start")
#: All that are read.
COLUMNS = (*NEEDED, "name", "zone", "place", "area", "number", "status")

_STATUSES = {"": False, "booked": False, "confirmed": False, "cancelled": True}
_EVENT = re.compile(r"BEGIN:VEVENT\r?\n.*?END:VEVENT", re.DOTALL)
_BEGINS = re.compile(r"^BEGIN:VCALENDAR\s*$", re.MULTILINE)
_ENDS = re.compile(r"^END:VCALENDAR\s*\Z", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Listed:
    """One visit of a timetable."""

    line: int  #: where in the file; of an iCalendar file, which event
    uid: str  #: what the clinic's calendar calls it
    patient: str  #: the clinic's own reference of its patient
    name: str
    starts_at: datetime  #: aware, in UTC
    place: str
    area: str
    number: int
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is not kept."""

    line: int
    why: str


Row = Listed | Refused


def read(path: Path, zone: str, areas: frozenset[str]) -> Iterator[Row]:
    """Every row of a timetable.

    Args:
        zone: in which times are that name none.
        areas: that a visit may be for.

    Raises:
        ConfigError: the file cannot be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise ConfigError(f"{path}: cannot be read ({fault.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    calendar = path.suffix.lower() == ".ics"
    rows = _events(path, text) if calendar else _csv_rows(path, text)
    seen: dict[str, int] = {}
    for line, fields in rows:
        if isinstance(fields, str):
            yield Refused(line, fields)
            continue
        try:
            listed = _listed(line, fields, zone, areas)
        except ValueError as fault:
            yield Refused(line, str(fault))
            continue
        if (first := seen.setdefault(listed.uid, line)) != line:
            yield Refused(line, f"uid: the same as in {first}")
            continue
        yield listed


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    table = csv.DictReader(StringIO(text, newline=""))
    names = {(name or "").strip().lower() for name in table.fieldnames or ()}
    if missing := [name for name in NEEDED if name not in names]:
        raise ConfigError(f"{path}: the first line lacks {', '.join(missing)}")
    for row in table:
        if None in row:
            yield table.line_num, "has more cells than the first line"
            continue
        yield (
            table.line_num,
            {(k or "").strip().lower(): (v or "").strip() for k, v in row.items()},
        )


def _events(path: Path, text: str) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    from icalendar import Event

    if not _BEGINS.search(text):
        raise ConfigError(f"{path}: is no iCalendar file, it has no BEGIN:VCALENDAR")
    place = 0
    called_off = re.search(r"^METHOD:CANCEL\s*$", text, re.MULTILINE) is not None
    for place, found in enumerate(_EVENT.finditer(text), start=1):
        try:
            event = Event.from_ical(found.group())
            yield place, _fields_of(event, called_off)
        except (ValueError, KeyError, IndexError, AttributeError) as fault:
            yield place, f"cannot be read ({type(fault).__name__})"
    if not _ENDS.search(text):
        yield place + 1, "the file is cut off: END:VCALENDAR is missing"


def _fields_of(event: Any, called_off: bool) -> Mapping[str, Any] | str:
    if "RRULE" in event:
        return "repeats: list each visit by itself"
    attendee = event.get("ATTENDEE")
    if isinstance(attendee, list):
        attendee = attendee[0]
    told = str(attendee or "").removeprefix("mailto:").removeprefix("MAILTO:")
    params = getattr(attendee, "params", {})
    start = event.decoded("DTSTART") if "DTSTART" in event else ""
    categories = event.get("CATEGORIES")
    area = categories.to_ical().decode().lower() if categories is not None else ""
    gone = called_off or str(event.get("STATUS", "")).upper() == "CANCELLED"
    return {
        "uid": str(event.get("UID", "")),
        "patient": str(event.get("X-PATIENT", "")) or told,
        "name": str(event.get("X-PATIENT-NAME", "") or params.get("CN", "")),
        "start": start,
        "place": str(event.get("LOCATION", "")),
        "area": area,
        "number": str(event.get("X-VISIT-NUMBER", "")),
        "status": "cancelled" if gone else "",
    }


def _listed(
    line: int, fields: Mapping[str, Any], zone: str, areas: frozenset[str]
) -> Listed:
    """The visit of a row. Raises ValueError with the reason, naming the column."""
    words = {
        name: str(fields.get(name) or "")
        for name in ("uid", "patient", "name", "place", "area", "status", "zone")
    }
    for name in ("uid", "patient"):
        if not words[name]:
            raise ValueError(f"{name}: is missing")
    for name, said in words.items():
        if len(said) > MAX_WORDS:
            raise ValueError(f"{name}: longer than {MAX_WORDS} letters")
    if words["area"] and words["area"] not in areas:
        raise ValueError(f"area: not one of {', '.join(sorted(areas))}")
    if words["status"].lower() not in _STATUSES:
        known = ", ".join(filter(None, _STATUSES))
        raise ValueError(f"status: not one of {known}")
    number = str(fields.get("number") or "0")
    if not number.isdigit() or int(number) > 99:
        raise ValueError("number: not a number from 1 to 99")
    return Listed(
        line=line,
        uid=words["uid"],
        patient=words["patient"],
        name=words["name"],
        starts_at=_moment(fields.get("start"), words["zone"] or zone),
        place=words["place"],
        area=words["area"],
        number=int(number),
        cancelled=_STATUSES[words["status"].lower()],
    )


def _moment(said: object, zone: str) -> datetime:
    if isinstance(said, datetime):
        moment = said
    elif isinstance(said, date):
        raise ValueError("start: a day without a time")
    else:
        try:
            moment = datetime.fromisoformat(str(said or ""))
        except ValueError:
            raise ValueError("start: not a time like 2026-12-03 15:30") from None
        if len(str(said)) <= len("2026-12-03"):
            raise ValueError("start: a day without a time")
    if moment.tzinfo is None:
        try:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("zone: not a time zone like Europe/Madrid") from None
    found = moment.astimezone(UTC)
    if found.astimezone(moment.tzinfo).replace(tzinfo=None) != moment.replace(
        tzinfo=None
    ):
        raise ValueError("start: clocks skip this time that day")
    return found
