"""Visits to come that nothing reminds of: those of the unknown, and all that stand."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from bot.desk.errand import Errand
from bot.desk.registry import command, says
from bot.errors import SealError
from bot.roles import EVERYONE
from bot.store import alarms, topics, visits
from bot.visits import record_name
from dialogs.visit_screens import moment

MOST_LISTED = 10

_LINE = {"weekday": 3, "day": 5, "month": 3, "year": 2026, "time": "9:00"}
_ANA = {"name": "Ana", "number": 7, "link": "", "reason": "late_booking"}
NOT_HERE = says("desk_not_joined", lines=({**_LINE, "name": "Ana"},), more=2)
STANDING = says("desk_alarms", lines=({**_LINE, **_ANA},), more=True)


@command("alarms", EVERYONE, about_patient=False)
def standing(errand: Errand) -> None:
    """Visits to come that nothing reminds of, of which the team was told."""
    found = alarms.standing(errand.connection, MOST_LISTED + 1)
    lines = []
    for one in found[:MOST_LISTED]:
        line = {**_when(errand, one.starts_at), "reason": one.reason}
        if one.person_id is None:
            row = visits.by_id(errand.connection, [one.visit_id])[one.visit_id]
            who = {"name": _expected(errand, row.record_id), "number": 0, "link": ""}
        else:
            topic = topics.of(errand.connection, one.person_id)
            thread = topic.thread_id if topic else None
            who = {
                "name": errand.name_of(one.person_id),
                "number": one.person_id,
                "link": errand.tools.room.link(thread) if thread else "",
            }
        lines.append({**line, **who})
    errand.record()
    errand.say(STANDING, {"lines": lines, "more": len(found) > MOST_LISTED})


def tell_not_joined(errand: Errand, ids: Sequence[int]) -> None:
    """Tell the whole team whom nothing reaches, because they have not joined."""
    rows = visits.by_id(errand.connection, ids)
    still = [
        rows[number]
        for number in ids
        if number in rows and rows[number].person_id is None
    ]
    if not still:
        return
    lines = [
        {
            **_when(errand, row.starts_at),
            "name": _expected(errand, row.record_id),
        }
        for row in still[:MOST_LISTED]
    ]
    more = len(still) - len(lines)
    errand.say(NOT_HERE, {"lines": lines, "more": more}, everybody=True)


def _when(errand: Errand, at: datetime) -> dict[str, object]:
    return moment(at.astimezone(errand.tools.zone))


def _expected(errand: Errand, record: int | None) -> str:
    """What the clinic calls somebody who has not joined; empty where it did not say."""
    sealed = visits.sealed_name(errand.connection, record) if record else None
    if sealed is not None:
        with suppress(SealError):
            return record_name(errand.tools.keys, *sealed)
    return ""
