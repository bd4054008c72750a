"""What people take along: the plan as a picture, as two pages, as a calendar."""

from __future__ import annotations

from dialogs import screens
from dialogs.session import TOLD, Session
from dialogs.turn import Turn
from exoplan import Plan
from exoplan.chart import chart_of


def picture(turn: Turn) -> None:
    """The plan as a picture; while another answer is looked at, before and after."""
    session, house = turn.session, turn.house
    if session.area in session.closed():
        return
    data: dict[str, object] = {
        "area": session.area,
        "plan": screens.plan_of(session, house),
        "after": None,
        "was": "",
        "now": "",
    }
    if session.state == "what_if_shown":
        data |= screens.looked_at(session, house)
    turn.give("picture", data, (session.area,))


def save(turn: Turn) -> None:
    """Two pages for the consultation, and the windows of an open plan as a calendar."""
    session, house = turn.session, turn.house
    plan = screens.plan_of(session, house)
    closed = session.area in session.closed()
    if closed:
        plan = plan.without_numbers()
    numbers = () if closed else (session.area,)
    data = {
        "area": session.area,
        "plan": plan,
        "answers": screens.summary(session, house),
        "yes": _told(session, plan),
        "unsure": tuple(sorted(plan.intake.unsure)),
        "cleared": screens.cleared_by(session),
    }
    turn.give("consultation", data, numbers)
    if chart_of(plan).lanes:
        turn.give("calendar", {"area": session.area, "plan": plan}, numbers)


def _told(session: Session, plan: Plan) -> tuple[str, ...]:
    """Flags said yes to, on a list or in words."""
    in_words = (c.flag for c in session.closures if c.stands and c.origin == TOLD)
    return tuple(sorted({*plan.intake.yes, *filter(None, in_words)}))
