"""A plan in time for the terminal: the rows of the picture, in letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from bot.paper.rows import rows
from bot.phrases import Phrases
from exoplan import Plan
from exoplan.chart import chart_of

#: Letters a bar may be long.
WIDTH = 48

_INKS = {"visit": ("█", "blue"), "result": ("▒", "yellow"), "upkeep": ("░", "green")}
_NOTHING, _ON_AND_ON = "┄", "▶"


def timeline(plan: Plan, phrases: Phrases) -> Group:
    """Every row of the plan's chart; empty for a plan that is closed."""
    drawn = rows(chart_of(plan), phrases)
    return Group(*(part for row in drawn for part in _row(row)))


def _row(row: Mapping[str, Any]) -> Iterator[Text | Padding]:
    yield Text.assemble((row["label"], "bold"), f" · {row['text']}")
    if row["kind"] == "gap":
        yield Padding(Text(_NOTHING * WIDTH, "dim"), (0, 0, 0, 2))
    elif row["kind"] == "stairs":
        for begins, ends in row["steps"]:
            yield _bar(begins, ends, "visit")
    else:
        yield _bar(row["from"], row["to"], row["ink"], on_and_on=row["open"])


def _bar(begins: float, ends: float, ink: str, *, on_and_on: bool = False) -> Padding:
    letter, colour = _INKS[ink]
    before = min(round(begins * WIDTH), WIDTH - 1)
    length = max(1, round(ends * WIDTH) - before)
    bar = letter * length
    if on_and_on:
        bar = bar[:-1] + _ON_AND_ON
    return Padding(Text(bar, colour), (0, 0, 0, 2 + before))
