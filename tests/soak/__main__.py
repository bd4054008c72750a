"""`python -m tests.soak …`: hours of trouble, and whether every promise was kept.

Each command prints what it found, and leaves with 1 where a promise was broken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import typer
import uvloop

from tests.bench.run import Mode
from tests.bench.stores import StoreName
from tests.soak.account import Account, publish

Result = TypeVar("Result")

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
def desk(
    patients: Annotated[int, typer.Option(help="Who ask for a person.")] = 10_000,
) -> None:
    """Thousands of open topics: the group's limit, and what is counted as waiting."""
    from tests.soak.desk import main

    broken = main(patients)
    for line in broken:
        typer.echo(line, err=True)
    raise typer.Exit(bool(broken))


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


@soak.command()
def rush(
    reminders: Annotated[int, typer.Option(help="Due at one minute.")] = 10_000,
    kills: Annotated[int, typer.Option(help="SIGKILLs while they go out.")] = 3,
    rate: Annotated[float, typer.Option(help="EXOPLAN_RATE of the bot.")] = 27.0,
    store: Store = None,
    seed: Seed = 1,
    json_file: Json = None,
) -> None:
    """Kill the bot while thousands of reminders go out that were due at once."""
    from tests.soak.rush import rushed, timed

    def one(name: StoreName) -> Account:
        account, seen = _run(rushed(name, reminders, kills, rate, seed))
        timed(account, seen, rate)
        return account

    _close((one(name) for name in _these(store, StoreName)), json_file)


@soak.command()
def trouble(
    database_seconds: Annotated[float, typer.Option(help="Away.")] = 60.0,
    disk_seconds: Annotated[float, typer.Option(help="Full; needs root.")] = 20.0,
    telegram_seconds: Annotated[float, typer.Option(help="Of each trouble.")] = 120.0,
    store: Annotated[
        StoreName, typer.Option(help="Of the bot, while Telegram is in trouble.")
    ] = "sqlite",
    json_file: Json = None,
) -> None:
    """Take away the database, the disk, Telegram. Zero seconds leave one out."""
    from tests.soak.trouble import databases, disks, telegrams

    accounts: list[Account] = []
    if database_seconds:
        accounts += _run(databases(database_seconds))
    if disk_seconds:
        accounts += _run(disks(disk_seconds))
    if telegram_seconds:
        accounts += _run(telegrams(store, telegram_seconds))
    _close(accounts, json_file)


@soak.command()
def claims(
    rows: Annotated[int, typer.Option(help="Stored beside the few.")] = 10_000_000,
    cycles: Annotated[int, typer.Option(help="Measured.")] = 2_000,
    store: Store = None,
    json_file: Json = None,
) -> None:
    """Measure what taking the next rows costs beside ten million that are done."""
    from tests.soak.claims import compared

    _close((compared(one, rows, cycles) for one in _these(store, StoreName)), json_file)


@soak.command()
def due(
    rows: Annotated[int, typer.Option(help="Pending beside the few.")] = 10_000_000,
    cycles: Annotated[int, typer.Option(help="Measured.")] = 5_000,
    store: Store = None,
    json_file: Json = None,
) -> None:
    """Measure looks at what is due, and changes, beside ten million reminders."""
    from tests.soak.due import compared

    _close((compared(one, rows, cycles) for one in _these(store, StoreName)), json_file)


def _these(wanted: Any, known: Any) -> tuple[Any, ...]:
    return get_args(known) if wanted is None else (wanted,)


def _run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


def _close(accounts: Iterable[Account], json_file: Path | None) -> None:
    if not publish(accounts, json_file):
        raise typer.Exit(1)


if __name__ == "__main__":
    soak()
