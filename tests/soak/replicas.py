"""Several replicas on one PostgreSQL: one killed, another frozen, again and again."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from sqlalchemy import text

from bot.store.engine import open_engine
from bot.store.migrations import upgrade
from tests.bench.patients import Crowd
from tests.bench.program import Program, exoplan, free_port, hooked
from tests.bench.run import Mode, first_answer, listening
from tests.bench.stores import fresh
from tests.contract.slot_log import write_slots_down
from tests.soak.account import Account, nothing_lost, settle

PATIENTS = 40
FROZEN_SECONDS = 30.0
ANSWER_SECONDS = 120.0
ROUNDING = 1e-6  # seconds, of the database's own clock


async def disturbed(
    size: int, mode: Mode, rounds: int, rate: int, seed: int
) -> Account:
    """In each round one replica is killed while another stands still for 30 s."""
    account = Account(f"{size} replicas, {mode}, {rounds} rounds, {rate}/s")
    chance = Random(seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        fresh("postgres", Path(folder)) as store,
    ):
        _prepare(store.url)
        ports = [free_port() for _ in range(size)] if mode == "webhook" else []
        crowd = Crowd(PATIENTS)
        async with listening(crowd, ports) as address:
            herd = []
            for number in range(size):
                place = Path(folder) / f"replica{number}"
                place.mkdir()
                more = {"EXOPLAN_RATE": str(rate)}
                if ports:
                    more |= hooked(ports[number], front=ports[0])
                herd.append(exoplan(place, address, store.url, more))
            await herd[0].start()
            await first_answer(crowd, herd[0])
            for one in herd[1:]:
                await one.start()
            crowd.begin()
            await asyncio.sleep(2.0)
            for _ in range(rounds):
                await _disturb(herd, chance)
            book = await settle(crowd, store, ANSWER_SECONDS)
            codes = await asyncio.gather(*(one.stop() for one in herd))
        slots = _slots(store.url)
    nothing_lost(account, crowd, book)
    account.hold("told to stop, all end with 0", not any(codes), codes)
    reserved = most_in_a_second(slots)
    account.hold(
        f"slots reserved in any second: at most {rate}", reserved <= rate, reserved
    )
    account.facts["slots reserved"] = len(slots)
    account.facts["most arrivals in a second"] = most_in_a_second(crowd.far.arrivals)
    account.facts["sends in doubt"] = book.uncertain
    return account


async def _disturb(herd: Sequence[Program], chance: Random) -> None:
    frozen, killed = chance.sample(list(herd), 2)
    frozen.freeze()
    until = time.monotonic() + FROZEN_SECONDS
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, chance.uniform(1.0, 12.0)))
        await killed.kill()
        await asyncio.sleep(chance.uniform(0.0, 3.0))
        await killed.start()
    frozen.thaw()
    await asyncio.sleep(chance.uniform(1.0, 5.0))


def _prepare(url: str) -> None:
    """Make the tables, and have the database remember every slot."""
    engine = open_engine(url)
    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()
    write_slots_down(url)


def _slots(url: str) -> list[float]:
    """The moment of every slot that was reserved at the bot's gate, in order."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = connection.scalars(
            text("SELECT extract(epoch FROM free_at) - 1 FROM reserved ORDER BY 1")
        )
        slots = [float(moment) for moment in found]
    engine.dispose()
    return slots


def most_in_a_second(moments: Iterable[float]) -> int:
    """The most moments in any second, wherever it begins."""
    most, first, known = 0, 0, list(moments)
    for last, moment in enumerate(known):
        while known[first] <= moment - 1.0 + ROUNDING:
            first += 1
        most = max(most, last - first + 1)
    return most
