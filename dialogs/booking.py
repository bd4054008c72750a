"""What the team does to a patient's visits, in the patient's chat and beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from zoneinfo import ZoneInfo

from dialogs.clinician_plan import ClinicianPlan
from dialogs.effects import ActOnVisit, BookVisit, Button, MoveVisit, Rows
from dialogs.inputs import StaffBooked, StaffListed, StaffMarked, VisitUnreminded
from dialogs.reminders import later
from dialogs.turn import Turn
from dialogs.visit_screens import account_of, named, said_of
from dialogs.visits import OPEN, NotPossible, Status, Visit

MAX_SHOWN = 8  # visits in one note

#: Alarms of one person that are put right in their place.
MAX_ALARMS = 10

_WEEKS_IN_A_MONTH = 4

#: What stands on the button of each act, after the visit's place in the list.
SIGNS = {
    "book": "+",
    "move": "⇄",
    "cancel": "⊘",  # not the sign of a visit missed
    "attend": "✓",
    "miss": "✗",
    "cancel_late": "⏰",
}


def booked(turn: Turn, event: StaffBooked) -> None:
    """Book a visit, or give one another time; its patient hears of it by a receipt."""
    starts_at = datetime.fromisoformat(event.at)
    if event.visit:
        _move(turn, event, starts_at)
        return
    if any(v.starts_at == starts_at and v.stands for v in turn.session.visits):
        return  # two of the team pressed at once
    area = event.area or turn.session.area
    plan = plan_for(turn, area)
    number = next(numbers_left(turn, area)) if plan else 0
    book = BookVisit(starts_at, area, number, upkeep_months(plan))
    turn.effects.append(book)
    turn.call_staff(
        "visit_booked",
        {
            "visit": _about(turn, starts_at, area, number),
            "by": event.by,
            "moved": False,
            "open": turn.house.takes_visits(starts_at),
        },
        rows=_next_of_series(turn, plan, number, starts_at),
        replies_to=event.note,
    )


def _move(turn: Turn, event: StaffBooked, starts_at: datetime) -> None:
    visit = named(turn.session, event.visit)
    if visit is None or visit.status not in OPEN:
        turn.call_staff("visit_gone", replies_to=event.note)
        return
    moved = visit.moved(starts_at, turn.now)
    _put(turn, moved)
    turn.effects.append(MoveVisit(visit.id, starts_at))
    data = {
        "visit": said_of(moved, turn.house),
        "by": event.by,
        "moved": True,
        "open": turn.house.takes_visits(starts_at),
    }
    turn.call_staff("visit_booked", data, replies_to=event.note)


def marked(turn: Turn, event: StaffMarked) -> None:
    """Write down how a visit went, or call it off."""
    visit = named(turn.session, event.visit)
    try:
        if visit is None:
            raise NotPossible(event.act)
        done = visit.done(event.act, turn.now)
    except NotPossible:
        turn.call_staff("visit_gone", replies_to=event.note)
        return
    _put(turn, done)
    turn.effects.append(ActOnVisit(visit.id, event.act, by_clinic=True))
    data = {"visit": said_of(done, turn.house), "by": event.by}
    turn.call_staff("visit_marked", data, replies_to=event.note)


def listed(turn: Turn, event: StaffListed) -> None:
    """Show the team this person's visits, each with what can be done about it."""
    shown = turn.session.visits[-MAX_SHOWN:]
    rows: list[tuple[Button, ...]] = []
    for place, visit in enumerate(shown, start=1):
        rows += _acts(visit, place, turn.now)
    acts = {button.label.removeprefix("desk_v_") for row in rows for button in row}
    plans = [ClinicianPlan.from_json(plan) for plan in turn.session.plans.values()]
    data = {
        "visits": tuple(
            {**said_of(visit, turn.house), "account": account_of(turn.session, visit)}
            for visit in shown
        ),
        "done": sum(v.status is Status.ATTENDED for v in turn.session.visits),
        "missed": sum(v.status is Status.MISSED for v in turn.session.visits),
        "plans": tuple({"area": p.area, "low": p.low, "high": p.high} for p in plans),
        "signs": tuple((sign, act) for act, sign in SIGNS.items() if act in acts),
    }
    proposes = (Button("series", "desk_series"),) if plans else ()
    turn.call_staff(
        "visits",
        data,
        rows=(*rows, (Button("book", "desk_book"), *proposes)),
        replies_to=event.note,
    )


