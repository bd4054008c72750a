"""The visits of a clinician's plan, proposed at once: when each may take place.

The days follow from the first one and from what the clinician wrote between two visits,
never nearer to each other than that, on days on which the clinic is open at that hour.
Nothing is booked: the patient answers one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogs.booking import numbers_left, plan_for, taken, upkeep_months
from dialogs.clinician_plan import ClinicianPlan
from dialogs.effects import BookVisit
from dialogs.inputs import StaffProposed
from dialogs.reminders import later, on_the_wall
from dialogs.turn import Turn
from dialogs.visit_screens import moment
from dialogs.visits import OPEN

_DAYS_A_WEEK = 7

Hours = Mapping[int, tuple[time, time]]


def propose(turn: Turn, event: StaffProposed) -> None:
    """Propose what is left of the plan; the patient hears of it outside quiet hours."""
    area = _area(turn)
    plan = plan_for(turn, area)
    first = datetime.fromisoformat(event.at)
    reason = ""
    if area in turn.session.closed() or turn.session.stopped:
        reason = "held"
    elif plan is None:
        reason = "no_plan"
    elif (count := plan.low - len(taken(turn, area))) <= 0:
        reason = "full"
    elif count > 1 and not plan.gap_low:
        reason = "no_gap"
    elif any(v.starts_at == first and v.status in OPEN for v in turn.session.visits):
        reason = "taken"
    if plan is None or reason:
        why = {"reason": reason, "area": area}
        turn.call_staff("series_not", why, replies_to=event.note)
        return
    zone = ZoneInfo(turn.house.zone)
    starts = dates(first, plan, count, zone, turn.house.open_hours)
    numbered = tuple(zip(numbers_left(turn, area), starts, strict=False))
    months = upkeep_months(plan)
    for place, at in numbered:
        turn.effects.append(BookVisit(at, area, place, months, proposed=True))
    data = {
        "area": area,
        "by": event.by,
        "visits": tuple(
            {**moment(at.astimezone(zone)), "number": place} for place, at in numbered
        ),
        "more": plan.high - plan.low,
        "high": plan.high,
    }
    turn.call_staff("series_proposed", data, replies_to=event.note)


def _area(turn: Turn) -> str:
    """The area the chat is about, or the only one with a plan."""
    plans = turn.session.plans
    if turn.session.area in plans or len(plans) != 1:
        return turn.session.area
    return next(iter(plans))


def dates(
    first: datetime, plan: ClinicianPlan, count: int, zone: ZoneInfo, open_hours: Hours
) -> tuple[datetime, ...]:
    """When so many visits begin, in UTC.

    The first is where the team put it. Each of the others is counted from the one
    before, and put off day by day to one on which the clinic is open at that hour; an
    hour at which it never is stays as it is.
    """
    wall = first.astimezone(zone).time()
    found = [first.astimezone(UTC)]
    while len(found) < count:
        months = plan.gap_low if plan.gap_unit == "month" else 0
        days = 0 if months else plan.gap_low * _DAYS_A_WEEK
        day = later(found[-1], zone, months, days).astimezone(zone).date()
        for ahead in range(_DAYS_A_WEEK):
            if _is_open(day + timedelta(days=ahead), wall, open_hours):
                day += timedelta(days=ahead)
                break
        found.append(on_the_wall(datetime.combine(day, wall), zone))
    return tuple(found)


def _is_open(day: date, wall: time, open_hours: Hours) -> bool:
    opens, closes = open_hours.get(day.weekday(), (wall, wall))
    return opens <= wall < closes
