"""Why a patient was reminded of a visit, or was not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.desk.errand import Errand
from bot.desk.registry import command, says
from bot.roles import EVERYONE
from bot.store import reminders, visits
from bot.store.reminders import ReminderRow
from dialogs.visit_screens import moment

VISITS_SHOWN = 3  # the latest; each may have a dozen reminders

_AT = {"weekday": 3, "day": 5, "month": 3, "year": 2026, "time": "9:00"}
_SENT = {"kind": "before_1_day", "status": "sent", "at": _AT, "reason": ""}
_NOT = {"kind": "recall", "status": "skipped", "at": None, "reason": "no_consent"}
WHY = says(
    "desk_why",
    name="Ana",
    visits=({**_AT, "visit_status": "lapsed", "lines": (_SENT, _NOT)},),
)


@command("why", EVERYONE)
def why(errand: Errand) -> None:
    """Tell of each reminder of a patient's latest visits what became of it, and why."""
    rows = visits.of_person(errand.connection, errand.patient.person)[-VISITS_SHOWN:]
    told = [
        {
            **_moment(errand, row.starts_at),
            "visit_status": row.status,
            "lines": [
                _line(errand, one)
                for one in reminders.of_visit(errand.connection, row.id)
                if one.revision == row.revision
            ],
        }
        for row in rows
    ]
    errand.record()
    errand.say(WHY, {"name": errand.name(), "visits": told})


def _line(errand: Errand, one: ReminderRow) -> dict[str, Any]:
    at = one.ended_at if one.status == "sent" else None
    if one.status == "pending":
        at = one.due_at
    return {
        "kind": one.kind,
        "status": one.status,
        "at": _moment(errand, at) if at else None,
        "reason": one.reason or "",
    }


def _moment(errand: Errand, at: datetime) -> dict[str, object]:
    return moment(at.astimezone(errand.tools.zone))
