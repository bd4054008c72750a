"""Everything the team can do, one file a subject. Importing this registers it all."""

from bot.desk.actions import (
    alarms,
    answers,
    basics,
    booking,
    claims,
    holds,
    learning,
    lists,
    plans,
    proposals,
    reminded,
    replies,
    week,
    wrong,
)

__all__ = [
    "alarms",
    "answers",
    "basics",
    "booking",
    "claims",
    "holds",
    "learning",
    "lists",
    "plans",
    "proposals",
    "reminded",
    "replies",
    "week",
    "wrong",
]
