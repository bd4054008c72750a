"""Where a person is in their course: visits done, the next one, upkeep.

Counted from visits alone. How many there are to be, and when upkeep may come, stands
only where a clinician wrote it; nothing here changes a number.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialogs.clinician_plan import ClinicianPlan
from dialogs.house import House
from dialogs.session import Session
from dialogs.visit_screens import said_of
from dialogs.visits import Status


def course_of(session: Session, house: House, area: str) -> Mapping[str, object]:
    """Where they are in one area, for templates; empty where there is no visit.

    While a health answer keeps the area's plan shut it is the next visit alone.
    """
    here = [visit for visit in session.visits if visit.area == area]
    done = sum(visit.status is Status.ATTENDED for visit in here)
    now = session.seen_at
    ahead = [v for v in here if v.stands and (now is None or v.starts_at > now)]
    if not done and not ahead:
        return {}
    following = said_of(ahead[0], house) if ahead else {}
    if area in session.closed():
        return {"area": area, "held": True, "next": following}
    stored = session.plans.get(area)
    plan = ClinicianPlan.from_json(stored) if stored else None
    return {
        "area": area,
        "held": False,
        "next": following,
        "done": done,
        "low": plan.low if plan else 0,
        "high": plan.high if plan else 0,
        "by": plan.by if plan else "",
        "upkeep": plan.to_json() if plan and plan.upkeep_unit else {},
    }


def courses(session: Session, house: House) -> tuple[Mapping[str, object], ...]:
    """The same for every area with visits, in their order."""
    areas = dict.fromkeys(visit.area for visit in session.visits if visit.area)
    found = (course_of(session, house, area) for area in areas)
    return tuple(one for one in found if one)
