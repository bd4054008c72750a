"""`python -m tests.soak …`: hours of trouble, and whether every promise was kept.

Each command prints what it found, and leaves with 1 where a promise was broken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
import uvloop

from tests.bench.run import Mode
from tests.bench.stores import StoreName
from tests.soak.account import Account, publish

Json = Annotated[Path | None, typer.Option("--json", help="Where it is written.")]
Store = Annotated[StoreName | None, typer.Option(help="One alone; default: both.")]
By = Annotated[
    Mode | None, typer.Option("--mode", help="How updates come; default: both ways.")
]
Seed = Annotated[int, typer.Option(help="Of everything left to chance.")]

soak = typer.Typer(no_args_is_help=True, add_completion=False)


@soak.command()
def kills(
    count: Annotated[int, typer.Option(help="SIGKILLs.")] = 100,
    store: Store = None,
    mode: By = None,
    seed: Seed = 1,
    json_file: Json = None,
) -> None:
    """Kill the bot at random under load, on each store, however updates come."""
    from tests.soak.kills import killed

    _close(
        (
            _run(killed(one_store, one_mode, count, seed))
            for one_store in _these(store, StoreName)
            for one_mode in _these(mode, Mode)
        ),
        json_file,
    )


@soak.command()
def replicas(
    size: Annotated[
        int | None, typer.Option(help="So many alone; default: two, then four.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Of 30 s and a little.")] = 10,
    rate: Annotated[int, typer.Option(help="EXOPLAN_RATE of all together.")] = 100,
    mode: By = None,
    seed: Seed = 1,
    json_file: Json = None,
) -> None:
    """Kill one replica and stop another for 30 s, at random, again and again."""
    from tests.soak.replicas import disturbed

    _close(
        (
            _run(disturbed(one_size, one_mode, rounds, rate, seed))
            for one_size in ([size] if size else (2, 4))
            for one_mode in _these(mode, Mode)
        ),
        json_file,
    )


def _these(wanted: Any, known: Any) -> tuple[Any, ...]:
    return get_args(known) if wanted is None else (wanted,)


def _run(coroutine: Coroutine[Any, Any, Account]) -> Account:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


def _close(accounts: Iterable[Account], json_file: Path | None) -> None:
    if not publish(accounts, json_file):
        raise typer.Exit(1)


if __name__ == "__main__":
    soak()
