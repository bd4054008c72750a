"""What the words of a language mean to one another, and the words of a text in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from dialogs.spelling import STOPS, plain_tokens

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


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The word lists of templates/<language>/same_words.toml."""

    spelt: Mapping[str, str]  #: a word as it is often misspelt to the word
    same: Mapping[str, str]  #: a word to the one that stands for it
    joined: Mapping[tuple[str, ...], str]  #: words that mean one thing together
    faint: frozenset[str]  #: words that say little by themselves
    alone: frozenset[str]  #: words that ask nothing when they stand alone
    negators: frozenset[str]
    deniable: frozenset[str]  #: what people deny of themselves ("not pregnant")
    not_denied: frozenset[str]  #: after a negator, it denies something else
    numbers: frozenset[str]  #: may name a number or a time without a digit
    asking: frozenset[str]  #: a question has one of these
    joining: frozenset[str]  #: may stand between two questions

    def typed(self, text: str) -> list[str]:
        """The words of a text, joined; what it denies is only marked as such."""
        out: list[str] = []
        reach = 0
        spelt = (self.spelt.get(t, t) for t in plain_tokens(text)[:_MAX_TOKENS])
        for token in self._join(list(spelt)):
            if token in STOPS:
                reach = 0
            elif reach and self.one(token) in self.deniable:
                reach = _DENIAL_REACHES  # "no cancer or diabetes"
                out.append(_DENIED)
            else:
                reach = 0 if token in self.not_denied else max(0, reach - 1)
                reach = _DENIAL_REACHES if token in self.negators else reach
                out.append(token)
        return out

    def one(self, word: str) -> str:
        """The word that stands for all that mean the same."""
        return self.same.get(word) or (word if word in self.faint else _stem(word))

    def tells(self, typed: Sequence[str]) -> bool:
        """Whether one of these words at least says what is asked about."""
        telling = {word for word in typed if word not in self.faint}
        if len(typed) <= _FEW_WORDS or _DENIED in typed:
            telling = {w for w in telling - self.alone if not w.isdecimal()}
        return bool(telling - {_DENIED})

    def _join(self, tokens: Sequence[str]) -> list[str]:
        out: list[str] = []
        at = 0
        while at < len(tokens):
            for size in range(_LONGEST_JOINED, 1, -1):
                whole = self.joined.get(tuple(tokens[at : at + size]))
                if whole is not None:
                    out.append(whole)
                    at += size
                    break
            else:
                out.append(tokens[at])
                at += 1
        return out


@lru_cache
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language."""
    path = files("templates") / language / "same_words.toml"
    said = tomllib.loads(path.read_text("utf-8"))
    same = {
        word: meaning
        for meaning, words in said["words"].items()
        for word in (meaning, *words.split())
    }
    denied = said["denied"]
    return Vocabulary(
        spelt={slip: w for w, slips in said["spelt"].items() for slip in slips.split()},
        same=same,
        joined={tuple(k.split()): word for k, word in said["joined"].items()},
        faint=frozenset(said["faint"]["words"].split()),
        alone=frozenset(said["faint"]["alone"].split()),
        negators=frozenset(denied["negators"].split()),
        deniable=frozenset(denied["of"].split()),
        not_denied=frozenset(denied["unless"].split()),
        numbers=frozenset(said["numbers"]["words"].split()),
        asking=frozenset(said["asking"]["words"].split()),
        joining=frozenset(said["asking"]["joining"].split()),
    )


def _stem(word: str) -> str:
    """A word without the commonest endings."""
    for ending in ("ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
