"""A second ear for emergencies: how near a message is to those people sent in need.

A word list hears what its makers thought of. The ear weighs everything that is said:
words one by one and in company, pieces of words, families of signs, denials. Its
weights are data (words/<language>/ear.tsv), learned from written messages by
`python -m tests.dialogs.ear.fit`; the score is a plain sum, so it can say which words
weighed most.

The gist of a message, as written in ear.tsv:

    w throat closing     words that follow one another, ends of sentences with them
    s throat up          two words, up to three others between them
    c <thr               a piece of a word; < and > are its ends
    f breathe            a word of that family of emergencies.toml
    p breathe cannot     two families near one another
    m past               a sign of how it is meant

A word under a denial carries a "!" before it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import sqrt
from operator import add

from dialogs.spelling import STOPS

#: Words that stand together in one gram at most.
WORDS_TOGETHER = 3
#: How far the second of two words with others between may be from the first.
SKIP_REACHES = 4
#: Letters of the shortest and the longest piece of a word.
PIECES = (3, 5)
#: Words from the end of one family's to the start of another's that go together.
FAMILIES_WITHIN = 8
#: Words that are weighed at once. A longer text is weighed in parts, each beginning
#: half a part later, so that much talk cannot drown a few words in need.
PART = 48
#: Different words whose pieces are kept at hand.
WORDS_KEPT = 4_000
#: Words that the reason names.
REASONS = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the ear is given it."""

    words: Sequence[str]  #: words and stops, with "!" before what is denied
    families: Sequence[tuple[str, int, int]]  #: name, first word, one past the last
    signs: Sequence[str]  #: signs of how it is meant that stand anywhere

    def part(self, start: int, end: int) -> Said:
        """The same from one word up to, without, another."""
        return Said(
            self.words[start:end],
            [
                (name, first - start, last - start)
                for name, first, last in self.families
                if start <= first and last <= end
            ],
            self.signs,
        )

    def parts(self) -> Iterator[tuple[int, Said]]:
        """The parts that are weighed, each with the place of its first word."""
        if len(self.words) <= PART:
            yield 0, self
            return
        for start in range(0, len(self.words) - PART // 2, PART // 2):
            yield start, self.part(start, start + PART)


def pieces(word: str) -> list[str]:
    """The grams inside one word."""
    whole = f"<{word}>"
    shortest, longest = PIECES
    return [
        "c " + whole[at : at + size]
        for size in range(shortest, longest + 1)
        for at in range(len(whole) - size + 1)
    ]


def placed(said: Said) -> Iterator[tuple[str, int, int]]:
    """The grams of more than one letter's reach, with the words that they cover."""
    words = said.words
    for size in range(1, WORDS_TOGETHER + 1):
        for at in range(len(words) - size + 1):
            yield "w " + " ".join(words[at : at + size]), at, at + size
    spoken = [(at, word) for at, word in enumerate(words) if word not in STOPS]
    for nth, (at, word) in enumerate(spoken):
        for then, other in spoken[nth + 2 : nth + SKIP_REACHES + 1]:
            yield f"s {word} {other}", at, then + 1
    yield from named(said)


def named(said: Said) -> Iterator[tuple[str, int, int]]:
    """The grams of families and signs, with the words that they cover."""
    families = [
        ("!" + name if said.words[start].startswith("!") else name, start, end)
        for name, start, end in said.families
    ]
    for name, start, end in families:
        yield "f " + name, start, end
        reach = end + FAMILIES_WITHIN
        for other, then, last in families:
            if end <= then <= reach:
                pair = f"p {name} {other}" if name <= other else f"p {other} {name}"
                yield pair, start, last
    for sign in said.signs:
        yield "m " + sign, 0, 0


def grams(said: Said) -> list[str]:
    """Every gram of a message once, in a set order."""
    found = dict.fromkeys(gram for gram, _, _ in placed(said))
    for word in said.words:
        if word not in STOPS:
            found.update(dict.fromkeys(pieces(word)))
    return list(found)


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the ear is believed, as scores: log odds of an emergency."""

    sure_from: float  #: from here on the card of the likeliest group is given
    asks_from: float  #: from here on it is asked whether it is happening now
    asks_below: float  #: below, what a single word set off is asked about first
    calms_below: float  #: below, it is let go
    calms_the_firm_below: float  #: below, what several words set off is let go too


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learned, as it stands in ear.tsv and ear_groups.tsv."""

    grams: Mapping[str, int]  #: gram to its place in the two lists below
    rarity: Sequence[float]  #: inverse document frequency of each
    weight: Sequence[float]  #: what each adds, for an emergency or against it
    bias: float  #: the score of a message without a known gram
    groups: Mapping[str, tuple[float, Mapping[int, float]]]
    #: "EM05 SAME_DAY" to its bias and the weights of its grams by place


@dataclass(frozen=True, slots=True)
class Heard:
    """What the ear made of the loudest part of a message."""

    score: float  #: log odds that it is an emergency
    start: int  #: place of the part's first word in the message
    part: Said  #: the words that were weighed
    known: Set[int]  #: places of the grams that are known
    length: float  #: what the weights are divided by


class Ear:
    """Weighs messages by what was learned."""

    def __init__(self, weights: Weights) -> None:
        self._places, self._weight = weights.grams, weights.weight
        self._squared = [rarity * rarity for rarity in weights.rarity]
        self._bias = weights.bias
        self._groups = list(weights.groups)
        self._leanings = [bias for bias, _ in weights.groups.values()]
        self._by_place: dict[int, list[tuple[int, float]]] = {}
        for nth, (_, group) in enumerate(weights.groups.values()):
            for at, weight in group.items():
                self._by_place.setdefault(at, []).append((nth, weight))
        self._pieces = lru_cache(WORDS_KEPT)(self._known_pieces)

    def hear(self, said: Said) -> Heard:
        """The part of a message that sounds most like an emergency."""
        return max(
            (self._heard(start, part) for start, part in said.parts()),
            key=lambda heard: heard.score,
        )

    def _heard(self, start: int, part: Said) -> Heard:
        known = self._known(part)
        length = sqrt(sum(map(self._squared.__getitem__, known))) or 1.0
        total = sum(map(self._weight.__getitem__, known))
        return Heard(self._bias + total / length, start, part, known, length)

    def likeliest(self, heard: Heard) -> str:
        """Group and level ("EM05 SAME_DAY") that an emergency most likely has."""
        likely = [0.0] * len(self._groups)
        for at in self._by_place.keys() & heard.known:
            for nth, weight in self._by_place[at]:
                likely[nth] += weight / heard.length
        sums = list(map(add, likely, self._leanings))
        return self._groups[sums.index(max(sums))]

    def because(self, heard: Heard) -> list[int]:
        """Places of the words that weighed most for an emergency, in their order."""
        part, weight = heard.part, self._weight
        weighed = [
            0.0 if word in STOPS else sum([weight[at] for at in self._pieces(word)])
            for word in part.words
        ]
        seen: set[int] = set()
        for gram, start, end in placed(part):
            known = self._places.get(gram)
            if known is None or known in seen or start == end:
                continue
            seen.add(known)
            share = weight[known] / (end - start)
            for at in range(start, end):
                weighed[at] += share
        spoken = [
            at
            for at, word in enumerate(part.words)
            if word not in STOPS and weighed[at] > 0
        ]
        most = sorted(spoken, key=lambda at: -weighed[at])[:REASONS]
        return sorted(heard.start + at for at in most)

    def _known(self, said: Said) -> set[int]:
        """Places of the grams that the ear has learned."""
        words, spoken = said.words, [w for w in said.words if w not in STOPS]
        said_so = together = ["w " + word for word in words]
        for size in range(1, WORDS_TOGETHER):
            together = list(map(" ".join, zip(together, words[size:], strict=False)))
            said_so = said_so + together
        for apart in range(2, SKIP_REACHES + 1):
            pairs = zip(spoken, spoken[apart:], strict=False)
            said_so += [f"s {word} {other}" for word, other in pairs]
        said_so += [gram for gram, _, _ in named(said)]
        known = {at for at in map(self._places.get, said_so) if at is not None}
        return known.union(*map(self._pieces, spoken))

    def _known_pieces(self, word: str) -> tuple[int, ...]:
        places = self._places
        return tuple(places[piece] for piece in pieces(word) if piece in places)


def read_weights(language: str) -> Weights:
    """What was learned of a language.

    ear.tsv has a line a gram: gram, rarity, weight; the first line is the bias.
    ear_groups.tsv has a line a group and gram: group, level, gram, weight; "" is its
    bias.
    """
    folder = files("dialogs.words") / language
    places: dict[str, int] = {}
    rarity: list[float] = []
    weight: list[float] = []
    first, *lines = (folder / "ear.tsv").read_text("utf-8").splitlines()
    for line in lines:
        gram, rare, weighs = line.split("\t")
        places[gram] = len(places)
        rarity.append(float(rare))
        weight.append(float(weighs))
    groups: dict[str, tuple[float, dict[int, float]]] = {}
    for line in (folder / "ear_groups.tsv").read_text("utf-8").splitlines():
        group, level, gram, weighs = line.split("\t")
        name = f"{group} {level}"
        if gram:
            groups[name][1][places[gram]] = float(weighs)
        else:
            groups[name] = (float(weighs), {})
    return Weights(places, rarity, weight, float(first.split("\t")[-1]), groups)


def read_trust(language: str) -> Trust:
    """How far the ear for a language is believed, from ear.toml."""
    path = files("dialogs.words") / language / "ear.toml"
    return Trust(**tomllib.loads(path.read_text("utf-8"))["trust"])
