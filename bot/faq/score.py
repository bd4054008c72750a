"""How well labelled questions are answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.faq.bands import ANSWER_AT, SUGGEST_AT
from bot.faq.labelled import Labelled
from dialogs.inputs import Match

ANSWER, SUGGEST, STAFF = "answer", "suggest", "staff"


@dataclass(frozen=True, slots=True)
class Tally:
    """Shares from 0 to 1; of nothing at all they are 0."""

    asked: int  #: questions that an entry answers
    outside: int  #: messages outside the subject
    close: int  #: messages that no entry answers, though they sound like it
    first: float  #: of the asked: the right entry is the closest
    three: float  #: of the asked: it is among the closest three
    answered_right: float  #: of the asked
    offered: float  #: of the asked: "did you mean", with the right entry in it
    to_staff: float  #: of the asked
    wrong: float  #: of all: answered with an entry it does not ask
    outside_answered: float  #: of those outside
    outside_offered: float  #: of those outside
    close_answered: float  #: of those that sound like it


def band(matches: tuple[Match, ...]) -> str:
    """What is done with a text that comes this close."""
    best = matches[0].score if matches else 0.0
    if best >= ANSWER_AT:
        return ANSWER
    return SUGGEST if best >= SUGGEST_AT else STAFF


def score(
    match: Callable[[str], tuple[Match, ...]], questions: Iterable[Labelled]
) -> Tally:
    """Have every question matched, and count."""
    found = [(one, match(one.text)) for one in questions]
    asked = [(one.entry, matches) for one, matches in found if one.entry]
    none = [(one.close, band(matches)) for one, matches in found if not one.entry]
    outside = [what for close, what in none if not close]
    close = [what for close, what in none if close]
    bands = [(entry, matches, band(matches)) for entry, matches in asked]
    answered = [(one.entry, m[0].entry) for one, m in found if band(m) == ANSWER]
    return Tally(
        asked=len(asked),
        outside=len(outside),
        close=len(close),
        first=_share([e in [x.entry for x in m[:1]] for e, m in asked]),
        three=_share([e in [x.entry for x in m[:3]] for e, m in asked]),
        answered_right=_share([b == ANSWER and m[0].entry == e for e, m, b in bands]),
        offered=_share(
            [
                b == SUGGEST and e in [x.entry for x in m[:3] if x.score >= SUGGEST_AT]
                for e, m, b in bands
            ]
        ),
        to_staff=_share([b == STAFF for _, _, b in bands]),
        wrong=sum(e != given for e, given in answered) / max(1, len(found)),
        outside_answered=_share([what == ANSWER for what in outside]),
        outside_offered=_share([what == SUGGEST for what in outside]),
        close_answered=_share([what == ANSWER for what in close]),
    )


def _share(found: list[bool]) -> float:
    return sum(found) / max(1, len(found))
