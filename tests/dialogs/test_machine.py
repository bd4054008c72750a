"""The tables of the machine: nothing misspelt, nothing unreachable, no dead end."""

from __future__ import annotations

import pytest

from dialogs.machine import (
    OVER_TRANSITIONS,
    OVERLAYS,
    STATES,
    TRANSITIONS,
    Row,
    Walker,
)

TABLES = [(STATES, TRANSITIONS, "welcome"), (OVERLAYS, OVER_TRANSITIONS, "none")]


def sources(row: Row) -> list[str]:
    return row["source"] if isinstance(row["source"], list) else [row["source"]]


@pytest.mark.parametrize(("states", "rows", "first"), TABLES)
def test_every_row_names_known_states_and_conditions(states, rows, first):
    for row in rows:
        assert {*sources(row), row["dest"]} <= set(states)
        for key in ("conditions", "unless"):
            names = row.get(key, [])
            for name in [names] if isinstance(names, str) else names:
                assert callable(getattr(Walker, name))


@pytest.mark.parametrize(("states", "rows", "first"), TABLES)
def test_every_state_can_be_reached_and_left(states, rows, first):
    reached, fresh = {first}, {first}
    while fresh:
        fresh = {r["dest"] for r in rows if fresh & set(sources(r))} - reached
        reached |= fresh
    assert reached == set(states)
    for state in states:
        assert any(state in sources(row) and row["dest"] != state for row in rows)


@pytest.mark.parametrize(("states", "rows", "first"), TABLES)
def test_no_row_hides_behind_an_unconditional_one(states, rows, first):
    """The first match wins silently, so a row after a plain one would be dead."""
    settled: set[tuple[str, str]] = set()
    for row in rows:
        for source in sources(row):
            assert (row["trigger"], source) not in settled, row
            if "conditions" not in row and "unless" not in row:
                settled.add((row["trigger"], source))
