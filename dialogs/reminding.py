"""A reminder that falls due: sent, or kept back with its reason.

It is judged by the visit, the consents and the chat as they are at that moment.
"""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from dialogs.effects import Button, Reminded, Rows
from dialogs.inputs import ReminderDue
from dialogs.purposes import agrees, ask_consents
from dialogs.questions import BY_ID
from dialogs.reminders import Due, Kind, Reason, has_later_visit
from dialogs.turn import Turn
from dialogs.visit_screens import WISH, lapsed, proposals, said_of
from dialogs.visits import Status, Visit

#: Where a chat is when its intake is not finished.
_UNFINISHED = frozenset({*BY_ID, "review", "change"})


def fall_due(turn: Turn, event: ReminderDue) -> None:
    """Send what is due now, or write down why not."""
    kind = turn.house.calendar.kinds.get(event.kind)
    visit = next((v for v in turn.session.visits if v.id == event.visit), None)
    if kind is None:
        turn.effects.append(Reminded(event.reminder, "off"))
        return
    if reason := _kept_back(turn, event, kind, visit):
        turn.effects.append(Reminded(event.reminder, reason))
        return
    zone = ZoneInfo(visit.zone if visit else turn.session.zone or turn.house.zone)
    if turn.house.calendar.quiet.holds(turn.now, zone):
        again = turn.house.calendar.again(event.until or turn.now, turn.now, zone)
        if isinstance(again, Due):
            turn.effects.append(Reminded(event.reminder, again_at=again.at))
        else:
            turn.effects.append(Reminded(event.reminder, again.reason))
        return
    _send(turn, kind, visit)
    turn.effects.append(Reminded(event.reminder))


def _kept_back(
    turn: Turn, event: ReminderDue, kind: Kind, visit: Visit | None
) -> Reason | Literal[""]:
    """Why a reminder does not go out; empty where it does."""
    session = turn.session
    if not kind.on:
        return "off"
    if event.visit and visit is None:
        return "no_visit"
    if visit and visit.revision != event.revision:
        return "moved"
    if visit and visit.status not in kind.statuses:
        return "changed"
    if event.until and turn.now > event.until:
        return "too_late"
    if kind.consent == "check_ins" and not turn.house.takes_health:
        return "no_health"
    if session.stopped:
        return "emergency"
    if session.quiet:
        return "wants_quiet"
    if not agrees(turn, kind.consent or "reminders"):
        return "no_consent"
    if (
        "later_visit" in kind.falls_away
        and visit
        and has_later_visit(visit, session.visits)
    ):
        return "later_visit"
    if visit and "held" in kind.falls_away and visit.area in session.closed():
        return "held"
    if visit and "told_together" in kind.falls_away and visit.name in session.offered:
        return "told_together"
    if visit and "wish" in kind.falls_away and session.offered.get(visit.name) == WISH:
        return "wish"
    if "came_back" in kind.falls_away and not left_unfinished(turn):
        return "came_back"
    return ""


def left_unfinished(turn: Turn) -> bool:
    """Whether their intake is under way, and was left."""
    return turn.session.state in _UNFINISHED and turn.session.over == "resume"


def _send(turn: Turn, kind: Kind, visit: Visit | None) -> None:
    data = said_of(visit, turn.house) if visit else {}
    rows: Rows = ()
    if visit:
        name = visit.name
        if kind.asks:
            rows = ((Button(f"check:{name}", "open"),),)
        elif kind.is_about_a_visit_to_come or kind.buttons:
            rows = _under(kind, visit)
        else:
            rows = ((Button(f"recall:{visit.area}", "open"),),)
    else:
        rows = ((Button("take_up", "open"),),)
    template = f"visits/{_template(kind, visit)}"
    turn.note(template, data, rows=rows)
    if visit and visit.status is Status.PROPOSED:
        remember_offered(turn)
    if kind.id == "receipt":
        ask_consents(turn)


def remember_offered(turn: Turn, **answered: str) -> None:
    """What they are told of now stands on one screen: the rest is not told again."""
    known = {**turn.session.offered, **answered}
    session = turn.session
    offered = (*proposals(session, turn.now), *lapsed(session, turn.now))
    turn.put(offered={visit.name: known.get(visit.name, "") for visit in offered})


def _template(kind: Kind, visit: Visit | None) -> str:
    """Kinds that read alike share their words."""
    if kind.asks:
        return "check_in"
    if kind.id == "receipt":
        return "receipt" if visit and visit.revision == 1 else "moved"
    return "reminder" if kind.is_about_a_visit_to_come else kind.id


def _under(kind: Kind, visit: Visit) -> Rows:
    """The buttons of a kind; none that would do nothing."""
    named_ = {
        option: Button(
            option
            if option in ("person", "visit_file", "proposed")
            else f"{option}:{visit.name}",
            option,
        )
        for option in kind.buttons
        if not (option == "visit_ok" and visit.status is Status.CONFIRMED)
    }
    buttons = [*named_.values()]
    if visit.stands:
        buttons.append(Button(f"visit:{visit.name}", "details"))
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
