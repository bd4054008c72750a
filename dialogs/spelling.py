"""What a person typed, as plain words.

Case, apostrophes, emoji, accents, drawn-out letters, chat shorthand and common slips
are ironed out here, once, so that every later reading sees the same words. Sentence
ends stay as the tokens ".", "?" and ",".
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files

FULL_STOP, QUESTION, COMMA = ".", "?", ","
STOPS = frozenset({FULL_STOP, QUESTION, COMMA})

#: Shorter words have too many neighbours to be guessed from one wrong letter.
MIN_LETTERS_TO_CORRECT = 6
#: Different words kept after correction; people repeat themselves and one another.
CORRECTIONS_KEPT = 20_000

_APOSTROPHES = re.compile("['’‘`´ʼ＇]")
_TOKEN = re.compile(r"\d+(?:[.,/:]\d+)*|[^\W\d_]+|[.!?,;\n…–—]")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1")
_STOP_OF = {
    "?": QUESTION,
    ",": COMMA,
    "–": COMMA,
    "—": COMMA,
}
_NUMBER = re.compile(r"\d")
_NUMBER_WORDS = frozenset(
    {"a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
    | {"ten", "eleven", "twelve", "several", "few", "couple", "many"}
)


def is_number(token: str) -> bool:
    """Whether a token is a figure or a small number in words ("2", "39.5", "few")."""
    return bool(_NUMBER.match(token)) or token in _NUMBER_WORDS


def fold(text: str) -> str:
    """Lower case without accents, apostrophes or invisible marks."""
    if text.isascii():
        return _APOSTROPHES.sub("", text.lower())
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))


def plain_tokens(text: str) -> list[str]:
    """The words and stops of a text, before any correction."""
    return [
        token if token[0].isalnum() else _STOP_OF.get(token, FULL_STOP)
        for token in _TOKEN.findall(fold(text))
    ]


def one_slip_apart(one: str, other: str) -> bool:
    """Whether two words differ by one letter added, lost, changed or swapped."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    start = next((i for i, c in enumerate(short) if c != long[i]), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    rest, other_rest = short[start + 1 :], long[start + 1 :]
    swapped = short[start : start + 2] == long[start : start + 2][::-1]
    return rest == other_rest or (swapped and rest[1:] == other_rest[1:])


@dataclass(frozen=True, slots=True)
class Shorthand:
    """What a word file says about how people spell."""

    emoji: Mapping[str, str] = field(default_factory=dict)  #: emoji to a word
    words: Mapping[str, str] = field(default_factory=dict)  #: "cnt" to "cant"
    joined: Mapping[str, str] = field(default_factory=dict)  #: "can not" to "cant"
    fillers: frozenset[str] = frozenset()  #: words that change nothing ("really")
    corrected: frozenset[str] = frozenset()  #: long words worth mending a slip for
    left_alone: frozenset[str] = frozenset()  #: real words that look like a slip


class Speller:
    """Turns a text into the plain words that the patterns are written in."""

    def __init__(self, shorthand: Shorthand) -> None:
        self._emoji = {ord(sign): f" {w} " for sign, w in shorthand.emoji.items()}
        self._words = shorthand.words
        self._fillers = shorthand.fillers
        self._left_alone = shorthand.left_alone
        self._joined = {tuple(k.split()): v for k, v in shorthand.joined.items()}
        self._longest_join = max((len(k) for k in self._joined), default=1)
        self._first_joined = frozenset(k[0] for k in self._joined)
        self._corrected = shorthand.corrected
        self._near: dict[str, set[str]] = {}
        for word in sorted(shorthand.corrected):
            for key in _with_one_lost(word):
                self._near.setdefault(key, set()).add(word)
        self._mended = lru_cache(CORRECTIONS_KEPT)(self._mend)

    def tokens(self, text: str) -> list[str]:
        """The words and stops of a text, mended, joined and without fillers."""
        if self._emoji and not text.isascii():
            text = text.translate(self._emoji)
        mended = [
            word for token in plain_tokens(text) for word in self._mended(token).split()
        ]
        return [t for t in self._join(mended) if t not in self._fillers]

    def pattern_words(self, words: Iterable[str]) -> list[str]:
        """Words of a pattern, joined as a text would be, taken as they are spelt."""
        return [w for w in self._join(list(words)) if w not in self._fillers]

    def _join(self, tokens: list[str]) -> list[str]:
        out: list[str] = []
        at = 0
        while at < len(tokens):
            if tokens[at] in self._first_joined:
                for size in range(self._longest_join, 1, -1):
                    whole = self._joined.get(tuple(tokens[at : at + size]))
                    if whole is not None:
                        out.extend(whole.split())
                        at += size
                        break
                else:
                    out.append(tokens[at])
                    at += 1
            else:
                out.append(tokens[at])
                at += 1
        return out

    def _mend(self, token: str) -> str:
        if token in self._words:
            return self._words[token]
        if token in self._corrected or token in self._left_alone:
            return token
        if _DRAWN_OUT.search(token):
            token = self._undrawn(token)
        if len(token) < MIN_LETTERS_TO_CORRECT - 1 or token in self._left_alone:
            return token
        for key in _with_one_lost(token):
            for word in sorted(self._near.get(key, ())):
                if one_slip_apart(token, word):
                    return word
        return token

    def _undrawn(self, token: str) -> str:
        twice = _DRAWN_OUT.sub(r"\1\1", token)
        if twice in self._corrected or twice in self._words:
            return self._words.get(twice, twice)
        once = _DRAWN_OUT.sub(r"\1", token)
        if once in self._words:
            return self._words[once]
        for word in self._corrected:
            if _DOUBLED.sub(r"\1", word) == _DOUBLED.sub(r"\1", once):
                return word
        return once


def _with_one_lost(word: str) -> list[str]:
    return [word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]


def read_shorthand(language: str) -> Shorthand:
    """How people spell in a language, from words/<language>/spelling.toml."""
    path = files("dialogs.words") / language / "spelling.toml"
    said = tomllib.loads(path.read_text("utf-8"))
    return Shorthand(
        emoji=said["emoji"],
        words=said["words"],
        joined=said["joined"],
        fillers=frozenset(said["fillers"]["words"].split()),
        corrected=frozenset(said["mended"]["words"].split()),
        left_alone=frozenset(said["left_alone"]["words"].split()),
    )
