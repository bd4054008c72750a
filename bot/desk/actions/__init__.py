"""Everything the team can do, one file a subject. Importing this registers it all."""

from bot.desk.actions import (
    answers,
    basics,
    booking,
    claims,
    holds,
    learning,
    lists,
    plans,
    reminded,
    replies,
    week,
    wrong,
)

__all__ = [
    "answers",
    "basics",
    "booking",
    "claims",
    "holds",
    "learning",
    "lists",
    "plans",
    "reminded",
    "replies",
    "week",
    "wrong",
]
