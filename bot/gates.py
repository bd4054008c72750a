"""How fast messages may leave: all chats together, each group, each chat by itself.

A gate gives slots: moments at which one message may leave. No stretch of time as long
as its window holds more slots than the gate has, wherever it begins. `LocalGates` keeps
them in memory, for a process that is alone; `SharedGates` keeps them in the database,
for all replicas together. A few slots are kept free for emergencies.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.store import slots
from bot.store.engine import Store

PRIVATE_BURST = 20  # messages a chat takes at once before it is paced
GROUP_PER_MINUTE = 20  # Telegram's limit for a group
BURST_SECONDS = 0.125  # of what may leave, at once; the rest comes evenly behind it
KEPT_FREE = 3  # slots a second for emergencies alone, where there are enough
AHEAD = 1.0  # seconds; whoever reserved a slot further off may be gone by then
ASK_AGAIN = 0.05  # seconds, while more wait than there are slots
STORE_PAUSE = 0.5  # seconds, after the store did not answer

log = structlog.get_logger("gates")

#: Told the slot, by `time.monotonic`.
Got = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Gate:
    """What passes through, and how much of it."""

    name: str
    size: int  #: slots in any window; 0: no limit
    window: float  #: seconds
    kept_free: int = 0  #: of these slots, for emergencies alone
    burst: int = 0  #: at once, the others evenly behind them; 0: all of them

    @classmethod
    def of_bot(cls, rate: float) -> Gate:
        """All chats together, `rate` messages a second; below one, one in 1/rate."""
        if not rate:
            return cls("bot", 0, 0.0)
        size = max(1, int(rate))
        kept_free = KEPT_FREE if size > 2 * KEPT_FREE else 0
        # All at once, whoever asks a moment later would wait for a whole second, and
        # what leaves late would meet what leaves in time.
        burst = max(1, int((size - kept_free) * BURST_SECONDS))
        return cls("bot", size, max(1.0, 1 / rate), kept_free, burst)

    @classmethod
    def of_group(cls, lane: str) -> Gate:
        """One group, as Telegram limits them."""
        return cls(lane, GROUP_PER_MINUTE, 60.0)


class Gates(Protocol):
    """Gives slots."""

    def ask(self, gate: Gate, urgent: bool, got: Got) -> None:
        """Have `got` told a slot, at once or when there is one."""
        ...

    def early(self, connection: Connection, gate: Gate, most: int) -> list[float]:
        """Up to `most` slots in the transaction that stores what they are for.

        Fewer, or none, where they would lie far ahead or others wait. May be called
        from any thread.
        """
        ...

    def late(self, gate: Gate, slot: float) -> None:
        """What this slot was for leaves only now."""
        ...

    def hold(self, gate: Gate, seconds: float) -> None:
        """Give no slots for so long."""
        ...

    def forget(self) -> None:
        """Nobody who asked waits any more."""
        ...

    async def run(self) -> None:
        """Serve whoever asked, until cancelled."""
        ...


class LocalGates:
    """Gates of a process that is alone."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rings: dict[Gate, _Ring] = {}
        self._one_at_a_time = threading.Lock()

    def ask(self, gate: Gate, urgent: bool, got: Got) -> None:
        """Tell `got` a slot at once; it may lie far ahead."""
        now = self._clock()
        if not gate.size:
            got(now)
            return
        with self._one_at_a_time:
            slot = self._ring(gate).reserve(now, urgent)
        got(slot)

    def early(self, connection: Connection, gate: Gate, most: int) -> list[float]:
        """Up to `most` slots that do not lie far ahead."""
        now = self._clock()
        if not gate.size:
            return [now] * most
        with self._one_at_a_time:
            ring = self._ring(gate)
            found: list[float] = []
            while len(found) < most and ring.next_slot(now) <= now + AHEAD:
                found.append(ring.reserve(now, urgent=False))
        return found

    def late(self, gate: Gate, slot: float) -> None:
        """It counts from now on, where nobody has the slot a window later yet."""
        now = self._clock()
        with self._one_at_a_time:
            self._ring(gate).put_off(slot, now)

    def hold(self, gate: Gate, seconds: float) -> None:
        """Nothing: who is alone holds back by itself."""

    def forget(self) -> None:
        """Nothing: nobody ever waits."""

    async def run(self) -> None:
        """Nobody ever waits."""
        await asyncio.Event().wait()

    def _ring(self, gate: Gate) -> _Ring:
        ring = self._rings.get(gate)
        if ring is None:
            ring = self._rings[gate] = _Ring(gate)
        return ring


