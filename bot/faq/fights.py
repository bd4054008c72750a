"""Phrasings that two entries fight over: whoever asks so may get the wrong answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.faq.bands import Bands
from bot.faq.entries import Entry
from bot.faq.match import Matcher
from bot.faq.sentences import Reads

#: Each phrasing is tried by a matcher that learned from the others: so many times.
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Fight:
    """A phrasing that would be answered with another entry, were it not known."""

    phrasing: str
    entry: str  #: whose it is
    other: str  #: which would answer
    score: float  #: how close the other is


def fights(
    entries: Sequence[Entry], language: str, bands: Bands, model: Reads | None = None
) -> list[Fight]:
    """Every phrasing that another entry would answer, the closest first.

    Args:
        bands: of the matcher of all of them.
        model: the one that matcher reads with.
    """
    found = []
    for fold in range(_FOLDS):
        kept = [
            replace(entry, phrasings=_without(entry.phrasings, fold))
            for entry in entries
        ]
        matcher = Matcher(kept, language, model)
        for entry in entries:
            for phrasing in entry.phrasings[fold::_FOLDS]:
                other, near = matcher.nearest(phrasing)
                if near >= bands.answer_from and other != entry.id:
                    found.append(Fight(phrasing, entry.id, other, bands.score(near)))
    return sorted(found, key=lambda one: (-one.score, one.phrasing))


def _without(phrasings: tuple[str, ...], fold: int) -> tuple[str, ...]:
    return tuple(one for number, one in enumerate(phrasings) if number % _FOLDS != fold)
