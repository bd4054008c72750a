"""What a person sees of their visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialogs.effects import Button, Rows, Screen
from dialogs.house import House
from dialogs.session import Session
from dialogs.visits import OPEN, Status, Visit

#: What is remembered of a proposed visit: its patient would rather come another time;
#: of one that is free again: they would still come, or would not.
WISH, STILL, FORGONE = "wish", "still", "forgone"

MAX_LISTED = 8  # visits on one screen
DAYS_OFFERED = 6  # on which somebody may wish to come
DAYS_AHEAD = 30  # looked through for these
WINDOW = timedelta(hours=2)  # of a day, as it is offered

#: Time zones offered beside the clinic's own, from west to east.
ZONES = (
    *("America/Los_Angeles", "America/Chicago", "America/New_York"),
    *("America/Sao_Paulo", "Europe/London", "Europe/Madrid", "Europe/Athens"),
    *("Asia/Dubai", "Asia/Kolkata", "Asia/Singapore", "Australia/Sydney"),
)

_BACK: Rows = ((Button("back", "back"),),)


def named(session: Session, name: str) -> Visit | None:
    """The visit a button names; None where it was moved since, or is not theirs."""
    return next((v for v in session.visits if v.name == name), None)


def proposals(session: Session, now: datetime | None) -> tuple[Visit, ...]:
    """Visits that the team proposes, and that are still to be agreed to.

    None of an area whose plan a health answer keeps shut: there are no numbers then.
    """
    return _to_come(session, Status.PROPOSED, now)


def lapsed(session: Session, now: datetime | None) -> tuple[Visit, ...]:
    """Dates to come that were proposed, not answered in time and are free again.

    None of an area whose plan a health answer keeps shut.
    """
    return _to_come(session, Status.LAPSED, now)


def _to_come(
    session: Session, status: Status, now: datetime | None
) -> tuple[Visit, ...]:
    closed = session.closed()
    return tuple(
        visit
        for visit in session.visits
        if visit.status is status
        and visit.area not in closed
        and (now is None or visit.starts_at > now)
    )


def listed(session: Session) -> tuple[Visit, ...]:
    """Visits to come, and the latest that were, as far as a screen has room."""
    now = session.seen_at
    offered = (*proposals(session, now), *lapsed(session, now))
    standing = [visit for visit in session.visits if visit.stands or visit in offered]
    done = [visit for visit in session.visits if visit.status is Status.ATTENDED]
    return (*done[-2:], *standing)[:MAX_LISTED]


def _latest_been(session: Session) -> Visit | None:
    """The latest visit that took place, as far as anybody knows."""
    now = session.seen_at
    been = [
        v
        for v in session.visits
        if (v.stands or v.status is Status.ATTENDED) and now and v.starts_at <= now
    ]
    return been[-1] if been else None


def said_of(visit: Visit, house: House) -> dict[str, object]:
    """What templates say of a visit."""
    return {
        "id": visit.id,
        **moment(visit.local),
        "at_clinic": _at_clinic(visit, house),
        "zone": visit.zone,
        "place": visit.place,
        "area": visit.area,
        "number": visit.number,
        "status": str(visit.status),
    }


def account_of(session: Session, visit: Visit) -> str:
    """What its patient said of how it went; empty where they said nothing."""
    return str(session.accounts.get(str(visit.id), {}).get("answer", ""))


def moment(local: datetime) -> dict[str, object]:
    """A moment as templates put it into words."""
    return {**day_of(local.date()), "time": f"{local:%H:%M}"}


def day_of(day: date) -> dict[str, object]:
    """A day as templates put it into words."""
    return {
        "weekday": day.weekday(),
        "day": day.day,
        "month": day.month,
        "year": day.year,
    }


def _at_clinic(visit: Visit, house: House) -> dict[str, object] | None:
    """The same where the clinic is, where clocks show something else there."""
    there = visit.starts_at.astimezone(ZoneInfo(house.zone))
    if there.replace(tzinfo=None) == visit.local.replace(tzinfo=None):
        return None
    return moment(there)


def visits(session: Session, house: House) -> Screen:
    """All that is booked, and what was."""
    shown = listed(session)
    numbers = (
        Button(f"visit:{visit.name}", "visit", {"number": place})
        for place, visit in enumerate(shown, start=1)
        if visit.stands
    )
    standing = tuple(numbers)
    file = (Button("visit_file", "visit_file"),) if standing else ()
    waits = proposals(session, session.seen_at) or _late(session)
    answer = (Button("proposed", "answer_proposed"),) if waits else ()
    been = _latest_been(session) if house.takes_health else None
    went = (Button(f"check:{been.name}", "how_it_went"),) if been else ()
    rows = (answer, standing, went, (*file, Button("zone", "zone")), *_BACK)
    data = {
        "visits": tuple(said_of(visit, house) for visit in shown),
        "zone": session.zone or house.zone,
        "has_staff": house.has_staff,
    }
    return Screen("visits/list", data, tuple(row for row in rows if row))


def visit(session: Session, house: House) -> Screen:
    """One visit, with everything that may be done about it."""
    found = named(session, session.about)
    if found is None or not found.stands:
        return Screen("visits/changed", {}, _BACK)
    name = found.name
    ok = found.status is Status.BOOKED
    first = (Button(f"visit_ok:{name}", "visit_ok"),) if ok else ()
    rows = (
        (*first, Button(f"visit_late:{name}", "visit_late")),
        (
            Button(f"visit_move:{name}", "visit_move"),
            Button(f"visit_cancel:{name}", "visit_cancel"),
        ),
        *_BACK,
    )
    said = said_of(found, house)
    if found.area in session.closed():
        said["number"] = 0  # of a plan that is held, none is told
    return Screen("visits/one", {"visit": said}, rows)


def proposed(session: Session, house: House) -> Screen:
    """The dates that the team proposes; each is answered by itself, in order.

    Of one that was not answered in time it asks, after the others, whether they would
    still come.
    """
    now = session.seen_at
    offered, gone = proposals(session, now), lapsed(session, now)
    asked = next((v for v in offered if not session.offered.get(v.name)), None)
    late = None if asked else _late(session)
    shown = [v for v in session.visits if v.stands or v in offered or v in gone]
    data = {
        "visits": tuple(
            {
                **said_of(visit, house),
                "asked": visit is asked,
                "said": session.offered.get(visit.name, ""),
            }
            for visit in shown[:MAX_LISTED]
        ),
        "asked": said_of(asked, house) if asked else {},
        "until": _kept_until(asked, now) if asked else None,
        "late": said_of(late, house) if late else {},
        "gone": bool(gone),
        "has_staff": house.has_staff,
    }
    if asked:
        rows: Rows = (
            (Button(f"agree_to:{asked.name}", "agree_to"),),
            (
                Button(f"visit_move:{asked.name}", "other_time"),
                Button(f"decline:{asked.name}", "decline"),
            ),
        )
    elif late:
        no = Button(f"forgo:{late.name}", "decline")
        rows = ((Button(f"still:{late.name}", "still"), no),)
    else:
        rows = ((Button("visits", "visits"),),)
    return Screen("visits/proposed", data, (*rows, *_BACK))


def _late(session: Session) -> Visit | None:
    """The first date that is free again of which they have said nothing at all."""
    gone = lapsed(session, session.seen_at)
    return next((v for v in gone if not session.offered.get(v.name)), None)


def _kept_until(visit: Visit, now: datetime | None) -> dict[str, object] | None:
    """Until when it waits for their answer; None where that is over any minute."""
    ends = visit.lapses_at
    if now is not None and ends <= now:
        return None
    return moment(ends.astimezone(ZoneInfo(visit.zone)))


def moving(session: Session, house: House) -> Screen:
    """The days on which the clinic is open next."""
    found = named(session, session.about)
    if found is None or found.status not in OPEN:
        return Screen("visits/changed", {}, _BACK)
    days = tuple(
        Button(f"wish_day:{day.isoformat()}", "wish_day", {"date": day_of(day)})
        for day in _open_days(house, _now(session, found))
    )
    rows = (
        *(days[i : i + 2] for i in range(0, len(days), 2)),
        (Button("wish:any", "wish_any"),),
        *_BACK,
    )
    return Screen("visits/moving", {"visit": said_of(found, house)}, rows)


def moving_hour(session: Session, house: House) -> Screen:
    """The hours of that day."""
    day = date.fromisoformat(session.wish_day)
    buttons = tuple(
        Button(
            f"wish:{begins:%H%M}", "wish_hour", {"text": f"{begins:%H:%M}–{ends:%H:%M}"}
        )
        for begins, ends in _windows(house, day)
    )
    rows = (
        *(buttons[i : i + 3] for i in range(0, len(buttons), 3)),
        (Button("wish:any", "wish_any"),),
        *_BACK,
    )
    return Screen("visits/moving_hour", {"date": day_of(day)}, rows)


def giving_up(session: Session, house: House) -> Screen:
    """Is it to be cancelled?"""
    found = named(session, session.about)
    if found is None or not found.stands:
        return Screen("visits/changed", {}, _BACK)
    sure = Button(f"visit_gone:{found.name}", "visit_gone")
    data = {"visit": said_of(found, house), "late": found.is_soon(_now(session, found))}
    return Screen("visits/giving_up", data, ((sure,), (Button("back", "visit_keep"),)))


def zone(session: Session, house: House) -> Screen:
    """Whose clock counts."""
    names = dict.fromkeys((house.zone, *ZONES))
    buttons = tuple(
        Button(f"zone:{name}", "zone", {"text": _city(name)}) for name in names
    )
    rows = tuple(buttons[i : i + 3] for i in range(0, len(buttons), 3))
    data = {"zone": _city(session.zone or house.zone)}
    return Screen("visits/zone", data, (*rows, *_BACK))


def _now(session: Session, visit: Visit) -> datetime:
    """When this screen was put up: a screen has no clock."""
    return session.seen_at or visit.booked_at


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


def check(session: Session, house: House) -> Screen:
    """How they are after a visit."""
    rows: Rows = (
        (Button("check_in:fine", "check_fine"),),
        (Button("check_in:unsure", "check_unsure"),),
        (Button("check_in:help", "check_help"),),
        *_BACK,
    )
    about = named(session, session.about)
    data = {
        "visit": said_of(about, house) if about else {},
        "has_staff": house.has_staff,
    }
    return Screen("visits/check", data, rows)


def recall(session: Session, house: House) -> Screen:
    """Upkeep may be due; health comes first."""
    rows: Rows = ((Button("screen_again", "screen_again"),), *_BACK)
    return Screen("visits/recall_open", {"area": session.about}, rows)


def _open_days(house: House, now: datetime) -> Iterator[date]:
    today = now.astimezone(ZoneInfo(house.zone)).date()
    offered = 0
    for ahead in range(1, DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        if day.weekday() in house.open_hours:
            yield day
            offered += 1
        if offered == DAYS_OFFERED:
            return


def _windows(house: House, day: date) -> Iterator[tuple[time, time]]:
    opens, closes = house.open_hours[day.weekday()]
    begins, end = _as_span(opens), _as_span(closes)
    while begins < end:
        yield _as_time(begins), _as_time(min(begins + WINDOW, end))
        begins += WINDOW


def _as_span(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute)


def _as_time(span: timedelta) -> time:
    minutes = span // timedelta(minutes=1)
    return time(minutes // 60, minutes % 60)


def window_named(session: Session, house: House, name: str) -> Mapping[str, object]:
    """The wish a button names, as templates put it into words; empty: any time."""
    if not session.wish_day:
        return {}
    day = date.fromisoformat(session.wish_day)
    for begins, ends in _windows(house, day):
        if f"{begins:%H%M}" == name:
            return {**day_of(day), "time": f"{begins:%H:%M}–{ends:%H:%M}"}
    return {**day_of(day), "time": ""}
