"""The intake as data, in the order it is asked.

Which of these an area asks, and the options that are an area's own (its places), stand
in that area's protocol file; so a new area is data, not code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Health is asked in these lists: the stop list right after consent, the rest last.
STOP_LIST = "stop"
HEALTH_LISTS = ("health_1", "health_2", "health_3")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the intake."""

    id: str  #: also the name of its state and of its template
    kind: Literal["choice", "ticks"]  #: one answer, or a tick list of health flags
    values: tuple[str, ...] = ()  #: what may be answered; empty: the area's own options
    per_row: int = 2  #: how many buttons stand side by side
    always: bool = False  #: asked in every area, whatever its protocol lists


QUESTIONS: tuple[Question, ...] = (
    Question(STOP_LIST, "ticks", always=True),
    Question("site", "choice"),
    Question("joint", "choice"),
    Question(
        "duration",
        "choice",
        ("under_3_months", "3_months_or_more", "not_sure"),
        per_row=1,
    ),
    Question("severity", "choice", ("mild", "moderate", "advanced", "not_sure")),
    Question("pain", "choice", (*map(str, range(11)), "not_sure"), per_row=4),
    Question("goal", "choice", ("subtle", "marked", "not_sure"), per_row=1),
    Question("priority", "choice", ("less_pain", "moving_better", "sport", "not_sure")),
    Question(
        "combination",
        "choice",
        ("microneedling", "radiofrequency", "none", "not_sure"),
    ),
    Question(
        "earlier",
        "choice",
        (
            "none",
            "exosomes_change",
            "exosomes_no_change",
            "prp_change",
            "prp_no_change",
            "bad_reaction",
            "not_sure",
        ),
        per_row=1,
    ),
    *(Question(name, "ticks", always=True) for name in HEALTH_LISTS),
)

BY_ID = {question.id: question for question in QUESTIONS}
FIRST, LAST = QUESTIONS[0], QUESTIONS[-1]

#: What an answer to "earlier treatment" says of the treatment and of how it went.
EARLIER = {
    "none": ("none", None),
    "exosomes_change": ("exosomes", "some_change"),
    "exosomes_no_change": ("exosomes", "no_change"),
    "prp_change": ("prp", "some_change"),
    "prp_no_change": ("prp", "no_change"),
    "bad_reaction": ("other", "bad_reaction"),
    "not_sure": ("not_sure", None),
}

#: Questions that "what if" may turn over: those the published lines and factors know.
WHAT_IF = ("severity", "goal", "combination", "site", "duration")
