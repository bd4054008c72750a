"""What the last week was like: asked for, or told by itself once a week."""

from __future__ import annotations

from datetime import datetime

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
    _post(errand, errand.now)


def tell_by_itself(errand: Errand, end: datetime) -> None:
    """Tell it because its time has come: the week until then, however late it is."""
    errand.turn.audit.append(Entry(errand.now, None, "program", "week", "done"))
    _post(errand, end)


def _post(errand: Errand, end: datetime) -> None:
    """Put it where the whole team looks."""
    data = week_until(errand.connection, errand.tools.keys, end)
    errand.say(WEEK, data, everybody=True)
