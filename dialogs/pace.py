"""How much one person may send before the bot falls silent. Never an emergency.

A bucket that drains with time: each thing a person does adds one, a minute takes away
as many as the house allows. When it is full they get one polite word, then silence
until it is half empty again.
"""

from __future__ import annotations

from datetime import timedelta

from dialogs.inputs import Chose, Commanded, Input, Level, SentOther, Started, Wrote
from dialogs.turn import Turn

#: What a person does; what the team or the program does is never held up.
_BY_THE_PERSON = (Started, Commanded, Chose, Wrote, SentOther)
_MAY_BE_AN_EMERGENCY = (Level.URGENT_NOW, Level.SAME_DAY, Level.ASK)


def admits(turn: Turn, event: Input) -> bool:
    """Whether this is answered now; counts it, and says the one polite word."""
    most = turn.house.inputs_per_minute
    if not most or not isinstance(event, _BY_THE_PERSON):
        return True
    session = turn.session
    level = session.pace
    if session.pace_at is not None:
        minutes = max(timedelta(0), turn.now - session.pace_at) / timedelta(minutes=1)
        level = max(0.0, level - minutes * most)
    hushed = session.hushed and level > most / 2
    full = level + 1 > most
    turn.put(pace=min(level + 1, float(most)), pace_at=turn.now, hushed=hushed or full)
    if _is_urgent(turn, event) or not (hushed or full):
        return True
    if not hushed:
        turn.note("slow_down")
    return False


def _is_urgent(turn: Turn, event: Input) -> bool:
    """An emergency, or the answer to whether it is one."""
    if turn.session.over == "now":
        return True
    return (
        isinstance(event, Wrote | SentOther)
        and event.reading.alarm.level in _MAY_BE_AN_EMERGENCY
    )
