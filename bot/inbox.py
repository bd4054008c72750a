"""What comes in: stored before Telegram forgets it, then taken in turns.

Two loops. `Polling` stores every update and only then asks for the next. `Worker` takes
the turns. The first of them are asked for as soon as updates are handed to the writer
thread, so that storing and taking share one transaction.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.clock import Clock
from bot.desk import Desk, StaffRoom
from bot.errors import PollingConflict, Unreachable
from bot.handle import Taken, Turns
from bot.keys import KeyStore, place
from bot.metrics import Figures
from bot.outbox import Sender
from bot.read import Origin, Update, origin
from bot.store import inbox, people
from bot.store.engine import Store
from bot.turn import inbox_row, person_lane

MAX_CONFLICTS = 4  # in a row, before another program is taken to be at work
FIRST_PAUSE = 0.5  # seconds after a first failure; doubled with each
LONGEST_PAUSE = 30.0  # seconds
LOOK_EVERY = 2.0  # seconds between two looks at the table, where others may add to it

#: What is kept of a message under a tap: where it stands.
_OF_TAPPED = frozenset({"message_id", "message_thread_id", "date", "chat"})

log = structlog.get_logger("inbox")


class Intake:
    """Puts updates into the inbox, each sealed for whom it is from.

    Args:
        tell: has other replicas look at the inbox, once the transaction is committed.
    """

    def __init__(
        self,
        keys: KeyStore,
        desk: Desk,
        room: StaffRoom,
        tell: Callable[[Connection], None] = lambda connection: None,
    ) -> None:
        self._keys = keys
        self._desk = desk
        self._room = room
        self._tell = tell

    def store(
        self, connection: Connection, updates: Sequence[Update], now: datetime
    ) -> None:
        """Keep these for their turns; what was here before changes nothing."""
        placed = [
            (update, place)
            for update in updates
            if isinstance(update.get("update_id"), int)
            and (place := origin(update)) is not None
        ]
        private = {
            place.chat_id: place
            for update, place in placed
            if place.private and not self._desk.is_for_me(update, place.chat_id)
        }
        known = self._people(connection, private, now) if private else {}
        rows = []
        for update, place_ in placed:
            key, body = f"tg:{update['update_id']}", _bytes(_lean(update))
            if place_.chat_id in private:
                person, key_id = known[place_.chat_id]
                lane = person_lane(person)
                rows.append(inbox_row(self._keys, key, lane, person, key_id, body, now))
            elif self._desk.concerns(update):
                here = self._room.is_here(place_.chat_id)
                lane = self._room.lane if here else f"g:{place_.chat_id}"
                house = self._keys.house
                rows.append(inbox_row(self._keys, key, lane, None, house, body, now))
        if rows:
            inbox.add(connection, rows)
            self._tell(connection)

    def _people(
        self, connection: Connection, chats: Mapping[int, Origin], now: datetime
    ) -> dict[int, tuple[int, str]]:
        """Row and key of whoever these chats are; those new to us are taken up."""
        hashes = {chat: self._keys.lookup_hash(chat) for chat in chats}
        found = people.found(connection, hashes.values())
        for chat, (person, key_id) in [
            (chat, found[hashed]) for chat, hashed in hashes.items() if hashed in found
        ]:
            if not self._keys.has(key_id):  # they were erased, and write again
                (fresh,) = self._keys.new_keys(1)
                contact = self._contact(fresh, chats[chat])
                people.give_new_key(connection, person, fresh, contact)
                found[hashes[chat]] = (person, fresh)
        new = [chat for chat in chats if hashes[chat] not in found]
        if new:
            fresh_keys = self._keys.new_keys(len(new))
            rows = [
                {
                    "chat_hash": hashes[chat],
                    "key_id": key_id,
                    "contact": self._contact(key_id, chats[chat]),
                    "language": chats[chat].language,
                    "created_at": now,
                }
                for chat, key_id in zip(new, fresh_keys, strict=True)
            ]
            numbers = people.add(connection, rows)
            for chat, number, key_id in zip(new, numbers, fresh_keys, strict=True):
                found[hashes[chat]] = (number, key_id)
        return {chat: found[hashed] for chat, hashed in hashes.items()}

    def _contact(self, key_id: str, who: Origin) -> bytes:
        contact = orjson.dumps({"chat_id": who.chat_id, "name": who.name})
        return self._keys.seal(key_id, place("people", "contact", key_id), contact)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Turns that the writer thread was asked to take."""

    taken: asyncio.Future[Taken]
    tried: list[Taken]  #: what was taken last, whether it was kept or not


