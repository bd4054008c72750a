"""Booking a patient's visits: typed in one line, or day and hour by buttons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.desk.errand import Errand
from bot.desk.registry import asks, button, command, says
from bot.roles import EVERYONE
from bot.store import reminders, visits
from dialogs.effects import Button, Rows
from dialogs.inputs import StaffBooked, StaffListed, StaffMarked
from dialogs.visit_screens import day_of, moment
from dialogs.visits import Status
from dialogs.when import NotATime, read_when

DAYS_SHOWN = 12
HOURS_SHOWN = range(8, 20)
MOST_LISTED = 30
NEXT_HOURS = 48

_DAY = ((Button("book_day:20260305", "desk_book_day", {"text": "Thu 5 Mar"}),),)
_LINE = {"weekday": 3, "day": 5, "month": 3, "year": 2026, "time": "9:00"}
WHICH_DAY = asks("desk_book", "book", name="Ana", rows=_DAY)
WHICH_HOUR = says("desk_book_hour", _DAY)
NOT_A_TIME = says("desk_book_unread", reason="two_ways")
_NEXT = {**_LINE, "name": "Ana", "confirmed": True, "reminded": False}
NEXT = says("desk_next_visits", lines=(_NEXT,), hours=NEXT_HOURS)


@command("book", EVERYONE)
def book(errand: Errand) -> None:
    """Book a visit at a time that is typed; without one, ask for it."""
    _book(errand, errand.argument, errand.asked_with)


def _book(errand: Errand, words: str, moves: str) -> None:
    if not words:
        _ask_day(errand, moves)
        return
    try:
        at = read_when(words, errand.now, errand.tools.zone)
    except NotATime as fault:
        errand.say(NOT_A_TIME, {"reason": str(fault)})
        return
    _give(errand, at, moves)


@button("book", EVERYONE)
def ask_day(errand: Errand) -> None:
    """A calendar of buttons; a time may be typed as well."""
    _ask_day(errand, "")


def _ask_day(errand: Errand, moves: str) -> None:
    today = errand.now.astimezone(errand.tools.zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)]
    buttons = [
        Button(f"book_day:{day:%Y%m%d}:{moves}", "desk_book_day", {"date": day_of(day)})
        for day in days
    ]
    rows: Rows = tuple(tuple(buttons[i : i + 3]) for i in range(0, len(buttons), 3))
    errand.say(WHICH_DAY, {"name": errand.name()}, rows, prompt=moves)


@button("book_day", EVERYONE)
def ask_hour(errand: Errand) -> None:
    """The hours of a day, in the clinic's time zone."""
    day, _, moves = errand.argument.partition(":")
    buttons = [
        Button(
            f"book_hour:{day}{hour:02}{half:02}:{moves}",
            "desk_book_hour",
            _text(hour, half),
        )
        for hour in HOURS_SHOWN
        for half in (0, 30)
    ]
    rows: Rows = tuple(tuple(buttons[i : i + 4]) for i in range(0, len(buttons), 4))
    errand.say(WHICH_HOUR, {}, rows)


@button("book_hour", EVERYONE)
def book_hour(errand: Errand) -> None:
    """Day and hour are known: on the clinic's own clock."""
    when, _, moves = errand.argument.partition(":")
    words = f"{when[:4]}-{when[4:6]}-{when[6:8]} {when[8:10]}:{when[10:12]}"
    _book(errand, words, moves)


@button("book_at", EVERYONE)
def book_next(errand: Errand) -> None:
    """The next visit of a clinician's plan, as it was proposed."""
    try:
        at = datetime.strptime(errand.argument, "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return  # nothing of ours: a press with made-up data
    _give(errand, at, "")


def _give(errand: Errand, at: datetime, moves: str) -> None:
    errand.action = "move visit" if moves else "book visit"
    errand.record()
    errand.give(StaffBooked(at.isoformat(), errand.by, errand.note, visit=moves))


@command("visits", EVERYONE)
@button("visits", EVERYONE)
def list_visits(errand: Errand) -> None:
    """A patient's visits, with what can be done about each."""
    errand.record()
    errand.give(StaffListed(errand.note))


@button("v_move", EVERYONE)
def move(errand: Errand) -> None:
    """Ask for another time."""
    _ask_day(errand, errand.argument)


def _marks(act: str) -> None:
    @button(f"v_{act}", EVERYONE)
    def mark(errand: Errand) -> None:
        errand.record()
        errand.give(StaffMarked(errand.argument, act, errand.by, errand.note))


for _act in ("attend", "miss", "cancel", "cancel_late", "book"):
    _marks(_act)


@command("next", EVERYONE, about_patient=False)
def next_visits(errand: Errand) -> None:
    """Who is expected within two days, said to come, and was or will be reminded."""
    ends = errand.now + timedelta(hours=NEXT_HOURS)
    rows = visits.to_come(errand.connection, errand.now, ends, MOST_LISTED)
    missing = {*reminders.missing(errand.connection, errand.now, ends, MOST_LISTED)}
    lines = []
    for row in rows:
        local = row.starts_at.astimezone(errand.tools.zone)
        name = errand.name_of(row.person_id) if row.person_id else ""
        said = {"confirmed": row.status == Status.CONFIRMED, "name": name}
        lines.append({**moment(local), **said, "reminded": row.id not in missing})
    errand.record()
    errand.say(NEXT, {"lines": lines, "hours": NEXT_HOURS})


def _text(hour: int, minute: int) -> dict[str, str]:
    return {"text": f"{hour:02}:{minute:02}"}