def unreminded(turn: Turn, event: VisitUnreminded) -> None:
    """Tell the team that nothing reminds of a visit, and put that right in its place
    once something does."""
    known = turn.session.alarms
    before = known.get(event.visit, "")
    visit = named(turn.session, event.visit)
    if not event.reason:
        if before:
            about = said_of(visit, turn.house) if visit else {}
            turn.call_staff("visit_reminded", {"visit": about}, edits=before)
            left = {name: ref for name, ref in known.items() if name != event.visit}
            turn.put(alarms=left)
        return
    if visit is None or not visit.stands or visit.starts_at <= turn.now or before:
        return
    about = said_of(visit, turn.house)
    ref = turn.call_staff("visit_unreminded", {"visit": about, "reason": event.reason})
    told = {**known, event.visit: ref}
    turn.put(alarms=dict([*told.items()][-MAX_ALARMS:]))


def _acts(visit: Visit, place: int, now: datetime) -> Rows:
    name = visit.name
    acts: tuple[str, ...]
    if visit.stands and visit.starts_at <= now:
        acts = ("attend", "miss", "cancel_late")
    elif visit.status in OPEN:
        acts = ("move", "cancel")
        if visit.status is Status.PROPOSED:
            acts = ("book", *acts)  # its patient has agreed on the phone
    elif visit.status is Status.LAPSED and visit.starts_at > now:
        acts = ("book",)
    else:
        return ()
    return (
        tuple(
            Button(
                f"v_{act}:{name}", f"desk_v_{act}", {"text": f"{place} {SIGNS[act]}"}
            )
            for act in acts
        ),
    )


def _put(turn: Turn, visit: Visit) -> None:
    turn.put(
        visits=tuple(visit if v.id == visit.id else v for v in turn.session.visits)
    )


def plan_for(turn: Turn, area: str) -> ClinicianPlan | None:
    stored = turn.session.plans.get(area)
    return ClinicianPlan.from_json(stored) if stored else None


def taken(turn: Turn, area: str) -> tuple[Visit, ...]:
    """Visits of an area that are done, to come or proposed."""
    return tuple(
        visit
        for visit in turn.session.visits
        if visit.area == area
        and (visit.status in OPEN or visit.status is Status.ATTENDED)
    )


def numbers_left(turn: Turn, area: str) -> Iterator[int]:
    """The numbers that the next visits of an area get: first those that were taken back
    or not answered. A visit without a number counts as the first that is left."""
    here = taken(turn, area)
    used = {visit.number for visit in here}
    left = (number for number in count(1) if number not in used)
    return islice(left, sum(not visit.number for visit in here), None)


def upkeep_months(plan: ClinicianPlan | None) -> int:
    """When the clinician wants to see them again after the last visit."""
    if plan is None or not plan.upkeep_low:
        return 0
    if plan.upkeep_unit == "month":
        return plan.upkeep_low
    return max(1, plan.upkeep_low // _WEEKS_IN_A_MONTH)


def _about(
    turn: Turn, starts_at: datetime, area: str, number: int
) -> dict[str, object]:
    visit = Visit(
        id=0,
        starts_at=starts_at,
        zone=turn.house.zone,
        status=Status.BOOKED,
        revision=1,
        booked_at=turn.now,
        changed_at=turn.now,
        area=area,
        number=number,
    )
    return said_of(visit, turn.house)


def _next_of_series(
    turn: Turn, plan: ClinicianPlan | None, number: int, starts_at: datetime
) -> Rows:
    """The next visit of the clinician's plan, to be confirmed with one tap."""
    if plan is None or not plan.gap_low or number >= plan.high:
        return ()
    zone = ZoneInfo(turn.house.zone)
    months = plan.gap_low if plan.gap_unit == "month" else 0
    days = 0 if months else plan.gap_low * 7
    following = later(starts_at, zone, months, days)
    here = following.astimezone(zone)
    at = following.astimezone(UTC).strftime("%Y%m%d%H%M")
    say = {"text": f"+ {number + 1}: {here:%Y-%m-%d %H:%M}"}
    return ((Button(f"book_at:{at}", "desk_book_at", say),),)
