"""How long something has lasted, as people type it: "20 weeks", "a year and a half".

A length has a lower and an upper end, because people hedge ("over a month", "2 or 3
weeks"). What cannot be told is wide open, so that nobody's answer is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Words before or after an amount in which "more than" or "or less" may stand.
HEDGE_REACHES = 3
#: "Less than 13 weeks" is taken as this many days fewer.
LESS_BY_DAYS = 7.6

_AMOUNT = re.compile(r"\d+(?:[.,]\d+)?")
_HALF = 0.5
_FOR_EVER = float("inf")


@dataclass(frozen=True, slots=True)
class Length:
    """A stretch of time, in days."""

    low_days: float  #: at least this
    high_days: float  #: at most this


#: A length was meant, but it cannot be told how long.
UNCLEAR = Length(0, _FOR_EVER)


@dataclass(frozen=True, slots=True)
class LengthWords:
    """The words of a language that lengths are made of."""

    units: Mapping[str, float]  #: "weeks" to 7 days
    amounts: Mapping[str, tuple[float, float]]  #: "couple" to 2 and 3
    half: frozenset[str]
    joining: frozenset[str]  #: between two amounts ("2 or 3")
    adding: frozenset[str]  #: between what adds up ("a year and 2 months")
    skipped: frozenset[str]  #: between an amount and its unit ("a couple of weeks")
    one: frozenset[str]  #: "a", "an"
    more: frozenset[str]  #: it is longer than said
    less: frozenset[str]  #: it is shorter than said
    a_date: frozenset[str]  #: before a unit ("last year")
    an_age: frozenset[str]  #: after a unit ("15 years old")


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    unit_days: float
    low: float
    high: float


def how_long(tokens: Sequence[str], words: LengthWords) -> Length | None:
    """The length of time that a text names; None where it names none."""
    parts: list[_Part] = []
    for at, token in enumerate(tokens):
        if token in words.units:
            if words.an_age.intersection(tokens[at + 1 : at + 2]):
                return UNCLEAR
            if words.a_date.intersection(tokens[max(0, at - 1) : at]):
                return UNCLEAR
            part = _part(tokens, at, words)
            if part is not None:
                parts.append(part)
    if not parts:
        return None
    used = {at for part in parts for at in range(part.start, part.end)}
    if any(t[0].isdigit() for at, t in enumerate(tokens) if at not in used):
        return UNCLEAR
    lengths = _summed(parts, tokens, words)
    return Length(
        min(length.low_days for length in lengths),
        max(length.high_days for length in lengths),
    )


def _part(tokens: Sequence[str], unit: int, words: LengthWords) -> _Part | None:
    """The amount before a unit, and a half after it."""
    days = words.units[tokens[unit]]
    start = unit - 1
    while start >= 0 and tokens[start] in words.skipped:
        start -= 1
    if start < 0:
        return None
    halves = 0
    if tokens[start] in words.half:  # "one and a half years", "half year"
        halves, start = 1, start - 1
        before = start
        while before >= 0 and tokens[before] in words.one | words.joining:
            before -= 1
        if before >= 0 and _AMOUNT.fullmatch(tokens[before]):
            start = before
    amount = _amount(tokens, start, words)
    if amount is None and not halves:
        return None
    low, high, start = amount or (0.0, 0.0, start + 1)
    if not halves and start and tokens[start - 1] in words.half:  # "half a year"
        low, high, start = _HALF, _HALF, start - 1
    end = unit + 1
    tail = [t for t in tokens[end : end + 3] if t not in words.joining | words.one]
    if tail[:1] and tail[0] in words.half:  # "a year and a half"
        halves, end = 1, end + 3
    extra = halves * _HALF
    return _Part(start, end, days, (low + extra) * days, (high + extra) * days)


def _amount(
    tokens: Sequence[str], at: int, words: LengthWords
) -> tuple[float, float, int] | None:
    """How many: from, to, and where that begins."""
    if at < 0:
        return None
    token = tokens[at]
    if token in words.one:
        return 1, 1, at
    if token in words.amounts:
        first = at
        while first and tokens[first - 1] in words.one:
            first -= 1
        return (*words.amounts[token], first)
    if not _AMOUNT.fullmatch(token):
        return None
    high = _number(token)
    before = at - 1
    if before >= 0 and tokens[before] in words.joining:
        before -= 1
    if before >= 0 and _AMOUNT.fullmatch(tokens[before]):
        return _number(tokens[before]), high, before
    return high, high, at


def _number(token: str) -> float:
    return float(token.replace(",", "."))


def _summed(
    parts: Sequence[_Part], tokens: Sequence[str], words: LengthWords
) -> list[Length]:
    """Lengths, those that belong together ("a year and 2 months") added up."""
    out: list[Length] = []
    last: _Part | None = None
    for part in parts:
        length = _hedged(part, tokens, words)
        if last is not None and part.unit_days < last.unit_days:
            between = tokens[last.end : part.start]
            if words.adding.issuperset(between):
                so_far = out.pop()
                length = Length(
                    so_far.low_days + length.low_days,
                    so_far.high_days + length.high_days,
                )
        out.append(length)
        last = part
    return out


def _hedged(part: _Part, tokens: Sequence[str], words: LengthWords) -> Length:
    near = {
        *tokens[max(0, part.start - HEDGE_REACHES) : part.start],
        *tokens[part.end : part.end + HEDGE_REACHES],
    }
    more, less = near & words.more, near & words.less
    if more and less:
        return UNCLEAR
    if more:
        return Length(part.low, _FOR_EVER)
    if less:
        return Length(0, max(0.0, part.high - LESS_BY_DAYS))
    return Length(part.low, part.high)
