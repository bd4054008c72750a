"""Calls pass from turns to the sender, past the table or through it: each once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from bot.clock import RealClock
from bot.gates import LocalGates
from bot.hand import store_calls
from bot.keys import KeyStore, master_key
from bot.marks import Marks
from bot.message import Call, Outgoing
from bot.metrics import Figures
from bot.outbox import Sender
from bot.replica import Replica
from bot.room import StaffRoom
from bot.store.engine import Store
from bot.store.migrations import upgrade
from bot.threads import Threads
from bot.verdict import Answer

LANES = 3
TURNS = 300


class Rehearsed:
    """A sender, a writer of turns, and what reached the far end."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "a.db")
        self.store.write_now(upgrade)
        self.keys = KeyStore(folder / "k.db", master_key(None, folder / "k"))
        self.arrived: list[int] = []
        self.all_arrived = asyncio.Event()
        self.answers = asyncio.Event()
        clock = RealClock()
        self.replica = Replica(self.store, clock, lambda doubted: self.sender.look())
        self.marks = Marks(
            self.store, self.keys, clock, self.replica, wake=lambda: None
        )
        self.sender = Sender(
            store=self.store,
            keys=self.keys,
            clock=RealClock(),
            marks=self.marks,
            replica=self.replica,
            gates=LocalGates(),
            call=self.call,
            moved=self.moved,
            threads=Threads(
                self.keys,
                self.marks,
                StaffRoom(None),
                clock,
                self.call,
                wake=lambda: None,
            ),
            figures=Figures(),
            rate=0,
            chat_rate=0,
        )

    async def call(self, method: str, body: bytes) -> Answer:
        """The far end."""
        await self.answers.wait()
        self.arrived.append(orjson.loads(body))
        if len(self.arrived) == TURNS:
            self.all_arrived.set()
        return Answer(True, message_id=1)

    async def moved(self, chat_id: int) -> None:
        """Nothing moves here."""

    async def turn(self, number: int) -> bool:
        """One turn with one call; whether it was handed over."""
        hand = self.sender.hand_for_turns()
        lane = f"p:{number % LANES}"
        body = orjson.dumps(number)
        call = Call("sendMessage", body, "message")
        out = Outgoing(f"k{number}", lane, None, self.keys.house, call)
        now = datetime.now(UTC)
        stored = await self.store.write(
            lambda c: store_calls(c, self.keys, [out], [lane], hand, now)
        )
        self.sender.hand(stored)
        return stored[0].owner is not None


@pytest.mark.parametrize(("in_hand", "refill"), [(1, 50), (5, 20), (1000, 1000)])
async def test_every_call_leaves_once_and_in_order(
    tmp_path: Path, monkeypatch, in_hand, refill
):
    """While turns never pause, what was left in the table is caught up with."""
    monkeypatch.setattr("bot.outbox.MAX_IN_HAND", in_hand)
    monkeypatch.setattr("bot.outbox.REFILL", refill)
    rehearsed = Rehearsed(tmp_path)
    await rehearsed.replica.enter()
    loops = [
        asyncio.create_task(rehearsed.sender.run()),
        asyncio.create_task(rehearsed.marks.run()),
    ]
    handed = [await rehearsed.turn(number) for number in range(TURNS // 3)]
    rehearsed.answers.set()
    handed += [await rehearsed.turn(number) for number in range(TURNS // 3, TURNS)]
    await asyncio.wait_for(rehearsed.all_arrived.wait(), 20)
    await rehearsed.sender.stop(5)
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    await rehearsed.sender.let_go()
    assert any(handed)
    assert all(handed) is (in_hand > TURNS)
    for lane in range(LANES):
        mine = [number for number in rehearsed.arrived if number % LANES == lane]
        assert mine == list(range(lane, TURNS, LANES))
    statuses = rehearsed.store.write_now(
        lambda c: c.exec_driver_sql("SELECT DISTINCT status FROM outbox").all()
    )
    assert [tuple(row) for row in statuses] == [("sent",)]
    rehearsed.store.close()
    rehearsed.keys.close()
