"""A small language for what people say, and the reader that finds it in a text.

A pattern is written as people type:

    throat closing          these words, one after the other
    lip|lips|mouth          any of these words
    hot|on_fire             one of them more than one word
    swell*                  any ending
    # months ago            a number
    {joint} hot             any word of a family named in the same file
    {throat} ~ {closing}    the second follows the first, a few words between
    {joint} & {hot} & red   near one another, in any order
    fever & pus + {joint}   and a joint anywhere in the message
    pain + after ~ {shot}   and a shot soon after the word "after", anywhere
    pain + <treated>        and anywhere one of the contexts listed under that name

All patterns of a file share one tree, so that a text is walked once however long the
word list grows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from dialogs.errors import DialogError
from dialogs.spelling import Speller, is_number

#: Words that may stand between two parts joined by "~".
FOLLOWS_WITHIN = 4
#: Words that two parts joined by "&" may be apart, each further part adding as many.
NEAR_WITHIN = 6
#: Different first words whose phrases are kept at hand.
BEGINNINGS_KEPT = 20_000
#: Phrases that end with one word from which on a set finds one of them faster.
MANY_PHRASES = 8
#: Ways one phrase may be said once its families are spelled out.
MAX_EXPANSIONS = 10_000


#: Ids of phrases that follow one another.
Chain = tuple[int, ...]
#: Chains of which one is enough.
AnyOf = tuple[Chain, ...]


class PatternError(DialogError):
    """A pattern in a word file cannot be read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a phrase stands in a text, in tokens."""

    start: int  #: first token
    end: int  #: one past the last token


class Hits(Mapping[int, Sequence[Hit]]):
    """Where every phrase stands in a text, by phrase id, from left to right.

    A text holds hundreds of phrases, few of which are ever asked after, so where one
    stands is worked out only then.
    """

    __slots__ = ("_found", "_placed", "_said")

    def __init__(self, placed: Sequence[tuple[Collection[int], Hit]]) -> None:
        self._placed = placed
        self._said: set[int] = set().union(*[phrases for phrases, _ in placed])
        self._found: dict[int, list[Hit]] = {}

    def __getitem__(self, phrase: int) -> Sequence[Hit]:
        found = self._found.get(phrase)
        if found is None:
            if phrase not in self._said:
                raise KeyError(phrase)
            found = [hit for phrases, hit in self._placed if phrase in phrases]
            self._found[phrase] = found
        return found

    def __contains__(self, phrase: object) -> bool:
        return phrase in self._said

    def __iter__(self) -> Iterator[int]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    @property
    def said(self) -> AbstractSet[int]:
        """The phrases that stand anywhere."""
        return self._said

    def apart_from(self, places: AbstractSet[int]) -> Hits:
        """The same without what begins at one of these tokens."""
        return Hits([row for row in self._placed if row[1].start not in places])


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a word file, ready to be looked for."""

    text: str  #: as it was written
    near: tuple[Chain, ...]  #: what stands together
    anywhere: tuple[AnyOf, ...]  #: what may be elsewhere in the message
    phrases: frozenset[int]  #: those of `near`, none of which may be missing


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern that a text holds."""

    hits: tuple[Hit, ...]  #: of its parts, in the order of the pattern

    @property
    def start(self) -> int:
        """First token of the whole."""
        return min(hit.start for hit in self.hits)

    @property
    def end(self) -> int:
        """One past the last token of the whole."""
        return max(hit.end for hit in self.hits)


@dataclass(slots=True)
class _Node:
    # There are tens of thousands; most lead nowhere, so nothing is made before it holds
    # something.
    words: dict[str, _Node] | None = None
    stems: dict[str, _Node] | None = None
    number: _Node | None = None
    phrases: tuple[int, ...] | frozenset[int] = ()

    @property
    def goes_on(self) -> bool:
        """Whether a phrase may be longer than this."""
        return bool(self.words or self.stems or self.number)

    def grown(self, word: str) -> _Node:
        """Where a word of a phrase leads from here, made if need be."""
        if word.endswith("*"):
            branches = self.stems = self.stems or {}
            word = word[:-1]
        else:
            branches = self.words = self.words or {}
        if word not in branches:
            branches[word] = _Node()
        return branches[word]

    def after(self, token: str) -> list[_Node]:
        """Where a token leads from here."""
        led: list[_Node] = []
        if self.words and token in self.words:
            led.append(self.words[token])
        if self.stems:
            led += [
                self.stems[token[:size]]
                for size in range(2, len(token) + 1)
                if token[:size] in self.stems
            ]
        if self.number is not None and is_number(token):
            led.append(self.number)
        return led


class Phrasebook:
    """Every phrase of a word file in one tree."""

    def __init__(
        self,
        speller: Speller,
        families: Mapping[str, Sequence[str]],
        contexts: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.speller = speller
        self._families = families
        self._contexts = contexts or {}
        self._spelled_out: dict[str, list[tuple[str, ...]]] = {}
        self._ids: dict[str, int] = {}
        self._root = _Node()
        self._begins = lru_cache(BEGINNINGS_KEPT)(self._begin)

    def pattern(self, text: str) -> Pattern:
        """Read one pattern and plant its phrases.

        Raises PatternError when a part of it is empty or names no family or context.
        """
        together, *elsewhere = text.split("+")
        near = tuple(self._chain(part) for part in together.split("&"))
        return Pattern(
            text=text,
            near=near,
            anywhere=tuple(self._any_of(part.strip()) for part in elsewhere),
            phrases=frozenset(phrase for chain in near for phrase in chain),
        )

    def _any_of(self, text: str) -> AnyOf:
        if not text.startswith("<"):
            return (self._chain(text),)
        name = text.strip("<>")
        if name not in self._contexts:
            raise PatternError(f"no context is called {name!r}")
        return tuple(self._chain(said) for said in self._contexts[name])

    def _chain(self, text: str) -> Chain:
        return tuple(self.phrase(part) for part in text.split("~"))

    def phrase(self, text: str) -> int:
        """Plant one phrase; its id finds it among the hits of a text."""
        key = " ".join(text.split())
        if not key:
            raise PatternError("a pattern has an empty part")
        if key not in self._ids:
            self._ids[key] = len(self._ids)
            for words in self._ways(key):
                self._plant(words, self._ids[key])
        return self._ids[key]

    def any_of(self, name: str, phrases: Iterable[str]) -> int:
        """Plant several phrases under one id, which the name finds again."""
        key = self._ids.setdefault(f"any of {name}", len(self._ids))
        for phrase in phrases:
            for words in self._ways(phrase):
                self._plant(words, key)
        return key

    def hits(self, tokens: Sequence[str]) -> Hits:
        """Where every planted phrase stands."""
        placed: list[tuple[Collection[int], Hit]] = []
        length = len(tokens)
        for start, token in enumerate(tokens):
            reached = [(node, start + 1) for node in self._begins(token)]
            while reached:
                node, end = reached.pop()
                if node.phrases:
                    placed.append((node.phrases, Hit(start, end)))
                if end < length and node.goes_on:
                    reached += [(child, end + 1) for child in node.after(tokens[end])]
        return Hits(placed)

    def _begin(self, token: str) -> tuple[_Node, ...]:
        return tuple(self._root.after(token))

    def _plant(self, words: tuple[str, ...], phrase: int) -> None:
        node = self._root
        for word in words:
            if word == "#":
                node.number = node.number or _Node()
                node = node.number
            else:
                node = node.grown(word)
        if phrase not in node.phrases:
            ending = (*node.phrases, phrase)
            node.phrases = ending if len(ending) < MANY_PHRASES else frozenset(ending)

    def _ways(self, phrase: str) -> Iterable[tuple[str, ...]]:
        choices = [
            [way for choice in word.split("|") for way in self._word_ways(choice)]
            for word in phrase.split()
        ]
        size = 1
        for choice in choices:
            size *= len(choice)
        if size > MAX_EXPANSIONS:
            raise PatternError(f"{phrase!r}: {size} ways to say it are too many")
        for way in product(*choices):
            words = self.speller.pattern_words(w for part in way for w in part)
            if not words:
                raise PatternError(f"{phrase!r}: nothing but fillers")
            yield tuple(words)

    def _word_ways(self, word: str) -> list[tuple[str, ...]]:
        if not word:
            raise PatternError("a choice of words has an empty part")
        if word.startswith("{"):
            return self._family_ways(word[1:-1])
        return [tuple(word.split("_"))]

    def _family_ways(self, name: str) -> list[tuple[str, ...]]:
        if name not in self._families:
            raise PatternError(f"no family of words is called {name!r}")
        if name not in self._spelled_out:
            self._spelled_out[name] = [
                way for phrase in self._families[name] for way in self._ways(phrase)
            ]
        return self._spelled_out[name]


def found_in(
    pattern: Pattern,
    hits: Mapping[int, Sequence[Hit]],
    elsewhere: Mapping[int, Sequence[Hit]] | None = None,
) -> Iterator[Found]:
    """Every place where a pattern's parts stand close enough together.

    `elsewhere` are the hits that its parts after "+" may use, all of them unless given.
    """
    around = hits if elsewhere is None else elsewhere
    if not all(_stands(chain, hits) for chain in pattern.near):
        return
    if not all(any(_stands(c, around) for c in chains) for chains in pattern.anywhere):
        return
    if len(pattern.near) == 1:
        yield from _following(pattern.near[0], hits)
    else:
        yield from _near(pattern.near, hits)


def _stands(chain: Chain, hits: Mapping[int, Sequence[Hit]]) -> bool:
    if not all(hits.get(phrase) for phrase in chain):
        return False
    return len(chain) == 1 or next(_following(chain, hits), None) is not None


def _following(chain: Chain, hits: Mapping[int, Sequence[Hit]]) -> Iterator[Found]:
    begun: list[tuple[Hit, ...]] = [(hit,) for hit in hits[chain[0]]]
    for phrase in chain[1:]:
        starts = [hit.start for hit in hits[phrase]]
        longer: list[tuple[Hit, ...]] = []
        for so_far in begun:
            nearest = bisect_left(starts, so_far[-1].end)
            if nearest < len(starts):
                following = hits[phrase][nearest]
                if following.start - so_far[-1].end <= FOLLOWS_WITHIN:
                    longer.append((*so_far, following))
        begun = longer
    for whole in begun:
        yield Found(whole)


def _near(
    chains: tuple[Chain, ...], hits: Mapping[int, Sequence[Hit]]
) -> Iterator[Found]:
    within = NEAR_WITHIN * (len(chains) - 1)
    different = tuple(dict.fromkeys(chains))
    every = sorted(
        (
            (found.start, found.end, c, found)
            for c in different
            for found in _following(c, hits)
        ),
        key=lambda row: row[:3],
    )
    latest: dict[Chain, Found] = {}
    for start, _, chain, found in every:
        latest[chain] = found
        together = start - min(part.end for part in latest.values()) <= within
        if together and len(latest) == len(different):
            yield Found(tuple(h for c in chains for h in latest[c].hits))
