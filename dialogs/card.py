"""What the team is shown of a person at a glance, and what it can do from there."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dialogs.effects import Button, Rows
from dialogs.house import House
from dialogs.inputs import Match
from dialogs.intake import Known, asked
from dialogs.questions import BY_ID
from dialogs.session import Closure, Session
from dialogs.visit_screens import moment, proposals
from dialogs.visits import STANDING

#: Questions suggested over one that the team is asked.
MAX_SUGGESTED = 2

#: Flags that one button names; its data has room for no more.
MAX_NAMED = 7

#: Places of the chat as the team knows them; the others are "looking".
_PLACES = {
    "review": "review",
    "change": "review",
    "held": "held",
    "closed": "held",
    "plan": "plan",
    "what_if": "plan",
    "what_if_value": "plan",
    "what_if_shown": "plan",
}


def facts(session: Session) -> tuple[object, ...]:
    """What a card shows; while it stays the same, the card need not be drawn anew."""
    return (
        session.desk,
        session.area,
        session.state in BY_ID or session.state,
        len(session.answers),
        session.consent,
        session.closures,
        session.stopped,
        session.with_team,
        session.asked,
        session.unanswered,
        session.plans,
    )


def card_of(
    session: Session, house: House, now: datetime, status: str, until: str
) -> tuple[dict[str, object], Rows]:
    """Data and buttons of the card.

    Args:
        status: of the conversation: open, snoozed or closed; claimed shows by itself.
        until: moment to which it is put off, as ISO 8601.
    """
    agreed = session.consent == "team"
    place = "intake" if session.state in BY_ID else _PLACES.get(session.state, "")
    order = asked(session, house) if agreed else ()
    known = Known(session, house)
    shown = session.closures if agreed else ()
    data: dict[str, object] = {
        "area": session.area,
        "place": "stopped" if session.stopped else place,
        "answered": sum(known.has_answered(one) for one in order),
        "total": len(order),
        "agreed": agreed,
        "closures": shown,
        "asked": session.asked,
        "open": session.unanswered,
        "by": session.with_team,
        "plans": tuple(session.plans.values()),
        "status": status,
        "until": _on_the_wall(datetime.fromisoformat(until), house) if until else None,
        "visit": _next_visit(session, house, now),
        "proposed": len(proposals(session, now)),
    }
    return data, _buttons(session, shown)


def _on_the_wall(at: datetime, house: House) -> dict[str, object]:
    """A moment as the clinic's own clock and calendar show it."""
    return moment(at.astimezone(ZoneInfo(house.zone)))


def _next_visit(
    session: Session, house: House, now: datetime
) -> dict[str, object] | None:
    ahead = (v for v in session.visits if v.starts_at > now and v.status in STANDING)
    found = min(ahead, key=lambda v: v.starts_at, default=None)
    return _on_the_wall(found.starts_at, house) if found else None


def _buttons(session: Session, shown: tuple[Closure, ...]) -> Rows:
    if session.with_team:
        who = (Button("giveback", "desk_give_back"), Button("takeover", "desk_take"))
    else:
        who = (Button("claim", "desk_claim"), Button("snooze", "desk_snooze"))
    named = lifts(shown)
    if session.stopped and not named:
        named = (Button("clear:", "desk_clear"),)
    open_area = session.area and session.area not in session.closed()
    plan = (Button("plan", "desk_plan"),) if open_area else ()
    book = (Button("book", "desk_book"), Button("visits", "desk_visits"))
    return (who, book, (*named, *plan, Button("close", "desk_close")))


def lifts(closures: tuple[Closure, ...]) -> tuple[Button, ...]:
    """What lifts the closures that a note names; nothing where none may be lifted."""
    named = [c.flag for c in closures if c.stands and c.reopens and c.flag]
    flags = ".".join(dict.fromkeys(named[:MAX_NAMED]))
    return (Button(f"clear:{flags}", "desk_clear"),) if flags else ()


def near(matches: tuple[Match, ...], house: House) -> tuple[tuple[str, float], ...]:
    """The known questions that words come closest to, best first, with their scores.

    Only what is close enough to offer a patient, and answers more than "ask the team":
    the team itself is to send it.
    """
    found = [
        m
        for m in matches
        if m.score >= house.suggest_at
        and m.entry in house.entries
        and not house.entries[m.entry].for_team
    ]
    return tuple((m.entry, m.score) for m in found[:MAX_SUGGESTED])


def suggested(near_by: tuple[tuple[str, float], ...]) -> Rows:
    """What the team may answer with, over an open question."""
    sends = tuple(
        Button(f"send:{entry}", f"desk_send_{place}")
        for place, (entry, _) in enumerate(near_by, start=1)
    )
    write = (Button("write", "desk_write"),)
    if not sends:
        return (write,)
    return (sends, (Button(f"draft:{near_by[0][0]}", "desk_edit_1"), *write))
