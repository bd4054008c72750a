"""The outcome of every call, written down for good.

Outcomes gather for a moment, and while the one before is being written, so that a busy
minute costs few transactions. An outcome that somebody asked for becomes an input in
the same transaction as its mark.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import uniform
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.errors import KeyDestroyed, Overtaken
from bot.keys import KeyStore
from bot.parcel import Parcel
from bot.replica import Replica
from bot.store import inbox, outbox, people
from bot.store.engine import Store
from bot.turn import incoming_input, person_lane
from dialogs.inputs import Delivered, Input, Undelivered

GATHER = 0.02  # seconds that an outcome waits for others, which share its transaction
FIRST_PAUSE = 0.5  # seconds after the store failed once; doubled with each
LONGEST_PAUSE = 15.0  # seconds

Result = TypeVar("Result")

log = structlog.get_logger("outbox")


@dataclass(slots=True)
class _Batch:
    """What is written in one transaction."""

    sent: list[Mapping[str, Any]] = field(default_factory=list)
    failed: list[Mapping[str, Any]] = field(default_factory=list)
    reports: list[tuple[Parcel, Input]] = field(default_factory=list)
    blocked: dict[int, datetime | None] = field(default_factory=dict)


class Marks:
    """Writes outcomes down. Nothing is lost while the store is away."""

    def __init__(
        self,
        store: Store,
        keys: KeyStore,
        clock: Clock,
        replica: Replica,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._replica = replica
        self._wake = wake
        self._batch = _Batch()
        self._something = asyncio.Event()
        self._writing = asyncio.Lock()

    def sent(self, parcel: Parcel, message_id: int | None) -> None:
        """Telegram has it."""
        self._batch.sent.append(
            {
                "row": parcel.id,
                "message": message_id,
                "doubts": parcel.doubts,
            }
        )
        if parcel.report:
            self._report(parcel, Delivered(_ref(parcel), message_id or 0))
        self._something.set()

    def failed(self, parcel: Parcel, reason: str, told: str = "") -> None:
        """It will never arrive.

        Args:
            told: the reason as the conversation knows it, where it is to know.
        """
        self._batch.failed.append(
            {"row": parcel.id, "why": reason, "doubts": parcel.doubts}
        )
        if told:
            self._report(parcel, Undelivered(_ref(parcel), told))
        self._something.set()

    def unreachable(self, parcel: Parcel, reason: str) -> None:
        """Nothing reaches this chat; a patient is marked so and no more is tried."""
        person = parcel.about_person
        theirs = person is not None and parcel.lane == person_lane(person)
        if theirs and person is not None:
            self._batch.blocked[person] = self._clock.now()
        self.failed(parcel, reason, reason if theirs or parcel.report else "")

    async def run(self) -> None:
        """Write as outcomes come, until cancelled."""
        while True:
            await self._something.wait()
            await asyncio.sleep(GATHER)
            await self.flush()

    async def flush(self) -> None:
        """Everything known so far is on disk when this returns."""
        async with self._writing:
            self._something.clear()
            batch, self._batch = self._batch, _Batch()
            if batch.sent or batch.failed:
                now = self._clock.now()
                try:
                    await self.owning(lambda c: self._keep(c, batch, now))
                except Overtaken:  # whoever took over finds out by themselves
                    return
            if batch.reports:
                self._wake()

    def forget(self) -> None:
        """What is not written down yet is no longer ours to tell."""
        self._batch = _Batch()

    async def owning(self, run: Callable[[Connection], Result]) -> Result:
        """The same as `durably`, and only while this replica owns what it has.

        Raises:
            Overtaken: it does not any more; nothing was written.
        """

        def fenced(connection: Connection) -> Result:
            self._replica.fence(connection)
            return run(connection)

        try:
            return await self.durably(fenced)
        except Overtaken:
            self._replica.struck_off()
            raise

    async def durably(self, run: Callable[[Connection], Result]) -> Result:
        """The result of `run` once it is on disk, however long the store is away."""
        pause = FIRST_PAUSE
        while True:
            try:
                result = await self._store.write(run)
                self._store.not_kept.discard("outcomes")
                return result
            except SQLAlchemyError as fault:
                log.error("outcome_not_kept", fault=type(fault).__name__)
                self._store.not_kept.add("outcomes")
            await asyncio.sleep(uniform(0.5, 1.0) * pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    def _report(self, parcel: Parcel, given: Input) -> None:
        if parcel.about_person is not None:
            self._batch.reports.append((parcel, given))

    def _keep(self, connection: Connection, batch: _Batch, now: datetime) -> None:
        if batch.sent:
            outbox.mark_sent(connection, batch.sent, now)
        if batch.failed:
            outbox.mark_failed(connection, batch.failed)
        if batch.blocked:
            people.mark_blocked(connection, batch.blocked)
        if batch.reports:
            rows = [*self._rows(connection, batch.reports, now)]
            if rows:
                inbox.add(connection, rows)

    def _rows(
        self,
        connection: Connection,
        reports: Sequence[tuple[Parcel, Input]],
        now: datetime,
    ) -> Iterator[dict[str, Any]]:
        """What tells people's chats of these, but for who was erased meanwhile."""
        about = {p.about_person for p, _ in reports if p.about_person is not None}
        there = people.still_there(connection, about)
        for parcel, given in reports:
            person = parcel.about_person
            if person is None or person not in there:
                continue
            with suppress(KeyDestroyed):
                yield incoming_input(
                    self._keys,
                    key=f"sent:{parcel.id}",
                    person=person,
                    key_id=parcel.key_id,
                    generation=int(parcel.key.split(":", 3)[2]),
                    given=given,
                    now=now,
                )


def _ref(parcel: Parcel) -> str:
    """The name the conversation gave it: <lane>:<person>:<generation>:<ref>."""
    return parcel.key.split(":", 3)[3]
