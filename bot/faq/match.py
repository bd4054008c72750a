"""Which question a text is asking.

Every known phrasing is a bag of words, word pairs and three-letter pieces, weighed by
how few entries hold them (tf-idf); a text is as close to an entry as to the closest of
its phrasings (cosine), with a little of how close it is to the entry as a whole. Pieces
carry slips and endings, words the meaning; words that mean the same here are one word
(same_words.toml).
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from bot.faq.entries import Entry
from dialogs.inputs import Match
from dialogs.spelling import STOPS, plain_tokens

#: From here the closest entry is answered.
ANSWER_AT = 0.52
#: From here an entry is offered: "did you mean".
SUGGEST_AT = 0.36
#: Candidates returned at most.
MOST_MATCHES = 5

#: How much words count beside pieces of words.
_WORDS_WEIGH = 0.8
#: How much the closest phrasing counts beside the entry as a whole.
_PHRASING_WEIGHS = 0.6
#: A word that says little by itself keeps this share of its weight.
_FAINT_WEIGHS = 0.25
#: Two words that follow one another count this much as a word of their own.
_PAIR_WEIGHS = 0.25
#: Longer texts are cut here: a question is short, and reading must stay quick.
_MAX_TOKENS = 60

Bag = dict[str, float]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the words of a language mean to one another."""

    same: Mapping[str, str]  #: a word to the one that stands for it
    faint: frozenset[str]  #: words that say little by themselves


def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language, from templates/<language>/same_words.toml."""
    path = files("templates") / language / "same_words.toml"
    said = tomllib.loads(path.read_text("utf-8"))
    same = {
        word: meaning
        for meaning, words in said["words"].items()
        for word in words.split()
    }
    return Vocabulary(same, frozenset(said["faint"]["words"].split()))


class Matcher:
    """Finds the entries a text comes closest to. Built anew when entries change."""

    def __init__(self, entries: Iterable[Entry], language: str = "en") -> None:
        self._vocabulary = vocabulary(language)
        known = tuple(entries)
        bags = [
            [self._features(said) for said in (entry.ask, *entry.phrasings)]
            for entry in known
        ]
        holding = Counter(
            feature for of_entry in bags for feature in set().union(*of_entry)
        )
        self._rarest = math.log(1 + len(known))
        self._idf = {f: math.log(1 + len(known) / n) for f, n in holding.items()}
        self._entry_of: list[str] = []
        self._phrasings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._wholes: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for entry, of_entry in zip(known, bags, strict=True):
            for features in of_entry:
                for feature, weight in self._weigh(features).items():
                    self._phrasings[feature].append((len(self._entry_of), weight))
                self._entry_of.append(entry.id)
            whole: Counter[str] = sum(of_entry, Counter())
            for feature, weight in self._weigh(whole).items():
                self._wholes[feature].append((entry.id, weight))

    def match(self, text: str) -> tuple[Match, ...]:
        """The closest entries, best first; scores are from 0 to 1."""
        closeness: dict[int, float] = defaultdict(float)
        whole: dict[str, float] = defaultdict(float)
        for feature, weight in self._weigh(self._features(text)).items():
            for number, other in self._phrasings.get(feature, ()):
                closeness[number] += weight * other
            for entry, other in self._wholes.get(feature, ()):
                whole[entry] += weight * other
        best: dict[str, float] = {}
        for number, score in closeness.items():
            entry = self._entry_of[number]
            if score > best.get(entry, 0.0):
                best[entry] = score
        scores = {
            entry: _PHRASING_WEIGHS * score + (1 - _PHRASING_WEIGHS) * whole[entry]
            for entry, score in best.items()
        }
        ranked = sorted(scores.items(), key=lambda found: (-found[1], found[0]))
        return tuple(Match(e, min(1.0, s)) for e, s in ranked[:MOST_MATCHES])

    def _features(self, text: str) -> Counter[str]:
        typed = [t for t in plain_tokens(text) if t not in STOPS][:_MAX_TOKENS]
        same, faint = self._vocabulary.same, self._vocabulary.faint
        words = [same.get(word) or _stem(word) for word in typed]
        pieces = (
            f"~{padded[i : i + 3]}"
            for padded in (f" {word} " for word in typed if word not in faint)
            for i in range(len(padded) - 2)
        )
        pairs = (f"{one} {two}" for one, two in pairwise(words))
        return Counter([*words, *pairs, *pieces])

    def _share(self, feature: str) -> float:
        if " " in feature and feature[0] != "~":
            return _PAIR_WEIGHS
        return _FAINT_WEIGHS if feature in self._vocabulary.faint else 1.0

    def _weigh(self, features: Mapping[str, int]) -> Bag:
        """Each feature with its weight; words and pieces are scaled apart."""
        weights = {
            feature: (1 + math.log(count))
            * self._idf.get(feature, self._rarest)
            * self._share(feature)
            for feature, count in features.items()
        }
        words = [f for f in weights if not f.startswith("~")]
        pieces = [f for f in weights if f.startswith("~")]
        return {
            **_scaled(weights, words, math.sqrt(_WORDS_WEIGH)),
            **_scaled(weights, pieces, math.sqrt(1 - _WORDS_WEIGH)),
        }


def _scaled(weights: Bag, features: Sequence[str], length: float) -> Bag:
    norm = math.sqrt(sum(weights[f] ** 2 for f in features)) or 1.0
    return {f: length * weights[f] / norm for f in features}


def _stem(word: str) -> str:
    """A word without the commonest endings."""
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
