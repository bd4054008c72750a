"""Which question a text is asking.

A text is as close to an entry as three readings together say: how close it is to the
closest of the entry's phrasings and to all of them together (cosine), and what a ridge
regression from features to entries makes of it. The first two know the very words, the
third weighs them against all other entries. What an entry has no word for counts
against it ("does hair dye cause cancer"), and a long text is close sooner: it shares a
smaller part of itself with whatever it asks. How the readings are weighed was settled
on the shipped phrasings and on labelled questions (docs/faq.md). With a sentence model
what a text means is read as well (`bot/faq/meaning.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bot.faq.bands import ONLY_OFFERED, Bands
from bot.faq.entries import Entry
from bot.faq.features import NUMBERED, Numbers, Weights, features
from bot.faq.meaning import Meaning
from bot.faq.sentences import Reads
from bot.faq.vocabulary import vocabulary
from dialogs.inputs import Match

#: Candidates returned at most.
MOST_MATCHES = 5

#: Features the regression tells apart; more fold onto these. The square of it, eight
#: bytes each and a few times over, is what fitting many phrasings needs in memory.
FOLDED = 1 << 11
#: Up to so many phrasings the regression is solved over these, then over features.
_FEW_PHRASINGS = FOLDED
#: How strongly the regression is held back from learning phrasings by heart.
_RIDGE = 2.0
#: How much likeness counts beside the regression.
_LIKENESS_WEIGHS = 0.5
#: How much the closest phrasing counts beside the entry as a whole.
_PHRASING_WEIGHS = 0.6
#: A text this like one phrasing is that phrasing, whatever the regression makes of it.
_BY_HEART = 0.995
_BY_HEART_WEIGHS = 0.4
#: How much of its closeness a text loses to an entry that has none of its words.
_STRANGE_WEIGHS = 0.5
#: A word that says little by itself counts so much among these.
_FAINT_WEIGHS = 0.5
#: Closeness grows with this power of the number of words, from and up to so many.
_LENGTH_WEIGHS = 0.4
_FEWEST_WORDS, _MOST_WORDS = 4, 24
#: Phrasings taken at once where all of them together would fill the memory.
_AT_ONCE = 512

#: Phrasings worked on until other threads may have the interpreter, and for how long at
#: least, in seconds: a bot that learns goes on answering.
_BREATHES_EVERY = 4
_BREATH = 1e-5

T = TypeVar("T")
_Matrix = npt.NDArray[np.float32]


class Matcher:
    """Finds the entries a text comes closest to. Built anew when entries change.

    Args:
        entries: at least one.
        model: reads what a text means as well; None: its words alone.
    """

    #: Where it answers and where it offers: nowhere, until that is calibrated.
    bands = Bands()

    def __init__(
        self,
        entries: Sequence[Entry],
        language: str = "en",
        model: Reads | None = None,
    ) -> None:
        self._known = vocabulary(language)
        self._ids = [entry.id for entry in entries]
        phrasings = [
            phrasing for entry in entries for phrasing in (entry.ask, *entry.phrasings)
        ]
        # Lists of arrays, not of pairs: pairs are counted by the garbage collector, and
        # ten thousand of them bring its full round, which keeps every thread waiting.
        said: list[Numbers] = []
        weighed: list[Weights] = []
        known: dict[str, int] = {}  # words by number
        words: list[int] = []  # once for each phrasing that has the word
        theirs: list[int] = []  # whose phrasing that is
        counts = [1 + len(entry.phrasings) for entry in entries]
        owner = np.repeat(np.arange(len(entries)), counts)
        for phrasing, entry in breathing(zip(phrasings, owner.tolist(), strict=True)):
            typed = self._known.typed(phrasing)
            numbers, bare = features(typed, self._known)
            said.append(numbers)
            weighed.append(bare)
            for word in {self._known.one(one) for one in typed}:
                words.append(known.setdefault(word, len(known)))
                theirs.append(entry)
        self._starts = np.cumsum([0, *counts[:-1]])
        self._many = len(said)
        holding = np.bincount(np.concatenate(said), minlength=NUMBERED)
        self._idf = (np.log((1 + self._many) / (1 + holding)) + 1).astype(np.float32)
        for at, numbers in enumerate(said):
            weighed[at] = self._unit(numbers, weighed[at])
        self._index(said, weighed)
        self._learn_words(known, words, theirs)
        self._head = _head(said, weighed, owner, len(entries))
        self._meaning = Meaning(model, phrasings, owner) if model else None

    def _unit(self, numbers: Numbers, bare: Weights) -> Weights:
        """Weights by how few phrasings hold each feature, of length one together."""
        weights = bare * self._idf[numbers]
        length = float(np.sqrt(weights @ weights))
        return weights / np.float32(length or 1.0)

    def _index(self, said: Sequence[Numbers], weighed: Sequence[Weights]) -> None:
        """For each feature the phrasings that hold it, and how much of it."""
        numbers, weights = np.concatenate(said), np.concatenate(weighed)
        rows = np.repeat(np.arange(len(said), dtype=np.int32), [len(n) for n in said])
        order = np.argsort(numbers, kind="stable")
        self._rows, self._weights = rows[order], weights[order]
        counted = np.bincount(numbers, minlength=NUMBERED)
        self._ends = np.cumsum(counted).astype(np.int32)
        self._begins = (self._ends - counted).astype(np.int32)

    def _learn_words(
        self, known: dict[str, int], words: Sequence[int], theirs: Sequence[int]
    ) -> None:
        """What each word is worth, and the entries that have it.

        Args:
            known: words by number.
            words: the number of each word of each phrasing.
            theirs: the place of the entry whose phrasing that is.
        """
        many = len(self._ids)
        having = np.unique(np.array(words) * many + np.array(theirs))
        self._words = known
        self._having = having % many
        self._had_from = np.searchsorted(having // many, np.arange(len(known) + 1))
        faint = np.array([word in self._known.faint for word in known])
        worth = self._worth_of(np.bincount(words, minlength=len(known)))
        self._worth = np.where(faint, _FAINT_WEIGHS, 1.0) * worth

    def _worth_of(self, said: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Worth of words by how many phrasings have them."""
        worth: npt.NDArray[np.float64] = np.log((1 + self._many) / (1 + said)) + 1
        return worth

    def _familiar(self, typed: Sequence[str]) -> npt.NDArray[np.float64]:
        """For each entry, what share of these words it has, by what they are worth."""
        theirs, every = np.zeros(len(self._ids)), 0.0
        for word in {self._known.one(one) for one in typed}:
            at = self._words.get(word)
            if at is not None:
                every += self._worth[at]
                having = self._having[self._had_from[at] : self._had_from[at + 1]]
                theirs[having] += self._worth[at]
            elif word not in self._known.faint:  # "pls" makes nothing stranger
                every += math.log(1 + self._many) + 1
        return theirs / (every or 1.0)

    def closeness(self, text: str) -> npt.NDArray[np.float64] | None:
        """How close a text is to each entry, in their order, before any band.

        None for a text without one telling word ("sure", "how come").
        """
        typed = self._known.typed(text)
        if not self._known.tells(typed):
            return None
        numbers, bare = features(typed, self._known)
        unit = self._unit(numbers, bare)
        spans = list(zip(self._begins[numbers], self._ends[numbers], strict=True))
        rows = np.concatenate([self._rows[a:b] for a, b in spans])
        likeness = np.bincount(
            rows,
            np.concatenate(
                [self._weights[a:b] * w for (a, b), w in zip(spans, unit, strict=True)]
            ),
            minlength=self._many,
        )
        closest = np.maximum.reduceat(likeness, self._starts)
        learned = unit @ self._head[numbers % FOLDED]
        near: npt.NDArray[np.float64] = (
            _LIKENESS_WEIGHS * _PHRASING_WEIGHS * closest
            + learned
            + _BY_HEART_WEIGHS * (closest > _BY_HEART)
        )
        near *= 1 - _STRANGE_WEIGHS * (1 - self._familiar(typed))
        if self._meaning:
            near += self._meaning.closeness(text)
        words = min(max(len(typed), _FEWEST_WORDS), _MOST_WORDS)
        near *= (words / _FEWEST_WORDS) ** _LENGTH_WEIGHS
        return near

    def nearest(self, text: str) -> tuple[str, float]:
        """The closest entry and how close it is; "" and 0 where nothing is near."""
        near = self.closeness(text)
        if near is None:
            return "", 0.0
        best = int(near.argmax())
        return self._ids[best], float(near[best])

    def match(self, text: str) -> tuple[Match, ...]:
        """The closest entries, best first; scores are from 0 to 1."""
        near = self.closeness(text)
        if near is None:
            return ()
        most = min(MOST_MATCHES, len(near))
        some = np.argpartition(-near, most - 1)[:most]
        ranked = sorted(some, key=lambda n: (-near[n], self._ids[n]))
        bands = self.bands
        # What may not answer keeps what comes after it from answering in its place.
        top = ONLY_OFFERED if self._ids[ranked[0]] in bands.only_offered else 1.0
        found = (
            Match(self._ids[n], min(top, bands.score(float(near[n])))) for n in ranked
        )
        return tuple(one for one in found if one.score > 0)


