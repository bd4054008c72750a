"""`python -m tests.bench`: how many durable turns a second, and what they cost."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop

from tests.bench.report import publish
from tests.bench.run import Figures, Load, Mode, of_exoplan, of_yardstick
from tests.bench.stores import StoreName, fresh

Result = TypeVar("Result")


def bench(
    patients: Annotated[
        int, typer.Option(help="People who press at the same time.")
    ] = 50,
    seconds: Annotated[float, typer.Option(help="Measured, after warming up.")] = 10.0,
    store: Annotated[StoreName, typer.Option(help="Where turns are kept.")] = "sqlite",
    mode: Annotated[Mode, typer.Option(help="How updates come.")] = "polling",
    api_delay_ms: Annotated[
        float, typer.Option(help="Before each call is carried out.")
    ] = 0.0,
    rate: Annotated[
        float, typer.Option(help="Presses a second; 0: as fast as answers come.")
    ] = 0.0,
    kill_every: Annotated[
        float, typer.Option(help="Seconds between two kill -9; 0: none.")
    ] = 0.0,
    yardstick: Annotated[
        bool, typer.Option(help="Measure python-telegram-bot's own way beside it.")
    ] = True,
    all_of_it: Annotated[
        bool,
        typer.Option("--all", help="Every load of docs/performance.md, one by one."),
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Where figures are written.")
    ] = None,
) -> None:
    """Put the bot under load as a black box and print what came of it."""
    if all_of_it:
        runs = _everything(seconds)
    else:
        load = Load(
            f"{patients} patients",
            patients=patients,
            seconds=seconds,
            mode=mode,
            api_delay_ms=api_delay_ms,
            rate=rate,
            kill_every=kill_every,
        )
        runs = [_bot(load, store)]
        if yardstick:
            runs.append(_yardstick(load))
    publish(runs, json_file)


def _everything(seconds: float) -> list[Figures]:
    fast = Load("50 patients", seconds=seconds)
    slow = Load("200, 40 ms a call", 200, seconds, api_delay_ms=40)
    calm = Load("100/s offered", 50, seconds, rate=100)
    hooked = Load("50, webhook", seconds=seconds, mode="webhook")
    return [
        _bot(fast, "sqlite"),
        _yardstick(fast),
        _bot(slow, "sqlite"),
        _yardstick(slow),
        _bot(calm, "sqlite"),
        _bot(hooked, "sqlite"),
        _bot(fast, "postgres"),
        _bot(slow, "postgres"),
        _bot(calm, "postgres"),
    ]


def _bot(load: Load, store: StoreName) -> Figures:
    with tempfile.TemporaryDirectory() as folder, fresh(store, Path(folder)) as kept:
        return _run(of_exoplan(load, kept, Path(folder)))


def _yardstick(load: Load) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        return _run(of_yardstick(load, Path(folder)))


def _run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


if __name__ == "__main__":
    typer.run(bench)
