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
ANSWER_AT = 0.54
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
#: In so few words, a common one asks nothing ("my knee", "help").
_FEW_WORDS = 2
#: Stands where a denied word stood.
_DENIED = "_"
#: Words that mean one thing together, at most.
_LONGEST_JOINED = 4
#: Words after a negator that it may deny.
_DENIAL_REACHES = 3
#: Longer texts are cut here: a question is short, and reading must stay quick.
_MAX_TOKENS = 60

Bag = dict[str, float]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the words of a language mean to one another."""

    same: Mapping[str, str]  #: a word to the one that stands for it
    joined: Mapping[tuple[str, ...], str]  #: words that mean one thing together
    faint: frozenset[str]  #: words that say little by themselves
    alone: frozenset[str]  #: words that ask nothing when they stand alone
    negators: frozenset[str]
    deniable: frozenset[str]  #: what people deny of themselves ("not pregnant")
    not_denied: frozenset[str]  #: after a negator, it denies something else


def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language, from templates/<language>/same_words.toml."""
    path = files("templates") / language / "same_words.toml"
    said = tomllib.loads(path.read_text("utf-8"))
    same = {
        word: meaning
        for meaning, words in said["words"].items()
        for word in (meaning, *words.split())
    }
    denied = said["denied"]
    return Vocabulary(
        same=same,
        joined={tuple(k.split()): word for k, word in said["joined"].items()},
        faint=frozenset(said["faint"]["words"].split()),
        alone=frozenset(said["faint"]["alone"].split()),
        negators=frozenset(denied["negators"].split()),
        deniable=frozenset(denied["of"].split()),
        not_denied=frozenset(denied["unless"].split()),
    )


class Matcher:
    """Finds the entries a text comes closest to. Built anew when entries change."""

    def __init__(self, entries: Iterable[Entry], language: str = "en") -> None:
        self._vocabulary = vocabulary(language)
        known = tuple(entries)
        bags = [
            [
                self._features(self._typed(said))
                for said in (entry.ask, *entry.phrasings)
            ]
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
        """The closest entries, best first; scores are from 0 to 1.

        A text without one telling word is close to nothing ("sure", "how come").
        """
        typed = self._typed(text)
        if not self._tells(typed):
            return ()
        features = self._features(typed)
        closeness: dict[int, float] = defaultdict(float)
        whole: dict[str, float] = defaultdict(float)
        for feature, weight in self._weigh(features).items():
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

    def _features(self, typed: Sequence[str]) -> Counter[str]:
        words = [self._one(word) for word in typed]
        pieces = (
            f"~{padded[i : i + 3]}"
            for padded in (f" {w} " for w in typed if w not in self._vocabulary.faint)
            for i in range(len(padded) - 2)
        )
        pairs = (f"{one} {two}" for one, two in pairwise(words))
        return Counter([*words, *pairs, *pieces])

    def _typed(self, text: str) -> list[str]:
        """The words of a text, joined; what it denies is only marked as such."""
        known = self._vocabulary
        out: list[str] = []
        reach = 0
        for token in self._join(plain_tokens(text)[:_MAX_TOKENS]):
            if token in STOPS:
                reach = 0
            elif reach and self._one(token) in known.deniable:
                reach = _DENIAL_REACHES  # "no cancer or diabetes"
                out.append(_DENIED)
            else:
                reach = 0 if token in known.not_denied else max(0, reach - 1)
                reach = _DENIAL_REACHES if token in known.negators else reach
                out.append(token)
        return out

    def _join(self, tokens: Sequence[str]) -> list[str]:
        joined = self._vocabulary.joined
        out: list[str] = []
        at = 0
        while at < len(tokens):
            for size in range(_LONGEST_JOINED, 1, -1):
                whole = joined.get(tuple(tokens[at : at + size]))
                if whole is not None:
                    out.append(whole)
                    at += size
                    break
            else:
                out.append(tokens[at])
                at += 1
        return out

    def _one(self, word: str) -> str:
        """The word that stands for all that mean the same."""
        known = self._vocabulary
        return known.same.get(word) or (word if word in known.faint else _stem(word))

    def _tells(self, typed: Sequence[str]) -> bool:
        """Whether one word at least says what is asked about."""
        known = self._vocabulary
        telling = {word for word in typed if word not in known.faint}
        if len(typed) <= _FEW_WORDS or _DENIED in typed:
            telling = {w for w in telling - known.alone if not w.isdecimal()}
        return bool(telling - {_DENIED})

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