def _head(
    said: Sequence[Numbers],
    weighed: Sequence[Weights],
    owner: npt.NDArray[np.int64],
    many: int,
) -> _Matrix:
    """What each folded feature says for each entry: the ridge and the whole entries.

    Of two ways to the same ridge the smaller is taken: over phrasings while these are
    few, over features once they are many.
    """
    towards = np.zeros((FOLDED, many), np.float32)  # of each entry, all its phrasings
    for numbers, weights, entry in breathing(zip(said, weighed, owner, strict=True)):
        np.add.at(towards, (numbers % FOLDED, entry), weights)
    share = np.bincount(owner, minlength=many).astype(np.float32) / len(owner)
    if len(weighed) <= _FEW_PHRASINGS:
        dense = _dense(said, weighed)
        gram = dense @ dense.T
        gram[np.diag_indices_from(gram)] += _RIDGE
        aims = -np.tile(share, (len(owner), 1))
        aims[np.arange(len(owner)), owner] += 1
        ridge = dense.T @ np.linalg.solve(gram, aims)
    else:
        gram = np.zeros((FOLDED, FOLDED), np.float32)
        total = np.zeros(FOLDED, np.float32)
        for at in range(0, len(weighed), _AT_ONCE):
            these = slice(at, at + _AT_ONCE)
            dense = _dense(said[these], weighed[these])
            total += dense.sum(axis=0)
            for part in range(0, FOLDED, _AT_ONCE):  # all at once takes twice the room
                some = slice(part, part + _AT_ONCE)
                gram[some] += dense[:, some].T @ dense
        gram[np.diag_indices_from(gram)] += _RIDGE
        ridge = np.linalg.solve(gram, towards - np.outer(total, share))
    wholes = towards / np.maximum(np.linalg.norm(towards, axis=0), 1e-9)
    head: _Matrix = (1 - _LIKENESS_WEIGHS) * ridge + (
        _LIKENESS_WEIGHS * (1 - _PHRASING_WEIGHS)
    ) * wholes
    return head.astype(np.float32)


def breathing(items: Iterable[T]) -> Iterator[T]:
    """The same, letting other threads have the interpreter now and then."""
    for number, item in enumerate(items):
        yield item
        if number % _BREATHES_EVERY == 0:
            time.sleep(_BREATH)


def _dense(said: Sequence[Numbers], weighed: Sequence[Weights]) -> _Matrix:
    rows = np.zeros((len(said), FOLDED), np.float32)
    for row, numbers, weights in zip(rows, said, weighed, strict=True):
        np.add.at(row, numbers % FOLDED, weights)
    return rows
