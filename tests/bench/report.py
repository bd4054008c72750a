"""Figures for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from tests.bench.run import Figures


def table(runs: Sequence[Figures]) -> Table:
    """One line a run."""
    shown = Table(title="turns answered, each after it was on disk")
    for column in ("load", "store"):
        shown.add_column(column)
    numbers = ("turns/s", "p50 ms", "p99 ms", "CPU ms/turn", "load's CPU", "start s")
    for column in (*numbers, "rest MB", "peak MB", "people", "lost", "doubled"):
        shown.add_column(column, justify="right")
    for one in runs:
        shown.add_row(
            one.load.name,
            one.store,
            f"{one.turns_per_second:,.0f}",
            f"{one.p50_ms:.1f}",
            f"{one.p99_ms:.1f}",
            f"{one.cpu_ms_per_turn:.2f}",
            f"{one.far_end_cpu_ms_per_turn:.2f}",
            f"{one.first_answer_seconds:.2f}",
            f"{one.rest_mb:.0f}",
            f"{one.peak_mb:.0f}",
            f"{one.people:,}",
            str(one.lost + one.states_lost),
            str(one.doubled),
        )
    return shown


def broken(one: Figures) -> list[str]:
    """What a bot that loses nothing may not show."""
    found = []
    if one.lost or one.states_lost or one.doubled:
        found.append(
            f"{one.lost} turns lost, {one.states_lost} states lost, "
            f"{one.doubled} turns doubled"
        )
    found += one.faults
    found += [f"{times} × {what}" for what, times in one.refusals.items()]
    book = one.ledger
    if book is not None:
        if book.turns_waiting or book.turns_set_aside:
            found.append(
                f"{book.turns_waiting} turns left, {book.turns_set_aside} set aside"
            )
        if one.sent_again > book.uncertain:
            found.append(
                f"{one.sent_again} messages came twice, {book.uncertain} are counted"
            )
    return found


def publish(runs: Sequence[Figures], file: Path | None) -> None:
    """Print the table and what is wrong; write the JSON where it is wanted."""
    console = Console(width=160)
    console.print(table(runs))
    for one in runs:
        for line in broken(one):
            console.print(f"[red]{one.load.name} on {one.store}:[/red] {line}")
    if file is not None:
        plain = [one.as_json() for one in runs]
        file.write_bytes(orjson.dumps(plain, option=orjson.OPT_INDENT_2))
