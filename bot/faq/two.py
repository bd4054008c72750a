"""Two questions in one message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.faq.bands import ANSWER_AT
from bot.faq.vocabulary import Vocabulary, vocabulary
from dialogs.inputs import Match

#: Places looked at where one question may end and another begin.
MOST_CUTS = 4

Matches = tuple[Match, ...]

_SENTENCE_END = re.compile(r"(?<=[.?!;])\s+|\n+")
_WORD = re.compile(r"\w+")


def asked(
    text: str, match: Callable[[str], Matches], language: str
) -> tuple[Matches, Matches]:
    """What a text asks, and what it asks besides; nothing, mostly.

    It asks two things where both halves are answered by themselves, each with another
    entry, and the whole is no question of its own.
    """
    known = vocabulary(language)
    if len(sentences := _SENTENCE_END.split(text)) > 1:  # "Hello." asks nothing
        telling = [one for one in sentences if known.tells(known.typed(one))]
        text = "\n".join(telling) or text
    whole = match(text)
    best: tuple[Matches, Matches] = (whole, ())
    most = 0.0
    for left, right in _halves(text, known):
        first = match(left)
        if not _answered(first):
            continue
        second = match(right)
        if not _answered(second) or first[0].entry == second[0].entry:
            continue
        both = first[0].score + second[0].score
        theirs = {first[0].entry, second[0].entry}
        alone = whole and whole[0].entry not in theirs and 2 * whole[0].score > both
        if both > most and not alone:
            best, most = (first, second), both
    return best


def _answered(matches: Matches) -> bool:
    return bool(matches) and matches[0].score >= ANSWER_AT


def _halves(text: str, known: Vocabulary) -> Iterator[tuple[str, str]]:
    """A text cut in two: at the end of a sentence, or between two that each ask."""
    cuts = [found.span() for found in _SENTENCE_END.finditer(text)]
    joins = [
        found.span()
        for found in _WORD.finditer(text)
        if found.group().lower() in known.joining
    ]
    for begin, end in cuts[:MOST_CUTS]:
        if text[end:].strip():
            yield text[:begin], text[end:]
    for begin, end in joins[:MOST_CUTS]:
        left, right = text[:begin], text[end:]
        if _asks(left, known) and _asks(right, known):
            yield left, right


def _asks(text: str, known: Vocabulary) -> bool:
    words = {found.group().lower() for found in _WORD.finditer(text)}
    return not known.asking.isdisjoint(words)
