"""A person's visits as a calendar file.

Its entries keep their names and count their revisions, so that a later file moves or
ends what an earlier one brought. What stands in a calendar is seen by others: it names
no treatment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.paper.calendar import Entry, calendar_of, name_of
from dialogs.visits import OPEN, OUTCOMES, Status, Visit

#: What was is not told again, and what was not agreed to was never told.
_NEVER_IN_IT = OUTCOMES | {Status.PROPOSED, Status.LAPSED}

#: Name of the file.
FILE_NAME = "visits.ics"

#: Room that a visit takes in a calendar; the clinic does not say how long it lasts.
VISIT_LASTS = timedelta(hours=1)


def visits_sheet(
    visits: Iterable[Visit], *, subject: str, name: str, summary: str, now: datetime
) -> dict[str, Any]:
    """Visits to come, and those called off, as plain values for the press to write.

    Args:
        subject: whose visits they are, for names that stay the same.
        name: of the calendar.
        summary: the line others may see.
    """
    return {
        "layout": "visits",
        "name": name,
        "now": now.isoformat(),
        "entries": [
            {
                "uid": name_of(subject, visit.id),
                "sequence": visit.revision + (visit.status not in OPEN),
                "begins": visit.starts_at.isoformat(),
                "zone": visit.zone,
                "summary": summary,
                "place": visit.place,
                "cancelled": visit.status not in OPEN,
            }
            for visit in visits
            if visit.status not in _NEVER_IN_IT
        ],
    }


def visits_from(sheet: Mapping[str, Any]) -> bytes:
    """The file of such a sheet."""
    entries = []
    for one in sheet["entries"]:
        zone = ZoneInfo(one["zone"])
        begins = datetime.fromisoformat(one["begins"]).astimezone(zone)
        entries.append(
            Entry(
                uid=one["uid"],
                sequence=one["sequence"],
                begins=begins,
                ends=(begins + VISIT_LASTS),
                summary=one["summary"],
                place=one["place"],
                cancelled=one["cancelled"],
            )
        )
    now = datetime.fromisoformat(sheet["now"])
    return calendar_of(entries, name=sheet["name"], now=now)
