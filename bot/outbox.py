"""What goes out: every stored call, in the order of its chat, until Telegram has it.

Calls are handed over in memory right after their commit; the table is there for the
next process. What is in hand belongs to this replica, in the table as well. What does
not fit in hand, or follows something in another replica's hand, is left to whoever may
take it (`bot/store/outbox.py`), and is taken from the table later.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from random import uniform
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.errors import Overtaken, SealError, Unreachable
from bot.gates import PRIVATE_BURST, ChatPace, Gate, Gates
from bot.hand import Hand, Stored
from bot.keys import KeyStore
from bot.marks import Marks
from bot.message import instead
from bot.metrics import Figures
from bot.parcel import Lane, Parcel
from bot.replica import CALLS, Replica
from bot.store import outbox
from bot.store.engine import Store
from bot.store.outbox import TakenRows
from bot.store.tables import PATIENTS
from bot.threads import Door, Threads
from bot.verdict import (
    Answer,
    Astray,
    Gone,
    Later,
    Lost,
    Moved,
    Refused,
    Sent,
    Verdict,
    judge,
)

MAX_IN_HAND = 5_000  # calls in memory; what is above stays in the table
REFILL = 500  # calls fetched at once
LOOK_EVERY = 2.0  # seconds between two looks at the table, where others may leave calls
LOOK_SOON = 0.2  # seconds, where something was seen that cannot be taken yet
LATE = 0.02  # seconds after its slot that a message still counts as in time
STALE = 0.5  # seconds after which a slot that was not used is reserved anew
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
        replica: who owns what is in hand.
        gates: give the slots in which messages leave.
        call: makes one call of the Bot API.
        threads: finds the topics of the staff chat.
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
        replica: Replica,
        gates: Gates,
        call: Callable[[str, bytes], Awaitable[Answer]],
        moved: Callable[[int], Awaitable[None]],
        threads: Threads,
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
        self._threads = threads
        self._figures = figures
        self._replica = replica
        self._gates = gates
        self._gate = Gate.of_bot(rate)
        self._chat_rate = chat_rate
        self._paces: dict[str, ChatPace] = {}
        self._lanes: dict[str, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._messages: OrderedDict[str, int] = OrderedDict()
        self._held_all_until = 0.0
        self._held_lately: dict[str, float] = {}
        self._in_hand = 0
        self._behind = True  # calls may lie in the table for us to take
        self._left = 0  # times that some may have been left there
        self._fetching = False
        self._handed: list[Stored] = []  # by turns, while some are fetched
        self._looked_up_to = 0  # row of the table, while it is looked through
        self._eased = asyncio.Event()
        self._stopping = False
        self._broken: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Take up what was left unsent, then keep the hand filled, until cancelled.

        Raises:
            TokenRefused: the token was taken back.
        """
        self._broken = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._gates.run())
            while True:
                if self._replica.overtaken.is_set():
                    await self._begin_anew()
                while self._behind and self._in_hand < MAX_IN_HAND:
                    await self._fetch()
                await self._until_something_changes()

    def look(self, doubted: int = 0) -> None:
        """Calls may lie in the table; so many of them may come twice."""
        self._figures.uncertain += doubted
        self._left += 1
        self._behind = True
        self._eased.set()

    def hand_for_turns(self) -> Hand | None:
        """Where the calls of the next turns go; None: they are left in the table."""
        if self._in_hand >= MAX_IN_HAND or not self._replica.holds():
            self._left += 1
            self._behind = True
            return None
        return Hand(
            owner=self._replica.number,
            owns=self._replica.owns,
            beside=self._beside(),
            leave=partial(self._replica.tell, what=CALLS),
            slots=lambda connection, most: self._gates.early(
                connection, self._gate, most
            ),
        )

    def _beside(self) -> Callable[[Connection], bool]:
        """What tells whether calls may lie in the table, or in other hands.

        Where other replicas may leave some there, only the database knows.
        """
        if self._store.shared:
            return lambda connection: not self._replica.alone(connection)
        behind = self._behind
        return lambda connection: behind

    def hand(self, stored: Iterable[Stored]) -> None:
        """Send these as soon as the order of their chats allows."""
        if self._fetching:  # what it brings may have to leave before these
            self._handed.extend(stored)
            return
        now, left = self._clock.now(), False
        for one in stored:
            if one.owner == self._replica.number:
                self._put(Parcel.from_turn(one, now))
            left = left or one.owner is None
        if left:
            self.look()

    def forget_messages(self) -> None:
        """Numbers of messages may be others by now: the table knows."""
        self._messages.clear()

    async def recover(self, stored: Sequence[Stored]) -> None:
        """Send those of these that are there: their commit was not confirmed."""
        keys = [one.outgoing.key for one in stored]
        me = self._replica.number
        written = await self._marks.durably(lambda c: outbox.written(c, me, keys))
        self.hand(one for one in stored if one.outgoing.key in written)

    async def stop(self, seconds: float) -> None:
        """Let the calls under way come to their end, and begin no others."""
        self._stopping = True
        for lane in self._lanes.values():
            lane.changed.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        await self._cancel_calls()

    async def let_go(self) -> None:
        """Write down what became of the calls, and leave the rest in the table."""
        await self._marks.flush()
        untried = [
            parcel.id
            for lane in self._lanes.values()
            for parcel in lane.all()
            if not parcel.tried
        ]
        if untried:
            with suppress(Overtaken):
                await self._marks.owning(lambda c: outbox.let_go(c, untried))

    async def _cancel_calls(self) -> None:
        late = [*self._tasks]
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _begin_anew(self) -> None:
        """Others have taken over what was in hand; go on with empty hands."""
        await self._cancel_calls()
        self._lanes.clear()
        self._in_hand = 0
        self.forget_messages()
        self._gates.forget()
        self._marks.forget()
        while True:
            try:
                await self._replica.enter()
                return
            except SQLAlchemyError as fault:
                log.error("replica_not_entered", fault=type(fault).__name__)
                await asyncio.sleep(FIRST_PAUSE)

    async def _until_something_changes(self) -> None:
        assert self._broken is not None
        self._eased.clear()
        waits: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._eased.wait()),
            asyncio.ensure_future(self._replica.overtaken.wait()),
        ]
        try:
            # Where others may leave calls behind, somebody has to look at times.
            await asyncio.wait(
                (*waits, self._broken),
                timeout=LOOK_EVERY if self._store.shared else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            for one in waits:
                one.cancel()
        if self._broken.done():
            self._broken.result()
        if self._store.shared:
            self._behind = True

    async def _fetch(self) -> None:
        """Take some of what lies in the table, ahead of what turns hand over."""
        self._fetching = True
        try:
            await self._take_left()
        finally:
            self._fetching = False
            handed, self._handed = self._handed, []
            self.hand(handed)

    async def _take_left(self) -> None:
        left, after, me = self._left, self._looked_up_to, self._replica.number
        now, moment = self._clock.now(), _now()
        before: set[int] = set()  # taken by a try whose commit was not confirmed

        def fetch(connection: Connection) -> tuple[TakenRows, list[Parcel]]:
            taken = outbox.take_left(connection, me, after, REFILL, before)
            before.update(row.id for row in taken.rows)
            parcels, unreadable = [], []
            for row in taken.rows:
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
            return taken, parcels

        try:
            taken, parcels = await self._marks.owning(fetch)
        except Overtaken:
            return
        if len(parcels) < len(taken.rows):
            log.warning("unsent_unreadable", rows=len(taken.rows) - len(parcels))
        for parcel in parcels:
            self._put(parcel)
        self._looked_up_to = taken.after if taken.more else 0
        if not taken.more and self._left == left:
            self._behind = False
        if taken.refused:  # they are another's to take, or its order ends soon
            asyncio.get_running_loop().call_later(LOOK_SOON, self.look)

    def _put(self, parcel: Parcel) -> None:
        # The answer to a tap keeps no order with anything, and nothing waits for it.
        name = f"tap:{parcel.id}" if parcel.kind == "toast" else parcel.lane
        if not _is_group(name):  # what a group is sent may wait for hours
            self._in_hand += 1
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
        fault = task.exception()
        # Overtaken: the loop is told as well, and begins anew.
        if fault is not None and not isinstance(fault, Overtaken):
            self._broken.set_exception(fault)

    async def _serve(self, lane: Lane) -> None:
        """Send what waits in a lane; it is forgotten once it is empty."""
        while (parcel := lane.head()) is not None and not self._stopping:
            lane.changed.clear()
            wait = self._moment(lane, parcel) - _now()
            if not self._replica.holds():
                wait = max(wait, LOOK_SOON)
            if wait > 0:
                await _either(lane.changed, wait)
                continue
            if not parcel.claimed:
                await self._claim(parcel)
                continue  # that took a while: its moment may have passed
            parcel.tried = True
            if self._gate.size and parcel.slot and parcel.slot < _now() - LATE:
                self._gates.late(self._gate, parcel.slot)
            if await self._send(lane, parcel):
                lane.drop(parcel)
                if not _is_group(lane.name):
                    self._in_hand -= 1
                if self._behind:
                    self._eased.set()
        if lane.head() is None:
            del self._lanes[lane.name]

    async def _claim(self, parcel: Parcel) -> None:
        """From here on a death leaves its outcome unknown, and the table says so."""
        await self._marks.owning(lambda c: outbox.mark_sending(c, [parcel.id]))
        parcel.claimed = True

    def _moment(self, lane: Lane, parcel: Parcel) -> float:
        """When it may leave. Nothing holds an emergency card but its own failure."""
        now = _now()
        if parcel.kind == "toast":
            return parcel.not_before
        if parcel.urgent:
            if parcel.slot is None and not parcel.asked:  # so that others make room
                if self._chat_rate and _is_group(lane.name):
                    self._gates.ask(Gate.of_group(lane.name), True, lambda slot: None)
                self._ask(self._gate, lane, parcel)
            return parcel.not_before
        held = max(parcel.not_before, lane.held_until, self._held_all_until)
        if held > now:
            return held
        if parcel.asked:
            return now + LONGEST_PAUSE  # or as soon as the gate has given a slot
        if parcel.paced is None:
            if self._chat_rate and _is_group(lane.name):
                return self._ask(Gate.of_group(lane.name), lane, parcel)
            parcel.paced = self._pace(lane.name).reserve(now)
        if parcel.paced > now:
            return parcel.paced
        if not self._gate.size:
            return parcel.paced
        if parcel.slot is None or parcel.slot < now - STALE:
            return self._ask(self._gate, lane, parcel)
        return parcel.slot

    def _ask(self, gate: Gate, lane: Lane, parcel: Parcel) -> float:
        """Have it given a slot; when to look again at the latest."""
        asked_at = _now()

        def got(slot: float) -> None:
            parcel.asked = False
            if gate is self._gate:
                parcel.slot = slot
            else:
                parcel.paced = slot
            self._figures.gate_waits.add(slot - asked_at)
            lane.changed.set()

        parcel.asked = True
        parcel.slot = None
        self._gates.ask(gate, parcel.urgent, got)
        return asked_at + LONGEST_PAUSE if parcel.asked else self._moment(lane, parcel)

    def _pace(self, name: str) -> ChatPace:
        pace = self._paces.get(name)
        if pace is None:
            if len(self._paces) >= MAX_PACES:
                now = _now()
                self._paces = {
                    key: one for key, one in self._paces.items() if not one.rested(now)
                }
            pace = self._paces[name] = ChatPace(self._chat_rate, PRIVATE_BURST)
        return pace

    async def _send(self, lane: Lane, parcel: Parcel) -> bool:
        """One try; whether the parcel is done with."""
        changed: int | None = None
        thread: int | None = None
        method, body = parcel.method, parcel.body
        if parcel.refers_to is not None:
            changed = await self._message(parcel.refers_to)
            if changed is not None:
                body = b'%s,"message_id":%d}' % (body[:-1], changed)
            elif parcel.kind == "strip":
                self._marks.failed(parcel, "nothing to strip")
                return True
            else:
                method, body = "sendMessage", instead(method, body)
        try:
            if self._threads.concern(parcel, method):
                door = await self._threads.door(parcel.about_person or 0)
                if door is None and parcel.urgent:
                    parcel.plain = True  # erased or not: it may be about their life
                    return False
                if door is None:
                    self._marks.failed(parcel, "erased")
                    return True
                if self._threads.must_open(door):
                    return await self._open(lane, parcel, door)
                thread = door.thread
                if thread is not None:
                    body = b'%s,"message_thread_id":%d}' % (body[:-1], thread)
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
                elif method == "deleteForumTopic":
                    await self._threads.not_deleted(parcel, answer)
                told = "failed" if parcel.report and matters else ""
                self._marks.failed(parcel, reason, told)
                self._figures.sends["refused"] += 1
            case Lost():
                parcel.refers_to = None
                parcel.body = instead(parcel.method, parcel.body)
                parcel.method = "sendMessage"
                parcel.kind = "message"
                return False
            case Astray(closed):
                await self._astray(parcel, thread, closed)
                return False
            case Moved(chat_id):
                return await self._follow(lane, parcel, chat_id)
            case Later():
                await self._put_off(lane, parcel, verdict)
                return False
        return True

    async def _open(self, lane: Lane, parcel: Parcel, door: Door) -> bool:
        """Open the topic first; the note itself waits for a slot of its own."""
        verdict = await self._threads.open(door)
        match verdict:
            case Moved(chat_id):
                return await self._follow(lane, parcel, chat_id)
            case _ if parcel.urgent and not isinstance(verdict, Sent):
                parcel.plain = True  # an emergency waits for no topic
            case Later(doubt=True):  # a second try might open a second topic
                self._figures.uncertain += 1
                parcel.plain, parcel.paced = True, None
            case Later():
                await self._put_off(lane, parcel, verdict)
            case Gone(reason):
                self._marks.unreachable(parcel, reason)
                return True
            case _:
                parcel.paced = None
        return False

    async def _follow(self, lane: Lane, parcel: Parcel, chat_id: int) -> bool:
        """The team's group has another number, and numbers its messages anew.

        What is for the group is sent there, as an answer to nothing. What was to bring
        something out of the old group cannot be done any more.
        """
        await self._moved(chat_id)
        self.forget_messages()
        if not _is_group(lane.name):
            told = "failed" if parcel.report else ""
            self._marks.failed(parcel, "the group has moved", told)
            return True
        body = {**orjson.loads(parcel.body), "chat_id": chat_id}
        body.pop("reply_parameters", None)
        parcel.body = orjson.dumps(body)
        return False

    async def _astray(self, parcel: Parcel, thread: int | None, closed: bool) -> None:
        """Have the topic reopened, or another opened in its place."""
        if thread is None or parcel.about_person is None:
            body = orjson.loads(parcel.body)
            body.pop("message_thread_id", None)
            parcel.body, parcel.plain = orjson.dumps(body), True
        elif closed:
            parcel.plain = not await self._threads.reopen(thread)
        else:
            await self._threads.gone(parcel.about_person, thread)
        parcel.paced = None

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
        parcel.paced = parcel.slot = None
        put_off = {
            "row": parcel.id,
            "moment": self._clock.now() + timedelta(seconds=wait),
            "doubts": parcel.doubts,
        }
        await self._marks.owning(lambda c: outbox.put_off(c, [put_off]))
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
            self._gates.hold(self._gate, seconds)

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


def _is_group(lane: str) -> bool:
    """Whether Telegram limits it as a group: neither a patient's chat nor a tap."""
    return not lane.startswith((PATIENTS, "tap:"))


def _now() -> float:
    """A clock that never jumps; the gates go by it."""
    return time.monotonic()


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, or for the time to pass."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
