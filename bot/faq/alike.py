"""Questions that were asked in like words, brought together for the team to read."""

from __future__ import annotations

from collections.abc import Iterable

from dialogs.spelling import plain_tokens

#: Share of their words that two questions have in common to be taken for one.
ALIKE_SHARE = 0.5

#: Shorter words say little about what is asked.
MIN_WORD_LETTERS = 3


def groups(questions: Iterable[str]) -> list[tuple[str, int]]:
    """One of each group as it was written, and how many there are; most first."""
    found: list[tuple[str, frozenset[str], list[str]]] = []
    for question in questions:
        words = _words(question)
        for _, known, members in found:
            if _alike(words, known):
                members.append(question)
                break
        else:
            found.append((question, words, [question]))
    counted = [(first, len(members)) for first, _, members in found]
    return sorted(counted, key=lambda group: -group[1])


def _words(question: str) -> frozenset[str]:
    every = plain_tokens(question)
    return frozenset(w for w in every if len(w) >= MIN_WORD_LETTERS) or frozenset(every)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    together = one | other
    return not together or len(one & other) >= ALIKE_SHARE * len(together)