class _Ring:
    """The slots of one gate: each can be reserved again a window later."""

    def __init__(self, gate: Gate) -> None:
        self._window = gate.window
        self._kept = [float("-inf")] * gate.kept_free
        self._open = [float("-inf")] * (gate.size - gate.kept_free)
        burst = gate.burst or len(self._open)
        self._burst = [float("-inf")] * burst
        self._burst_window = gate.window * burst / len(self._open)

    def next_slot(self, now: float) -> float:
        """The moment of the next free slot that is not kept for emergencies."""
        return max(now, self._open[0], self._burst[0])

    def reserve(self, now: float, urgent: bool) -> float:
        """The moment of the next free slot, which is taken by asking."""
        slot = self.next_slot(now)
        if urgent and self._kept and self._kept[0] < slot:
            slot = max(now, self._kept[0])
            heapq.heapreplace(self._kept, slot + self._window)
            return slot
        heapq.heapreplace(self._open, slot + self._window)
        heapq.heapreplace(self._burst, slot + self._burst_window)
        return slot

    def put_off(self, slot: float, now: float) -> None:
        """Have a slot count from now on."""
        for ring in (self._open, self._kept):
            if slot + self._window in ring:
                ring[ring.index(slot + self._window)] = now + self._window
                heapq.heapify(ring)
                return


@dataclass(slots=True)
class _Asked:
    gate: Gate
    urgent: bool
    got: Got


class SharedGates:
    """Gates of all replicas together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: list[_Asked] = []
        self._something = asyncio.Event()
        self._made: set[Gate] = set()
        self._holds: dict[Gate, float] = {}

    def ask(self, gate: Gate, urgent: bool, got: Got) -> None:
        """Have `got` told a slot once one is reserved, soon before it begins."""
        if not gate.size:
            got(time.monotonic())
            return
        self._asked.append(_Asked(gate, urgent, got))
        self._something.set()

    def early(self, connection: Connection, gate: Gate, most: int) -> list[float]:
        """Up to `most` slots at once, unless somebody waits for one."""
        if not gate.size:
            return [time.monotonic()] * most
        if gate not in self._made or any(one.gate == gate for one in [*self._asked]):
            return []
        return self._reserve(connection, gate, most, urgent=False)

    def late(self, gate: Gate, slot: float) -> None:
        """Nothing: a window later it may be another replica's."""

    def hold(self, gate: Gate, seconds: float) -> None:
        """Have no replica reserve a slot for so long."""
        self._holds[gate] = max(seconds, self._holds.get(gate, 0.0))
        self._something.set()

    def forget(self) -> None:
        """Nobody who asked waits any more."""
        self._asked = []

    async def run(self) -> None:
        """Reserve slots for whoever asked, oldest first, until cancelled."""
        while True:
            await self._something.wait()
            self._something.clear()
            asked, holds = [*self._asked], self._holds
            self._holds = {}
            try:
                found = await self._store.write(partial(self._serve, asked, holds))
            except SQLAlchemyError as fault:
                log.error("slots_not_reserved", fault=type(fault).__name__)
                self._holds = {**holds, **self._holds}
                self._something.set()
                await asyncio.sleep(STORE_PAUSE)
                continue
            for (gate, urgent), moments in found.items():
                self._made.add(gate)
                self._give(gate, urgent, moments)
            if self._asked:
                self._something.set()
                if len(self._asked) >= len(asked):
                    await asyncio.sleep(ASK_AGAIN)

    def _serve(
        self, asked: list[_Asked], holds: dict[Gate, float], connection: Connection
    ) -> dict[tuple[Gate, bool], list[float]]:
        for gate, seconds in holds.items():
            if gate.size:
                slots.hold(connection, gate.name, seconds)
        wanted: dict[tuple[Gate, bool], int] = {}
        for one in asked:
            key = one.gate, one.urgent
            wanted[key] = wanted.get(key, 0) + 1
        # Emergencies first, and gates always in one order.
        order = sorted(wanted, key=lambda key: (not key[1], key[0].name))
        found = {}
        for gate, urgent in order:
            if gate not in self._made:
                slots.make(connection, gate.name, gate.size)
            most = wanted[gate, urgent]
            found[gate, urgent] = self._reserve(connection, gate, most, urgent)
        return found

    def _reserve(
        self, connection: Connection, gate: Gate, most: int, urgent: bool
    ) -> list[float]:
        """Moments by `time.monotonic`."""
        found = slots.reserve(
            connection,
            gate.name,
            gate.size,
            gate.window,
            first=0 if urgent else gate.kept_free,
            most=most,
            ahead=AHEAD,
            burst=0 if urgent else gate.burst,
        )
        now = time.monotonic()  # read last, so that nothing leaves before its slot
        return [now + seconds for seconds in found]

    def _give(self, gate: Gate, urgent: bool, moments: list[float]) -> None:
        left = iter(moments)
        kept: list[_Asked] = []
        for one in self._asked:
            moment = None
            if one.gate == gate and one.urgent is urgent:
                moment = next(left, None)
            if moment is None:
                kept.append(one)
            else:
                one.got(moment)
        self._asked = kept


class ChatPace:
    """A burst at once, then a steady pace: a bucket that fills again with time.

    Args:
        rate: messages a second; 0 means no limit.
        burst: messages at once.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._seen = 0.0

    def reserve(self, now: float) -> float:
        """The moment the next message may leave; it is taken by asking."""
        if not self._rate:
            return now
        self._left = min(self._burst, self._left + (now - self._seen) * self._rate)
        self._seen = now
        self._left -= 1
        return now if self._left >= 0 else now - self._left / self._rate

    def rested(self, now: float) -> bool:
        """Whether forgetting it would change nothing."""
        return self._left + (now - self._seen) * self._rate >= self._burst
