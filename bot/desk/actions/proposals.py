"""Visits proposed to a patient: all of a plan at once, and who has to answer."""

from __future__ import annotations

from bot.desk.actions.booking import NOT_A_TIME
from bot.desk.errand import About, Errand
from bot.desk.registry import asks, button, command, says
from bot.roles import EVERYONE
from bot.store import topics, visits
from dialogs.inputs import StaffProposed
from dialogs.visit_screens import WISH, moment
from dialogs.visits import free_again
from dialogs.when import NotATime, read_when

MOST_LISTED = 10

_AT = {"weekday": 3, "day": 5, "month": 3, "year": 2026, "time": "9:00"}
_ANA = {
    "name": "Ana",
    "number": 7,
    "link": "",
    "minutes": 75,
    "wish": True,
    "until": _AT,
}
HOW = asks("desk_series_how", "series", name="Ana")
WAITING = says("desk_proposed", lines=({**_AT, **_ANA},), more=True)


@command("series", EVERYONE)
def series(errand: Errand) -> None:
    """Propose all that is left of the clinician's plan; the first at a time typed."""
    if not errand.argument:
        ask_first(errand)
        return
    try:
        at = read_when(errand.argument, errand.now, errand.tools.zone)
    except NotATime as fault:
        errand.say(NOT_A_TIME, {"reason": str(fault)})
        return
    errand.action = "propose visits"
    errand.record()
    errand.give(StaffProposed(at.isoformat(), errand.by, errand.note))


@button("series", EVERYONE)
def ask_first(errand: Errand) -> None:
    """When the first one may begin."""
    errand.say(HOW, {"name": errand.name()}, prompt="")


@command("proposed", EVERYONE, about_patient=False)
def proposed(errand: Errand) -> None:
    """Proposed visits that wait for an answer, the nearest first."""
    rows = visits.proposed(errand.connection, errand.now, MOST_LISTED + 1)
    lines = []
    for row in rows[:MOST_LISTED]:
        assert row.person_id is not None
        errand.about = About(row.person_id, row.key_id)
        try:
            name, told = errand.name(), errand.session().get("offered", {})
        finally:
            errand.about = None
        topic = topics.of(errand.connection, row.person_id)
        thread = topic.thread_id if topic else None
        waits = errand.now - row.booked_at
        ends = free_again(row.starts_at, row.booked_at)
        lines.append(
            {
                **moment(row.starts_at.astimezone(errand.tools.zone)),
                "name": name,
                "number": row.person_id,
                "link": errand.tools.room.link(thread) if thread else "",
                "minutes": int(waits.total_seconds() // 60),
                "until": moment(ends.astimezone(errand.tools.zone)),
                "wish": told.get(f"{row.id}.{row.revision}") == WISH,
            }
        )
    errand.record()
    errand.say(WAITING, {"lines": lines, "more": len(rows) > MOST_LISTED})
