"""This process among those that share the database.

A replica gives a sign of life every few seconds. When none came for the length of its
lease, or its process is seen to have ended, another strikes it off and what it had in
hand is left to any. It may only have been frozen: so it sends nothing once its lease
may have run out, writes down no outcome once it was struck off, and then begins anew
under another number, with empty hands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import uniform

import structlog
from sqlalchemy import Connection, RootTransaction
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.errors import Overtaken
from bot.process import SESSIONS, is_gone, this_process
from bot.store import outbox, replicas
from bot.store.across import call_out
from bot.store.engine import Store
from bot.store.replicas import Standing

LEASE_SECONDS = 10.0  # from a sign of life on; then others take over
BEAT = 2.0  # seconds between two signs of life
#: Seconds before the lease ends in which nothing new is sent.
MARGIN = 2.0
CALLS, TURNS = "outbox", "inbox"  #: what replicas tell each other to look at
JOINED = "joined"  #: and that there is one more of them

log = structlog.get_logger("replica")


@dataclass(frozen=True, slots=True)
class Beat:
    """What one sign of life brought to light."""

    alive: bool  #: this replica was not struck off
    replicas: int = 1  #: at work
    struck_off: int = 0  #: that were found dead
    left: int = 0  #: calls that these had in hand
    doubted: int = 0  #: of them messages that may now come twice


class Replica:
    """Who owns what this process has in hand.

    Args:
        every_beat: run in the transaction of each sign of life.
        left: told when calls of others lie in the table, and how many are doubtful.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        left: Callable[[int], None],
        every_beat: Callable[[Connection], None] = lambda connection: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._left = left
        self._every_beat = every_beat
        self._holds_until = 0.0
        self._process = this_process()
        self._asked_in: RootTransaction | None = None
        self._answered = Standing(owns=False, alone=False)
        self.number = 0  #: of this replica; another after it was struck off
        self.replicas = 1  #: at work, when last asked
        self.overtaken = asyncio.Event()  #: it was struck off, and has to begin anew

    async def enter(self) -> None:
        """Begin under a number never used before."""
        began = time.monotonic()
        lease = timedelta(seconds=LEASE_SECONDS) if self._store.shared else None

        def enter(connection: Connection) -> tuple[int, int, int, int]:
            now = self._clock.now()
            number = replicas.enter(connection, now, self._process, lease, SESSIONS)
            self._strike_off(connection, number)
            others = replicas.count(connection)
            call_out(connection, JOINED)
            return number, others, *outbox.release_orphans(connection)

        entered = await self._store.write(enter)
        self.number, self.replicas, left, doubted = entered
        self._renewed(began)
        self.overtaken.clear()
        if left:
            log.info("calls_left_behind", calls=left, doubted=doubted)
        self._left(doubted)

    async def run(self) -> None:
        """Give signs of life, and look after those who give none, until cancelled."""
        if not self._store.shared:
            await asyncio.Event().wait()
        while True:
            await asyncio.sleep(BEAT * uniform(0.8, 1.0))
            if self.overtaken.is_set():
                continue
            began, number = time.monotonic(), self.number
            try:
                beat = await self._store.write(partial(self._beat, number))
            except SQLAlchemyError as fault:
                log.error("no_sign_of_life", fault=type(fault).__name__)
                continue
            if not beat.alive:
                self.struck_off()
                continue
            self._renewed(began)
            self.replicas = beat.replicas
            if beat.struck_off:
                log.warning(
                    "replicas_struck_off",
                    replicas=beat.struck_off,
                    calls=beat.left,
                    doubted=beat.doubted,
                )
            if beat.left:
                self._left(beat.doubted)

    def holds(self) -> bool:
        """Whether nobody can have taken over what this replica owns."""
        return time.monotonic() < self._holds_until and not self.overtaken.is_set()

    def fence(self, connection: Connection) -> None:
        """Go on only if this replica owns what it has, until the transaction ends.

        Raises:
            Overtaken: it was struck off.
        """
        if self._store.shared and not self._standing(connection).owns:
            raise Overtaken

    def owns(self, connection: Connection) -> bool:
        """Whether it does; until the transaction ends nothing will change that."""
        if self._store.shared:
            self._asked_in = None
            return self._standing(connection).owns
        return True

    def alone(self, connection: Connection) -> bool:
        """Whether every call that is not sent was in this hand when `owns` was asked.

        A replica that began since then takes only what lies in the table.
        """
        return self._standing(connection).alone

    def _standing(self, connection: Connection) -> Standing:
        """How this replica stands; asked once a transaction.

        What is asked within a savepoint does not outlast it.
        """
        transaction = connection.get_transaction()
        if self._asked_in is transaction and transaction is not None:
            return self._answered
        answer = replicas.standing(connection, self.number)
        if connection.get_nested_transaction() is None:
            self._asked_in, self._answered = transaction, answer
        return answer

    def struck_off(self) -> None:
        """Others have taken over."""
        if not self.overtaken.is_set():
            log.warning("overtaken", replica=self.number)
            self.overtaken.set()

    def tell(self, connection: Connection, what: str) -> None:
        """Have the others look at something, once this transaction is committed."""
        if self.replicas > 1:
            call_out(connection, what)

    def joined(self) -> None:
        """Another may have begun; how many there are, the next sign of life tells."""
        self.replicas += 1

    async def leave(self) -> None:
        """Own nothing any more, so that others need not wait for the lease to end."""
        number = self.number

        def leave(connection: Connection) -> None:
            replicas.leave(connection, number)
            outbox.release_orphans(connection)
            self.tell(connection, CALLS)

        await self._store.write(leave)

    def _beat(self, number: int, connection: Connection) -> Beat:
        lease = timedelta(seconds=LEASE_SECONDS)
        if not replicas.renew(connection, number, lease):
            return Beat(alive=False)
        self._every_beat(connection)
        gone = self._strike_off(connection, number)
        left, doubted = outbox.release_orphans(connection) if gone else (0, 0)
        if left:
            self.tell(connection, CALLS)
        return Beat(True, replicas.count(connection), gone, left, doubted)

    def _strike_off(self, connection: Connection, number: int) -> int:
        if not self._store.shared:
            return 0
        others = replicas.processes(connection, number)
        gone = [other for other, process in others.items() if is_gone(process)]
        return replicas.strike_off(connection, number, gone)

    def _renewed(self, began: float) -> None:
        if not self._store.shared:
            self._holds_until = float("inf")
            return
        self._holds_until = began + LEASE_SECONDS - MARGIN
