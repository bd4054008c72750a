"""What several replicas on one PostgreSQL database promise each other."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, text

from bot.clock import RealClock
from bot.errors import Overtaken
from bot.gates import Gate, SharedGates
from bot.process import this_process
from bot.replica import Replica
from bot.store import outbox, replicas, slots
from bot.store.engine import Store, open_engine
from bot.watch import Watch
from tests.contract.slot_log import hold_to_the_rate, reserved, write_slots_down
from tests.contract.test_outbox import row, stored

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
PATIENCE = 30.0  # seconds, on a machine that is busy with other tests
NO_TIME, LONG = timedelta(0), timedelta(seconds=30)


@asynccontextmanager
async def at_work(*loops) -> AsyncIterator[None]:
    """These run meanwhile."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def test_four_replicas_share_one_gate(postgresql: str):
    """Whoever reserves, no stretch of a window holds more slots than the gate has."""
    size, window = 10, 0.2
    store = Store(postgresql)
    store.write_now(lambda c: slots.make(c, "bot", size))
    store.close()
    write_slots_down(postgresql)

    def pass_through() -> None:
        engine = open_engine(postgresql)
        for _ in range(15):
            with engine.begin() as connection:
                slots.reserve(
                    connection, "bot", size, window, first=0, most=3, ahead=9.0
                )
        engine.dispose()

    threads = [threading.Thread(target=pass_through) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hold_to_the_rate(postgresql, size, window)


@pytest.mark.parametrize("most", [1, 2, 5, 30])
def test_slots_come_evenly_behind_a_small_burst(postgresql: str, most: int):
    """Also those that are reserved together; an emergency waits for none of them."""
    gate = Gate.of_bot(27)
    store = Store(postgresql)
    store.write_now(lambda c: slots.make(c, gate.name, gate.size))
    write_slots_down(postgresql)
    some = partial(
        slots.reserve, gate=gate.name, size=gate.size, window=gate.window, ahead=9.0
    )

    def reserve(connection: Connection) -> list[float]:
        return some(connection, first=gate.kept_free, most=most, burst=gate.burst)

    for _ in range(-(-30 // most)):
        store.write_now(reserve)
    found = reserved(postgresql, gate.window)
    (urgent,) = store.write_now(partial(some, first=0, most=1))
    store.close()
    assert urgent <= 0
    # To a thousandth: the server's clock goes on while it reckons.
    share = gate.window * gate.burst / (gate.size - gate.kept_free)
    for first, beyond in zip(found, found[gate.burst :], strict=False):
        assert beyond - first >= share - 1e-3


async def test_slots_kept_free_are_for_emergencies(postgresql: str):
    """A crowd waits; the emergencies do not, and nobody is forgotten."""
    store = Store(postgresql)
    gate, gates = Gate("bot", 8, 0.3, kept_free=3), SharedGates(store)
    crowd: list[float] = []
    urgent: list[float] = []
    done = asyncio.Event()

    def got(slot: float) -> None:
        crowd.append(slot)
        if len(crowd) == 20:
            done.set()

    async with at_work(gates.run()):
        began = time.monotonic()
        for _ in range(20):
            gates.ask(gate, False, got)
        for _ in range(3):
            gates.ask(gate, True, urgent.append)
        await asyncio.wait_for(done.wait(), PATIENCE)
    assert len(urgent) == 3
    # Five at a time, a window apart.
    assert crowd == sorted(crowd)
    for first, beyond in zip(crowd, crowd[5:], strict=False):
        assert beyond - first > 0.25
    assert max(urgent) < crowd[5] or max(urgent) - began < 0.3
    store.close()


async def test_a_gate_that_is_held_gives_no_slots(postgresql: str):
    """To no replica, and again once it is over."""
    stores = [Store(postgresql), Store(postgresql)]
    gate = Gate("bot", 5, 0.1)
    one, other = (SharedGates(store) for store in stores)
    first: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    later: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    async with at_work(one.run(), other.run()):
        one.ask(gate, False, first.set_result)
        await first
        one.hold(gate, 0.5)
        held = time.monotonic()
        await stores[0].write(lambda c: None)
        async with asyncio.timeout(PATIENCE):
            while not await stores[1].write(_held):
                continue
        other.ask(gate, False, later.set_result)
        assert await asyncio.wait_for(later, PATIENCE) >= held + 0.45
    for store in stores:
        store.close()


def _held(connection) -> bool:
    asked = text("SELECT min(free_at) > clock_timestamp() + interval '0.2s'")
    return bool(connection.scalar(text(f"{asked.text} FROM gate_slots")))


def test_slots_asked_for_early_leave_none_unused(postgresql: str):
    """A gate nobody has waited at yet gives none early; later up to what is free."""
    store = Store(postgresql)
    gate, gates = Gate("bot", 5, 60.0), SharedGates(store)
    assert store.write_now(lambda c: gates.early(c, gate, 3)) == []
    store.write_now(lambda c: slots.make(c, "bot", 5))
    gates._made.add(gate)
    now = time.monotonic()
    found = store.write_now(lambda c: gates.early(c, gate, 3))
    assert len(found) == 3
    assert all(abs(slot - now) < 5 for slot in found)
    assert len(store.write_now(lambda c: gates.early(c, gate, 9))) == 2
    assert store.write_now(lambda c: gates.early(c, gate, 9)) == []
    store.close()


async def test_who_gives_no_sign_of_life_is_struck_off(postgresql: str, monkeypatch):
    """What it held is left to others; it learns so itself and begins anew."""
    stores = [Store(postgresql), Store(postgresql)]
    left = asyncio.Event()
    frozen = Replica(stores[0], RealClock(), lambda doubted: None)
    other = Replica(stores[1], RealClock(), lambda doubted: left.set())
    monkeypatch.setattr("bot.replica.BEAT", 0.01)
    monkeypatch.setattr("bot.replica.LEASE_SECONDS", 30.0)
    await other.enter()
    assert other.holds()
    monkeypatch.setattr("bot.replica.LEASE_SECONDS", 0.0)
    await frozen.enter()
    monkeypatch.setattr("bot.replica.LEASE_SECONDS", 30.0)
    assert not frozen.holds()
    held = [row("k", status="sending", owner=frozen.number)]
    await stores[0].write(lambda c: outbox.add(c, held))
    left.clear()
    async with at_work(other.run()):
        await asyncio.wait_for(left.wait(), PATIENCE)
    kept = await asyncio.to_thread(lambda: stored(stores[1])["k"])
    assert (kept["status"], kept["owner"], kept["uncertain"]) == ("pending", None, 1)
    with pytest.raises(Overtaken):
        await stores[0].write(frozen.fence)
    await stores[1].write(other.fence)
    async with at_work(frozen.run()):
        await asyncio.wait_for(frozen.overtaken.wait(), PATIENCE)
    assert not frozen.holds()
    before = frozen.number
    await frozen.enter()
    assert frozen.holds()
    assert frozen.number > before
    assert frozen.replicas == 2
    for store in stores:
        store.close()


async def test_whose_process_has_ended_is_struck_off_at_once(postgresql: str):
    """Nobody waits for its lease to end; of other computers nothing is known."""
    store = Store(postgresql)
    ended = await asyncio.create_subprocess_exec("true")
    here = this_process()
    assert here is not None
    place = here.rsplit(":", 2)[0]
    await ended.wait()
    for process in (f"{place}:{ended.pid}:1", here, "elsewhere:1:2:3", None):
        await store.write(partial(replicas.enter, now=NOW, process=process, lease=LONG))
    one = Replica(store, RealClock(), lambda doubted: None)
    await one.enter()
    assert one.replicas == 4
    store.close()


def test_alone_is_who_has_every_call_in_hand(postgresql: str):
    """Not beside another replica, nor beside a call that lies in the table."""
    store = Store(postgresql)

    def alone(connection) -> bool:
        return replicas.standing(connection, me).alone

    me = store.write_now(lambda c: replicas.enter(c, NOW, None, LONG))
    assert store.write_now(alone)
    other = store.write_now(lambda c: replicas.enter(c, NOW, None, LONG))
    held = [row("k", status="sending", owner=other)]
    store.write_now(lambda c: outbox.add(c, held))
    assert not store.write_now(alone)
    store.write_now(lambda c: replicas.leave(c, other))
    store.write_now(outbox.release_orphans)
    assert not store.write_now(alone)
    store.write_now(lambda c: outbox.take_left(c, me, 0, 9))
    assert store.write_now(alone)
    store.close()


def test_nobody_is_struck_off_while_it_writes_down_an_outcome(postgresql: str):
    """Its lease may end meanwhile; its row is passed over until it is done."""
    one, other = Store(postgresql), Store(postgresql)
    slow = one.write_now(lambda c: replicas.enter(c, NOW, None, NO_TIME))
    quick = other.write_now(
        lambda c: replicas.enter(c, NOW, None, timedelta(seconds=30))
    )

    def write_down(connection) -> int:
        assert replicas.standing(connection, slow).owns
        return other.write_now(lambda c: replicas.strike_off(c, quick, []))

    assert one.write_now(write_down) == 0
    assert other.write_now(lambda c: replicas.strike_off(c, quick, [])) == 1
    assert not one.write_now(lambda c: replicas.standing(c, slow)).owns
    one.close()
    other.close()


async def test_one_polls_and_another_when_it_is_gone(postgresql: str, monkeypatch):
    """Never two; what is called out is heard by all."""
    monkeypatch.setattr("bot.watch.LISTEN_SECONDS", 0.05)
    store = Store(postgresql)
    polling: set[int] = set()
    most = 0
    changed = asyncio.Event()
    heard = [asyncio.Event() for _ in range(3)]
    ready = [asyncio.Event() for _ in range(3)]

    async def poll(number: int) -> None:
        nonlocal most
        polling.add(number)
        most = max(most, len(polling))
        changed.set()
        try:
            await asyncio.Event().wait()
        finally:
            polling.discard(number)

    def watch(number: int) -> Watch:
        return Watch(
            postgresql,
            lambda what: heard[number].set() if what == "inbox" else None,
            ready[number].set,
        )

    watches = [watch(number) for number in range(3)]

    def loops(number: int) -> list[asyncio.Task[None]]:
        watch = watches[number]
        turn = watch.in_turn(lambda: poll(number))
        return [asyncio.create_task(watch.run()), asyncio.create_task(turn)]

    tasks = {number: loops(number) for number in range(3)}
    await asyncio.wait_for(
        asyncio.gather(*(one.wait() for one in ready), changed.wait()), PATIENCE
    )
    (first,) = polling
    await store.write(lambda c: c.execute(text("SELECT pg_notify('exoplan', 'inbox')")))
    await asyncio.wait_for(asyncio.gather(*(one.wait() for one in heard)), PATIENCE)
    changed.clear()
    for task in tasks.pop(first):
        task.cancel()
    await asyncio.wait_for(changed.wait(), PATIENCE)
    (second,) = polling
    assert second != first
    assert most == 1
    for task in (task for pair in tasks.values() for task in pair):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    store.close()
