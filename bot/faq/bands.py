"""Three bands: answer, "did you mean", hand to the team; and where they begin.

Conformal risk control (Angelopoulos and others, ICLR 2024): of labelled questions that
nothing was learned from, the lowest beginning of a band is taken at which the share of
bad outcomes, counting one more question that is one, stays within what was promised.
Then, as long as people ask as in the labelled questions, the expected share of bad
outcomes is within the promise, whatever the matcher is like. It is kept for questions
that an entry answers, for messages outside the subject, and for all together, among
them what sounds like a question of the clinic's and is none.

People ask more alike within a voice than between two. So in no single voice either are
more of its questions answered wrongly than was promised: of as many voices and one
more, each is the worst as likely as any other.

What a clinic labels makes the bands stricter where that is needed, and never laxer: the
team labels what the bot did not answer, and so more of one kind than is asked.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.faq.labelled import Labelled

#: Scores from here on are answered, and from here on offered. What is measured is put
#: on this scale, so that a new matcher changes no other part of the program.
ANSWER_AT, SUGGEST_AT = 0.6, 0.35
#: The most that is given to what may be offered and not answered.
ONLY_OFFERED = 0.59

#: Share of all questions answered wrongly that is promised unless a clinic says so.
WRONG_SHARE = 0.02
#: Share of messages outside the subject that are answered, at most.
OUTSIDE_ANSWERED = 0.05
#: Share of messages outside the subject to which something is offered, at most.
OUTSIDE_OFFERED = 0.25
#: Questions of its own that a clinic has to label before its own entries answer. With
#: fewer than 1 / WRONG_SHARE nothing could be promised about them.
ENOUGH_LABELLED = 50


@dataclass(frozen=True, slots=True)
class Nearest:
    """A labelled question with what the matcher made of it."""

    question: Labelled
    entry: str  #: the closest; "" where nothing was close
    near: float  #: how close, as the matcher measures

    @property
    def right(self) -> bool:
        """Whether answering with this entry would be no mistake, as far as is known."""
        if self.question.wrong:
            return self.entry != self.question.wrong
        return self.entry == self.question.entry


@dataclass(frozen=True, slots=True)
class Bands:
    """Where the bands begin, on the matcher's own scale."""

    answer_from: float = math.inf
    suggest_from: float = math.inf
    only_offered: frozenset[str] = frozenset()  #: entries that do not answer yet

    def score(self, near: float) -> float:
        """The same on the scale that everybody shares, from 0 to 1."""
        if near >= self.answer_from:
            beyond = near - self.answer_from
            return ANSWER_AT + (1 - ANSWER_AT) * beyond / (1 + beyond)
        if near >= self.suggest_from:
            room = min(self.answer_from, self.suggest_from + 1) - self.suggest_from
            share = min(1.0, (near - self.suggest_from) / room)
            return SUGGEST_AT + (ONLY_OFFERED - SUGGEST_AT) * share
        if self.suggest_from == math.inf:
            return 0.0
        return max(0.0, SUGGEST_AT * near / self.suggest_from)


def calibrate(
    found: Sequence[Nearest], *, wrong_share: float, only_offered: Collection[str]
) -> Bands:
    """The bands that keep the promise.

    Args:
        found: questions the matcher has not learned from.
        wrong_share: of all questions, answered wrongly: what is promised.
        only_offered: entries that may not answer yet.
    """
    shipped = [one for one in found if one.question.voice]
    begins = [
        _lowest(_wrong(kind, only_offered), len(kind), most)
        for every in (shipped or found, found)
        for kind, most in (
            (_asked(every), wrong_share),
            (_far(every), min(wrong_share, OUTSIDE_ANSWERED)),
            (every, wrong_share),
        )
    ]
    asked, far = _asked(found), [one.near for one in _far(found)]
    for voice in {one.question.voice for one in asked}:
        theirs = [one for one in asked if one.question.voice == voice]
        if len(theirs) * wrong_share >= 1:  # else one wrong answer would be too many
            wrong = _wrong(theirs, only_offered)
            begins.append(_lowest(wrong, len(theirs), wrong_share, beside=0))
    answer_from = max(begins)
    offered = _lowest(far, len(far), OUTSIDE_OFFERED)
    return Bands(answer_from, min(offered, answer_from), frozenset(only_offered))


def _asked(found: Iterable[Nearest]) -> list[Nearest]:
    """Those that ask what an entry answers."""
    return [one for one in found if one.question.entry or one.question.wrong]


def _far(found: Iterable[Nearest]) -> list[Nearest]:
    """Those outside the subject."""
    return [
        one
        for one in found
        if not (one.question.entry or one.question.wrong or one.question.close)
    ]


def _wrong(found: Iterable[Nearest], only_offered: Collection[str]) -> list[float]:
    """How close those were that would be answered wrongly."""
    return [
        one.near for one in found if not one.right and one.entry not in only_offered
    ]


def _lowest(bad: Sequence[float], many: int, share: float, *, beside: int = 1) -> float:
    """The lowest beginning of a band that leaves so few bad ones in it.

    Args:
        bad: how close each bad one was.
        many: questions in all.
        beside: bad ones that are counted though they were not seen.
    """
    allowed = math.floor(share * (many + beside)) - beside
    if allowed < 0:
        return math.inf
    closest = sorted(bad, reverse=True)
    if len(closest) <= allowed:
        return 0.0
    return math.nextafter(closest[allowed], math.inf)
