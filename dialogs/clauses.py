"""Where one thing that is said ends and the next begins.

People type several things in one breath ("i had it 2 years ago and now my knee is hot,
can i come today"). What is asked or long over in one of them says nothing of the
others. A clause ends with a sentence, and where after a comma or a joining word
somebody or a question begins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialogs.spelling import COMMA, FULL_STOP, QUESTION

#: Words from its start that show that a clause leans on the next ("when i run").
LEANS_WITHIN = 4


@dataclass(frozen=True, slots=True)
class Breaks:
    """The words of a language that begin and join clauses."""

    joiners: frozenset[str]  #: what joins two clauses ("and")
    closers: frozenset[str]  #: after it whatever comes is new ("thanks")
    times: frozenset[str]  #: a short clause with one needs the next ("years ago,")
    somebody: frozenset[str]  #: who or what a clause may begin with ("i", "my")
    asking: frozenset[str]  #: how a question may begin ("can", "how")
    asking_apart: frozenset[str]  #: the same, but not after "and" ("is")
    run_on: frozenset[str]  #: begins a clause even where nothing joins it ("im")
    glue: frozenset[str]  #: before it, it does not ("if i", "when i")
    leaning: frozenset[str]  #: a clause with one of these needs the next ("when i run")

    @classmethod
    def of(cls, words: Mapping[str, Sequence[str]]) -> Breaks:
        """Read them from a word file's table."""
        return cls(**{name: frozenset(said) for name, said in words.items()})


def clauses(tokens: Sequence[str], breaks: Breaks) -> list[int]:
    """The number of the clause that each token is in, from 0."""
    numbers: list[int] = []
    number = start = 0
    for at, token in enumerate(tokens):
        if at > start and _begins(tokens, at, start, breaks):
            number, start = number + 1, at
        numbers.append(number)
        if token in (FULL_STOP, QUESTION):
            number, start = number + 1, at + 1
    return numbers


def _begins(tokens: Sequence[str], at: int, start: int, breaks: Breaks) -> bool:
    token, before = tokens[at], tokens[at - 1]
    if before in breaks.closers:
        return token not in breaks.closers
    if _leans(tokens[start:at], breaks):
        return False
    if before == COMMA or before in breaks.joiners:
        if token in breaks.asking_apart:
            return before != "and"
        return token in breaks.somebody or token in breaks.asking
    return (
        token in breaks.run_on and before not in breaks.glue and not before[0].isdigit()
    )


def _leans(clause: Sequence[str], breaks: Breaks) -> bool:
    if clause[0] in breaks.asking and clause[0] not in breaks.leaning:
        return False
    if not breaks.leaning.isdisjoint(clause[:LEANS_WITHIN]):
        return not any(w == COMMA or w in breaks.joiners for w in clause[:-1])
    short = len(clause) <= LEANS_WITHIN + 1
    return short and any(w in breaks.times or w[0].isdigit() for w in clause)
