"""One run: a far end, a crowd, a program under load, and the figures of it."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Literal

from tests.bench.hook import deliver
from tests.bench.ledger import Ledger
from tests.bench.patients import Crowd, always_the_first, percentile, plan_by_plan
from tests.bench.program import Program, exoplan, free_port, hooked, yardstick
from tests.bench.stores import Store
from tests.bench.wire import Exchange

WARM_UP_SECONDS = 2.0
FIRST_ANSWER_SECONDS = 30.0
LAST_ANSWER_SECONDS = 60.0  # after which an unanswered press is a turn lost
FAULTS_SHOWN = 5
REST_SECONDS = 1.0  # after the first answer, before memory at rest is read

Mode = Literal["polling", "webhook"]


@dataclass(frozen=True, slots=True)
class Load:
    """What a program is put under."""

    name: str
    patients: int = 50
    seconds: float = 10.0  #: measured, after warming up
    mode: Mode = "polling"
    api_delay_ms: float = 0.0
    rate: float = 0.0  #: presses a second; 0: as fast as answers come
    kill_every: float = 0.0  #: seconds between two SIGKILLs, at random around it
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it."""

    load: Load
    store: str
    turns: int  #: while measured
    turns_per_second: float
    p50_ms: float  #: from a press to its answer
    p99_ms: float
    cpu_ms_per_turn: float  #: of the program's process
    far_end_cpu_ms_per_turn: float  #: of this process: patients and their Telegram
    first_answer_seconds: float  #: from the start of the process
    rest_mb: float  #: resident after the first answer
    peak_mb: float
    people: int
    plans: int
    kills: int
    lost: int  #: turns never answered
    doubled: int
    states_lost: int
    sent_again: int  #: messages that came twice
    ledger: Ledger | None
    refusals: dict[str, int]
    faults: list[str]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@asynccontextmanager
async def listening(crowd: Crowd, ports: Sequence[int] = ()) -> AsyncIterator[str]:
    """The crowd's Telegram at work; its address.

    Args:
        ports: of replicas that take updates by webhook.
    """
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Exchange(crowd.far.handle), "127.0.0.1", 0, backlog=1024
    )
    delivering = asyncio.create_task(deliver(crowd.far, ports))
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
        server.close()


async def of_exoplan(load: Load, store: Store, folder: Path) -> Figures:
    """The bot under this load, on a database of its own."""
    crowd = Crowd(load.patients, plan_by_plan, rate=load.rate)
    async with listening(crowd) as address:
        more = hooked(free_port()) if load.mode == "webhook" else {}
        program = exoplan(folder, address, store.url, more)
        return await _measured(load, store.name, crowd, program, store.ledger)


async def of_yardstick(load: Load, folder: Path) -> Figures:
    """The yardstick under the same load."""
    crowd = Crowd(load.patients, always_the_first, ways=0, rate=load.rate)
    async with listening(crowd) as address:
        return await _measured(load, "pickle", crowd, yardstick(folder, address))


async def _measured(
    load: Load,
    store: str,
    crowd: Crowd,
    program: Program,
    ledger: Callable[[], Ledger] | None = None,
) -> Figures:
    gc.collect()
    gc.freeze()
    crowd.far.delay_seconds = load.api_delay_ms / 1000
    begun = time.perf_counter()
    await program.start()
    try:
        await first_answer(crowd, program)
        started = time.perf_counter() - begun
        await asyncio.sleep(REST_SECONDS)
        rest = program.resident_mb()
        crowd.begin()
        await asyncio.sleep(WARM_UP_SECONDS)
        crowd.measure_from_here()
        cpu, own, since = program.cpu_seconds(), _own_cpu(), time.perf_counter()
        if load.kill_every:
            await _kill(program, load)
        else:
            await asyncio.sleep(load.seconds)
        seconds = time.perf_counter() - since
        turns, waits = crowd.tally.turns, list(crowd.tally.waits)
        cpu, own = program.cpu_seconds() - cpu, _own_cpu() - own
        await crowd.end(LAST_ANSWER_SECONDS)
        lost = len(crowd.unanswered)
        peak = program.resident_mb(most=True)
    finally:
        await program.stop()
    tally = crowd.tally
    per_turn = 1000 / max(1, turns)
    return Figures(
        load=load,
        store=store,
        turns=turns,
        turns_per_second=turns / seconds,
        p50_ms=percentile(waits, 0.5) * 1000,
        p99_ms=percentile(waits, 0.99) * 1000,
        cpu_ms_per_turn=0.0 if load.kill_every else cpu * per_turn,
        far_end_cpu_ms_per_turn=own * per_turn,
        first_answer_seconds=started,
        rest_mb=rest,
        peak_mb=peak,
        people=tally.people,
        plans=tally.plans,
        kills=program.starts - 1,
        lost=lost,
        doubled=tally.doubled,
        states_lost=tally.states_lost,
        sent_again=tally.sent_again,
        ledger=ledger() if ledger else None,
        refusals=crowd.far.refusals,
        faults=list(dict.fromkeys(tally.faults))[:FAULTS_SHOWN],
    )


async def first_answer(crowd: Crowd, program: Program) -> None:
    """Have one person greeted. Raises RuntimeError with what the program said."""
    greeting = asyncio.create_task(crowd.greet(FIRST_ANSWER_SECONDS))
    leaving = asyncio.create_task(program.left())
    await asyncio.wait((greeting, leaving), return_when=asyncio.FIRST_COMPLETED)
    leaving.cancel()
    if not greeting.done() or greeting.exception() is not None:
        greeting.cancel()
        raise RuntimeError(f"no answer; it said:\n{program.last_words()}")


async def _kill(program: Program, load: Load) -> None:
    chance = Random(load.seed)
    until = time.perf_counter() + load.seconds
    while time.perf_counter() < until:
        await asyncio.sleep(load.kill_every * chance.uniform(0.5, 1.5))
        await program.kill()
        await program.start()


def _own_cpu() -> float:
    used = os.times()
    return used.user + used.system
