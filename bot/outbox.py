"""What goes out: every stored call, in the order of its chat, until Telegram has it.

Calls are handed over in memory right after their commit; the table is there for the
next process. Everything unsent up to one row number is in hand, everything above it is
only in the table: what does not fit in hand is left there and fetched later.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from random import uniform

import orjson
import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.errors import SealError, Unreachable
from bot.gates import GROUP_PER_MINUTE, PRIVATE_BURST, ChatPace, GlobalGate
from bot.handle import Stored
from bot.keys import KeyStore
from bot.marks import Marks
from bot.metrics import Figures
from bot.parcel import Lane, Parcel
from bot.store import outbox
from bot.store.engine import Store
from bot.store.outbox import OutboxRow
from bot.verdict import Answer, Gone, Later, Lost, Moved, Refused, Sent, Verdict, judge

MAX_IN_HAND = 5_000  # calls in memory; what is above stays in the table
REFILL = 1_000  # calls fetched at once
MAX_KNOWN_MESSAGES = 20_000  # numbers of messages kept in memory
MAX_PACES = 10_000  # chats whose pace is remembered before the rested are forgotten
MAX_DOUBLINGS = 10  # of a pause; more would only overflow
FIRST_PAUSE = 0.5  # seconds before a second try; doubled with each
LONGEST_PAUSE = 30.0  # seconds
URGENT_PAUSE = 2.0  # seconds, the longest for an emergency card
HELD_TOGETHER = 3  # chats held within a second: Telegram means the whole bot

log = structlog.get_logger("outbox")


class Sender:
    """Sends. One a process.

    Args:
        marks: where outcomes are written down.
        call: makes one call of the Bot API.
        moved: told the staff group's new number when Telegram moved it.
        figures: what is counted.
        rate: messages a second to all chats; 0: no limit.
        chat_rate: messages a second to one chat, after a burst; 0: no limit.
    """

    def __init__(
        self,
        *,
        store: Store,
        keys: KeyStore,
        clock: Clock,
        marks: Marks,
        call: Callable[[str, bytes], Awaitable[Answer]],
        moved: Callable[[int], Awaitable[None]],
        figures: Figures,
        rate: float,
        chat_rate: float,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._marks = marks
        self._call = call
        self._moved = moved
        self._figures = figures
        self._gate = GlobalGate(rate)
        self._chat_rate = chat_rate
        self._paces: dict[str, ChatPace] = {}
        self._lanes: dict[str, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._messages: OrderedDict[str, int] = OrderedDict()
        self._held_all_until = 0.0
        self._held_lately: dict[str, float] = {}
        self._in_hand = 0
        self._behind = True  # rows may lie in the table alone
        self._catching_up = False  # the last of them are being fetched
        self._handed: list[Parcel] = []  # meanwhile, by turns
        self._last_row = 0  # nothing up to here is in the table alone
        self._eased = asyncio.Event()
        self._stopping = False
        self._broken: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Take up what was left unsent, then keep the hand filled, until cancelled.

        Raises:
            TokenRefused: the token was taken back.
        """
        self._broken = asyncio.get_running_loop().create_future()
        doubts = await self._marks.durably(outbox.resolve_doubts)
        if doubts:
            self._figures.uncertain += doubts
            log.warning("sends_in_doubt_repeated", messages=doubts)
        while True:
            while self._behind and self._in_hand < MAX_IN_HAND:
                if await self._fetch() < REFILL:
                    await self._catch_up()
            self._eased.clear()
            eased = asyncio.ensure_future(self._eased.wait())
            try:
                await asyncio.wait(
                    (eased, self._broken), return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                eased.cancel()
            if self._broken.done():
                self._broken.result()

    def takes_more(self) -> bool:
        """Whether the calls of the next turn fit in hand.

        If not, they are left in the table, and must not be handed over.
        """
        if self._in_hand >= MAX_IN_HAND and not self._catching_up:
            self._behind = True
            self._eased.set()
        return self._catching_up or not self._behind

    def hand(self, stored: Iterable[Stored]) -> None:
        """Send these as soon as the order of their chats allows."""
        now = self._clock.now()
        parcels = [Parcel.from_turn(one, now) for one in stored]
        if self._catching_up:  # older ones are still on their way from the table
            self._handed.extend(parcels)
            return
        for parcel in parcels:
            self._put(parcel)

    async def stop(self, seconds: float) -> None:
        """Let the calls under way come to their end; leave the rest in the table."""
        self._stopping = True
        for lane in self._lanes.values():
            lane.changed.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        late = [*self._tasks]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        untried = [
            parcel.id
            for lane in self._lanes.values()
            for parcel in lane.all()
            if parcel.claimed and not parcel.tried
        ]
        if untried:
            await self._store.write(lambda c: outbox.let_go(c, untried))
        await self._marks.flush()

    async def _catch_up(self) -> None:
        """Fetch the last of what is in the table alone, while turns go on.

        From the first line on, turns hand over again. The writer works in order, so
        what was left in the table by then is found by the fetch that follows.
        """
        self._catching_up = True
        while await self._fetch() == REFILL:
            continue
        self._behind = self._catching_up = False
        handed, self._handed = self._handed, []
        for parcel in handed:
            self._put(parcel)

    async def _fetch(self) -> int:
        """Take some of what is in the table alone; how many rows there were."""
        after, now, moment = self._last_row, self._clock.now(), _now()

        def fetch(connection: Connection) -> tuple[list[OutboxRow], list[Parcel]]:
            rows = outbox.left(connection, after, REFILL)
            parcels, unreadable = [], []
            for row in rows:
                try:
                    parcel = Parcel.from_table(row, self._keys)
                except SealError:
                    unreadable.append({"row": row.id, "why": "unreadable", "doubts": 0})
                    continue
                if row.not_before is not None:
                    wait = (row.not_before - now) / timedelta(seconds=1)
                    parcel.not_before = moment + max(0.0, wait)
                parcels.append(parcel)
            if unreadable:
                outbox.mark_failed(connection, unreadable)
            return rows, parcels

        rows, parcels = await self._marks.durably(fetch)
        if len(parcels) < len(rows):
            log.warning("unsent_unreadable", rows=len(rows) - len(parcels))
        for parcel in parcels:
            self._put(parcel)
        if rows:
            self._last_row = rows[-1].id
        return len(rows)

    def _put(self, parcel: Parcel) -> None:
        # The answer to a tap keeps no order with anything, and nothing waits for it.
        name = f"tap:{parcel.id}" if parcel.kind == "toast" else parcel.lane
        self._in_hand += 1
        self._last_row = max(self._last_row, parcel.id)
        lane = self._lanes.get(name)
        if lane is not None:
            lane.put(parcel)
            return
        lane = self._lanes[name] = Lane(name)
        lane.put(parcel)
        if not self._stopping:
            task = asyncio.create_task(self._serve(lane))
            self._tasks.add(task)
            task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or self._broken is None or self._broken.done():
            return
        if (fault := task.exception()) is not None:
            self._broken.set_exception(fault)

    async def _serve(self, lane: Lane) -> None:
        """Send what waits in a lane; it is forgotten once it is empty."""
        while (parcel := lane.head()) is not None and not self._stopping:
            lane.changed.clear()
            wait = self._moment(lane, parcel) - _now()
            if wait > 0:
                await _either(lane.changed, wait)
                continue
            if not parcel.claimed:
                await self._claim(parcel)
            parcel.tried = True
            if await self._send(lane, parcel):
                lane.drop(parcel)
                self._in_hand -= 1
                if self._behind:
                    self._eased.set()
        if lane.head() is None:
            del self._lanes[lane.name]

    async def _claim(self, parcel: Parcel) -> None:
        """From here on a death leaves its outcome unknown, and the table says so."""
        await self._marks.durably(lambda c: outbox.mark_sending(c, [parcel.id]))
        parcel.claimed = True

    def _moment(self, lane: Lane, parcel: Parcel) -> float:
        """When it may leave. Nothing holds an emergency card but its own failure."""
        now = _now()
        if parcel.kind == "toast":
            return parcel.not_before
        if parcel.urgent:
            if parcel.slot is None:
                parcel.slot = self._gate.reserve(now)
            return parcel.not_before
        held = max(parcel.not_before, lane.held_until, self._held_all_until)
        if held > now:
            return held
        if parcel.slot is None:
            paced = self._pace(lane.name).reserve(now)
            parcel.slot = max(paced, self._gate.reserve(now))
            self._figures.gate_waits.add(parcel.slot - now)
        return parcel.slot

    def _pace(self, name: str) -> ChatPace:
        pace = self._paces.get(name)
        if pace is None:
            if len(self._paces) >= MAX_PACES:
                now = _now()
                self._paces = {
                    key: one for key, one in self._paces.items() if not one.rested(now)
                }
            rate, burst = self._chat_rate, PRIVATE_BURST
            if not name.startswith("p:"):
                rate, burst = rate * GROUP_PER_MINUTE / 60, GROUP_PER_MINUTE
            pace = self._paces[name] = ChatPace(rate, burst)
        return pace

    async def _send(self, lane: Lane, parcel: Parcel) -> bool:
        """One try; whether the parcel is done with."""
        changed: int | None = None
        method, body = parcel.method, parcel.body
        if parcel.refers_to is not None:
            changed = await self._message(parcel.refers_to)
            if changed is not None:
                body = b'%s,"message_id":%d}' % (body[:-1], changed)
            elif parcel.kind == "strip":
                self._marks.failed(parcel, "nothing to strip")
                return True
            else:
                method = "sendMessage"
        try:
            answer = await self._call(method, body)
        except Unreachable as fault:
            verdict: Verdict = Later(fault.retry_after, doubt=fault.may_have_arrived)
        else:
            verdict = judge(answer, parcel.kind)
        match verdict:
            case Sent(message_id):
                message_id = message_id or changed
                if message_id is not None and parcel.kind != "strip":
                    self._remember(parcel.key, message_id)
                self._marks.sent(parcel, message_id)
                self._figures.sends["sent"] += 1
                waited = self._clock.now() - parcel.stored_at
                self._figures.sent.add(waited.total_seconds())
            case Gone(reason):
                self._marks.unreachable(parcel, reason)
                self._figures.sends["unreachable"] += 1
            case Refused(reason, matters):
                if matters:
                    log.error("call_refused", method=method, reason=reason)
                told = "failed" if parcel.report and matters else ""
                self._marks.failed(parcel, reason, told)
                self._figures.sends["refused"] += 1
            case Lost():
                parcel.refers_to = None
                parcel.method = "sendMessage"
                parcel.kind = "message"
                return False
            case Moved(chat_id):
                await self._moved(chat_id)
                body = orjson.dumps({**orjson.loads(parcel.body), "chat_id": chat_id})
                parcel.body = body
                return False
            case Later():
                await self._put_off(lane, parcel, verdict)
                return False
        return True

    async def _put_off(self, lane: Lane, parcel: Parcel, later: Later) -> None:
        """Try it again when Telegram asked, or a little later each time."""
        self._figures.sends["put_off"] += 1
        if later.doubt and parcel.kind in ("message", "staff"):
            parcel.doubts += 1
            self._figures.uncertain += 1
        wait = later.seconds
        if wait is None:
            longest = URGENT_PAUSE if parcel.urgent else LONGEST_PAUSE
            wait = min(longest, FIRST_PAUSE * 2**parcel.attempts) * uniform(0.5, 1.0)
        elif not later.doubt:
            self._hold(lane, wait)
        parcel.attempts = min(parcel.attempts + 1, MAX_DOUBLINGS)
        parcel.not_before = _now() + wait
        parcel.claimed = parcel.tried = False
        parcel.slot = None
        put_off = {
            "row": parcel.id,
            "moment": self._clock.now() + timedelta(seconds=wait),
            "doubts": parcel.doubts,
        }
        await self._marks.durably(lambda c: outbox.put_off(c, [put_off]))
        parcel.doubts = 0
        log.warning("call_put_off", method=parcel.method, seconds=round(wait, 1))

    def _hold(self, lane: Lane, seconds: float) -> None:
        """Telegram asked for patience: with this chat, or with the whole bot."""
        now = _now()
        lane.held_until = now + seconds
        self._held_lately = {
            name: at for name, at in self._held_lately.items() if at > now - 1
        }
        self._held_lately[lane.name] = now
        if len(self._held_lately) >= HELD_TOGETHER:
            self._held_all_until = max(self._held_all_until, lane.held_until)

    async def _message(self, key: str) -> int | None:
        """Telegram's number of the message that a row became, if it did."""
        known = self._messages.get(key)
        if known is None:
            known = await self._marks.durably(lambda c: outbox.message_id(c, key))
        return known

    def _remember(self, key: str, message_id: int) -> None:
        self._messages[key] = message_id
        self._messages.move_to_end(key)
        if len(self._messages) > MAX_KNOWN_MESSAGES:
            self._messages.popitem(last=False)


def _now() -> float:
    """The event loop's clock: it never jumps."""
    return asyncio.get_running_loop().time()


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, or for the time to pass."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
