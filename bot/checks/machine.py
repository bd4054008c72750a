"""The tables of the machine: every place known, reachable, and with a way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.checks.finding import Finding
from dialogs.machine import (
    OVER_TRANSITIONS,
    OVERLAYS,
    STATES,
    TRANSITIONS,
    Row,
    Walker,
)

_FILE = "dialogs/machine.py"


def sound() -> Iterator[Finding]:
    """Both tables."""
    yield from table_sound(STATES, TRANSITIONS, STATES[0])
    yield from table_sound(OVERLAYS, OVER_TRANSITIONS, OVERLAYS[0])


def table_sound(
    states: Sequence[str], rows: Sequence[Row], first: str
) -> Iterator[Finding]:
    """One table: names known, every place reached from the first and left again."""
    for row in rows:
        for place in (*_sources(row), row["dest"]):
            if place not in states:
                yield Finding(_FILE, row["trigger"], f"no place is called {place!r}")
        for name in (*_names(row, "conditions"), *_names(row, "unless")):
            if not callable(getattr(Walker, name, None)):
                yield Finding(_FILE, row["trigger"], f"no condition is called {name!r}")
    reached, fresh = {first}, {first}
    while fresh:
        fresh = {row["dest"] for row in rows if fresh & set(_sources(row))} - reached
        reached |= fresh
    for state in states:
        if state not in reached:
            yield Finding(_FILE, state, "cannot be reached")
        if not any(state in _sources(row) and row["dest"] != state for row in rows):
            yield Finding(_FILE, state, "has no way out")


def _sources(row: Row) -> tuple[str, ...]:
    source = row["source"]
    return (source,) if isinstance(source, str) else tuple(source)


def _names(row: Row, key: str) -> tuple[str, ...]:
    names = row.get(key, ())
    return (names,) if isinstance(names, str) else tuple(names)