class Worker:
    """Takes turns as long as anything waits."""

    def __init__(
        self,
        store: Store,
        turns: Turns,
        sender: Sender,
        room: StaffRoom,
        clock: Clock,
        figures: Figures,
    ) -> None:
        self._store = store
        self._turns = turns
        self._sender = sender
        self._room = room
        self._clock = clock
        self._figures = figures
        self._woken = asyncio.Event()
        self._stopping = False
        self._next: _Asked | None = None  # behind those that are under way
        self._one_by_one = False  # one of them repeats a name; the others are good

    def wake(self) -> None:
        """Something may be waiting."""
        self._woken.set()

    def follow(self) -> None:
        """Take turns right behind what the writer thread was just given to store."""
        if self._next is None and not self._stopping:
            self._next = self._ask()
        self._woken.set()

    def stop(self) -> None:
        """Finish the turns at hand, and take no more."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Take turns until stopped. Trouble with the store is waited out."""
        pause = FIRST_PAUSE
        retry: datetime | None = None
        while self._next is not None or not self._stopping:
            self._woken.clear()
            try:
                taken = await self._take()
            except SQLAlchemyError as fault:
                log.error("turns_not_kept", fault=type(fault).__name__)
                self._store.not_kept.add("turns")
                await asyncio.sleep(uniform(0.5, 1.0) * pause)
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            pause = FIRST_PAUSE
            self._store.not_kept.discard("turns")
            if not taken.turns:
                retry = taken.next_retry
            if not taken.more:
                await self._rest(retry)

    def _ask(self) -> _Asked:
        now, hand = self._clock.now(), self._sender.hand_for_turns()
        one_by_one, self._one_by_one = self._one_by_one, False
        tried: list[Taken] = []

        def take(connection: Connection) -> Taken:
            tried.clear()
            tried.append(
                self._turns.take(connection, now, hand=hand, one_by_one=one_by_one)
            )
            return tried[0]

        return _Asked(self._store.submit(take), tried)

    async def _take(self) -> Taken:
        asked, self._next = self._next or self._ask(), None
        try:
            taken = await asked.taken
        except IntegrityError:
            self._one_by_one = True
            return Taken(more=True)
        except SQLAlchemyError:
            if asked.tried and asked.tried[0].stored:  # the commit may have been lost,
                await self._sender.recover(asked.tried[0].stored)  # or its news
            raise
        if taken.staff_topics is not None:
            self._room.topics = taken.staff_topics
        if taken.staff_chat is not None:
            self._room.current = taken.staff_chat
            self._sender.forget_messages()
            log.warning("staff_group_moved", chat=taken.staff_chat)
        self._count(taken)
        for failure in taken.failures:
            log.error(
                "turn_failed",
                row=failure.key,
                reason=failure.reason,
                set_aside=failure.set_aside,
            )
        self._sender.hand(taken.stored)
        return taken

    def _count(self, taken: Taken) -> None:
        figures, now = self._figures, self._clock.now()
        figures.turns["kept"] += len(taken.kept)
        figures.erased.update(taken.erased)
        for received in taken.kept:
            figures.committed.add((now - received).total_seconds())
        for failure in taken.failures:
            figures.turns["set_aside" if failure.set_aside else "retried"] += 1

    async def _rest(self, until: datetime | None) -> None:
        seconds = LOOK_EVERY
        if until is not None:
            wait = (until - self._clock.now()) / timedelta(seconds=1)
            seconds = max(0.01, min(wait, LOOK_EVERY))
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return  # what was put off may be tried now, or somebody else put it there


class Polling:
    """Asks Telegram for updates, for ever."""

    def __init__(
        self,
        fetch: Callable[[int | None], Awaitable[Sequence[Mapping[str, Any]]]],
        store: Store,
        intake: Intake,
        worker: Worker,
        clock: Clock,
        figures: Figures,
    ) -> None:
        self._fetch = fetch
        self._store = store
        self._intake = intake
        self._worker = worker
        self._clock = clock
        self._figures = figures
        self.last_poll_at: datetime | None = None
        #: when Telegram last answered, and what it sent was stored

    async def run(self) -> None:
        """Store what comes until cancelled.

        Raises:
            TokenRefused, PollingConflict: nothing here can put that right.
        """
        try:
            await self._ask_for_ever()
        finally:  # from here on it is for another replica to keep them
            self._store.not_kept.discard("updates")

    async def _ask_for_ever(self) -> None:
        # What was stored may come again after a start; its key makes that harmless.
        # An offset kept from earlier would not be: after a quiet week Telegram begins
        # anywhere, also below it.
        offset: int | None = None
        pause, conflicts = FIRST_PAUSE, 0
        while True:
            try:
                offset = await self._keep(await self._fetch(offset))
                self.last_poll_at = self._clock.now()
                self._store.not_kept.discard("updates")
                pause, conflicts = FIRST_PAUSE, 0
                continue
            except PollingConflict:
                # The poll of a process that was just killed may still be open.
                conflicts += 1
                if conflicts >= MAX_CONFLICTS:
                    raise
                log.warning("polling_conflict", times=conflicts)
                wait = pause
            except Unreachable as fault:
                log.warning("telegram_unreachable", fault=str(fault))
                wait = fault.retry_after or uniform(0.5, 1.0) * pause
            except SQLAlchemyError as fault:
                log.error("updates_not_kept", fault=type(fault).__name__)
                self._store.not_kept.add("updates")
                wait = uniform(0.5, 1.0) * pause
            await asyncio.sleep(wait)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _keep(self, updates: Sequence[Update]) -> int | None:
        if not updates:
            return None  # all that was confirmed is; the next may begin anywhere
        now = self._clock.now()
        kept = self._store.submit(
            lambda connection: self._intake.store(connection, updates, now)
        )
        self._worker.follow()
        await kept
        self._figures.updates += len(updates)
        numbers = [
            u["update_id"] for u in updates if isinstance(u.get("update_id"), int)
        ]
        return max(numbers) + 1 if numbers else None


def _lean(update: Update) -> Update:
    """An update as it came, but for our own words, which come along with each tap."""
    query = update.get("callback_query")
    if not isinstance(query, dict) or not isinstance(query.get("message"), dict):
        return update
    message = {k: v for k, v in query["message"].items() if k in _OF_TAPPED}
    return {**update, "callback_query": {**query, "message": message}}


def _bytes(update: Update) -> bytes:
    try:
        return orjson.dumps(update)
    except (TypeError, orjson.JSONEncodeError):  # a number or a letter beyond its reach
        return json.dumps(update).encode()
