"""Health flags that people mention unasked.

Two kinds. Distress about one's looks is heard wherever its words stand. What people
say of themselves ("im pregnant", "i take eliquis") counts only as a plain statement:
said in the first person, of now, and neither asked, supposed nor denied. It is better
to miss one, for the lists ask about each, than to think somebody ill who only asked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from dialogs.phrases import Found, Hit, Pattern, Phrasebook, found_in
from dialogs.spelling import (
    FULL_STOP,
    QUESTION,
    STOPS,
    Speller,
    is_number,
    read_shorthand,
)

#: Words after a statement that may still make it something else ("… in my family").
UNDONE_WITHIN = 5

_LANGUAGE = "en"


def volunteered(text: str) -> str | None:
    """The health flag that a person mentions unasked ("RF35"), if there is one."""
    return _reading(_LANGUAGE).flag(text)


@dataclass(frozen=True, slots=True)
class _Told:
    flag: str
    says: tuple[Pattern, ...]  #: statements that name the speaker
    bare: tuple[Pattern, ...]  #: statements without one, to begin a message
    unless: int  #: phrase id of what makes it something else
    ends: bool  #: counts only where the sentence ends or goes on in a known way


class _Reading:
    """The word file of one language, read once."""

    def __init__(self, language: str) -> None:
        path = files("dialogs.words") / language / "volunteered.toml"
        words = tomllib.loads(path.read_text("utf-8"))
        meant = words["meant"]
        self._speller = Speller(read_shorthand(language))
        self._book = Phrasebook(
            self._speller, {**words["families"], **words["told_families"]}
        )
        self._heard: tuple[tuple[str, Pattern], ...] = tuple(
            (flag["id"], self._book.pattern(said))
            for flag in words["flag"]
            for said in flag["says"]
        )
        self._told = tuple(self._read_told(flag, meant) for flag in words["told"])
        self._supposed = self._book.any_of("supposed", meant["supposed"])
        self._asks = frozenset(meant["asks"])
        self._anew = frozenset(meant["anew"])
        self._goes_on = frozenset(meant["goes_on"])
        self._negators = frozenset(meant["negators"])
        self._between = frozenset(meant["between"])

    def _read_told(
        self, flag: Mapping[str, Sequence[str]], meant: Mapping[str, Sequence[str]]
    ) -> _Told:
        over = () if flag.get("lasting") else meant["over"]
        return _Told(
            flag=str(flag["id"]),
            says=tuple(self._book.pattern(said) for said in flag["says"]),
            bare=tuple(self._book.pattern(said) for said in flag.get("bare", ())),
            unless=self._book.any_of(
                f"unless {flag['id']}", (*flag.get("unless", ()), *over)
            ),
            ends=bool(flag.get("ends")),
        )

    def flag(self, text: str) -> str | None:
        """The first flag whose words stand in the text and are meant."""
        tokens = [*self._speller.tokens(text), FULL_STOP]
        hits = self._book.hits(tokens)
        for flag, pattern in self._heard:
            if next(found_in(pattern, hits), None) is not None:
                return flag
        for told in self._told:
            if self._is_told(told, tokens, hits):
                return told.flag
        return None

    def _is_told(
        self, told: _Told, tokens: Sequence[str], hits: Mapping[int, Sequence[Hit]]
    ) -> bool:
        named = (found for p in told.says for found in found_in(p, hits))
        for found in named:
            if (
                self._is_close(found, tokens)
                and not self._is_put_off(found, tokens, hits)
                and not _undone(told, found, tokens, hits)
                and (not told.ends or self._is_whole(found, tokens))
            ):
                return True
        bare = (found for p in told.bare for found in found_in(p, hits))
        return any(
            found.start == 0
            and self._is_close(found, tokens)
            and self._is_whole(found, tokens)
            and not _asked(found, tokens)
            and not _undone(told, found, tokens, hits)
            for found in bare
        )

    def _is_put_off(
        self, found: Found, tokens: Sequence[str], hits: Mapping[int, Sequence[Hit]]
    ) -> bool:
        """Whether what stands before makes it a question, a fancy or a denial."""
        start = found.start
        if start and tokens[start - 1] in self._asks:
            return True
        if tokens[found.end] == QUESTION and (not start or tokens[start - 1] in STOPS):
            return True
        begin = start
        while begin and not self._begins_anew(tokens[begin - 1]):
            begin -= 1
        if any(begin <= hit.start < start for hit in hits.get(self._supposed, ())):
            return True
        denied = False
        for token in tokens[begin:start]:
            if token in self._negators:
                denied = True
            elif token == "and":
                denied = False
        return denied

    def _is_close(self, found: Found, tokens: Sequence[str]) -> bool:
        """Whether only "a low dose of" and its like stands between its parts."""
        own = {at for hit in found.hits for at in range(hit.start, hit.end)}
        return all(
            tokens[at] in self._between or is_number(tokens[at])
            for at in range(found.start, found.end)
            if at not in own
        )

    def _begins_anew(self, token: str) -> bool:
        return token in STOPS or token in self._anew

    def _is_whole(self, found: Found, tokens: Sequence[str]) -> bool:
        following = tokens[found.end]
        return following in STOPS or following in self._goes_on


def _asked(found: Found, tokens: Sequence[str]) -> bool:
    """Whether the words themselves are the question ("on warfarin?")."""
    for token in tokens[found.end :]:
        if token in STOPS:
            return token == QUESTION
    return False


def _undone(
    told: _Told, found: Found, tokens: Sequence[str], hits: Mapping[int, Sequence[Hit]]
) -> bool:
    """Whether what follows in the same clause makes it something else."""
    last = found.end
    while last < found.end + UNDONE_WITHIN and tokens[last] not in STOPS:
        last += 1
    return any(found.start < hit.start < last for hit in hits.get(told.unless, ()))


@cache
def _reading(language: str) -> _Reading:
    return _Reading(language)
