"""What the last week was like: asked for, or told by itself once a week."""

from __future__ import annotations

from bot.desk.errand import Errand
from bot.desk.registry import command, says
from bot.desk.week import SAMPLE, week_until
from bot.roles import CLINICAL
from bot.store.audit import Entry

WEEK = says("desk_week", (), **SAMPLE)


@command("week", CLINICAL, about_patient=False)
def tell_week(errand: Errand) -> None:
    """Tell the last seven days."""
    errand.record()
    post(errand)


def tell_by_itself(errand: Errand) -> None:
    """Tell it because its time has come."""
    errand.turn.audit.append(Entry(errand.now, None, "program", "week", "done"))
    post(errand)


def post(errand: Errand) -> None:
    """Put it where the whole team looks."""
    data = week_until(errand.connection, errand.tools.keys, errand.now)
    errand.say(WEEK, data, everybody=True)
