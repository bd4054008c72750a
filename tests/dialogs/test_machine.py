"""The tables of the machine: nothing misspelt, nothing unreachable, no dead end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transitions import Machine

from dialogs.machine import (
    OVER_TRANSITIONS,
    OVERLAYS,
    STATES,
    TRANSITIONS,
    Row,
    Walker,
    fire,
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


#: What a walker may be asked.
CONDITIONS = sorted(name for name in vars(Walker) if name.startswith(("is_", "has_")))


def anybody(state: str, over: str, holds: frozenset[str]) -> Any:
    """A walker of whom just these conditions hold."""
    answers = {name: lambda name=name: name in holds for name in CONDITIONS}
    return SimpleNamespace(state=state, over=over, **answers)


LIBRARY = {
    attribute: Machine(
        model=None,
        states=list(states),
        transitions=rows,
        initial=None,
        auto_transitions=False,
        model_attribute=attribute,
    )
    for attribute, (states, rows, _) in zip(("state", "over"), TABLES, strict=True)
}


@given(
    st.sampled_from(STATES),
    st.sampled_from(OVERLAYS),
    st.frozensets(st.sampled_from(CONDITIONS)),
)
def test_every_trigger_leads_where_the_library_would_lead(state, over, holds):
    for attribute, machine in LIBRARY.items():
        for trigger, event in machine.events.items():
            ours, theirs = anybody(state, over, holds), anybody(state, over, holds)
            here = getattr(theirs, attribute)
            moved = here in event.transitions and event.trigger(theirs)
            assert fire(ours, trigger) == moved
            assert (ours.state, ours.over) == (theirs.state, theirs.over)
