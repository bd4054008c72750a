"""What the desk does by itself: wakes what was put off, tells of the week, of proposed
visits that lapse and of visits that nothing reminds of, draws cards.

A card is drawn only while nothing else waits for the staff chat, one at a time and as
it is then: however many change, they never keep a message waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection

from bot.clock import Clock
from bot.desk.alarms import Alarms
from bot.desk.unanswered import UnansweredProposals
from bot.errors import KeyDestroyed
from bot.keys import KeyStore
from bot.looking import look_for_ever
from bot.room import StaffRoom
from bot.store import inbox, outbox, settings, topics
from bot.store.across import wait_for_lock
from bot.store.engine import Store
from bot.turn import inbox_row, incoming_input
from dialogs.inputs import CardDue

LOOK_EVERY = 1.0  # seconds
MAX_WOKEN = 20  # conversations at once

#: Where it is remembered up to which moment the word of the week was told.
_WEEK_TOLD = "week_told"

#: The last moment, before one that is given, at which it is told.
Weekly = Callable[[datetime], datetime]


class Rounds:
    """Looks at times what is due at the desk."""

    def __init__(
        self,
        store: Store,
        keys: KeyStore,
        room: StaffRoom,
        clock: Clock,
        wake: Callable[[], None],
        weekly: Weekly | None = None,
        alarms: Alarms | None = None,
        unanswered: UnansweredProposals | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._room = room
        self._clock = clock
        self._wake = wake
        self._weekly = weekly
        self._alarms = alarms
        self._unanswered = unanswered
        self._told: datetime | None = None  # the weekly moment that was seen to

    async def run(self) -> None:
        """Look until cancelled. A store in trouble is waited for."""

        async def look() -> float:
            if await self._store.write(self.look):
                self._wake()
            return LOOK_EVERY

        await asyncio.sleep(LOOK_EVERY)
        await look_for_ever(self._store, "rounds", look)

    def look(self, connection: Connection) -> bool:
        """Put into the inbox what is due now; whether anything was."""
        now = self._clock.now()
        rows = [
            *self._woken(connection, now),
            *self._week(connection, now),
            *(self._unanswered.look(connection, now) if self._unanswered else ()),
            *(self._alarms.look(connection, now) if self._alarms else ()),
            *self._card(connection, now),
        ]
        if rows:
            inbox.add(connection, rows)
        return bool(rows)

    def _woken(self, connection: Connection, now: datetime) -> list[dict[str, Any]]:
        rows = []
        for topic in topics.awake(connection, now, MAX_WOKEN):
            person, until = topic.person_id, topic.snoozed_until
            topics.change(
                connection,
                person,
                {"status": "open", "snoozed_until": None, "card_due_at": now},
            )
            body = {"desk": "woken", "person": person, "key_id": topic.key_id}
            rows.append(
                inbox_row(
                    self._keys,
                    f"due:awake:{person}:{until:%Y%m%dT%H%M%S}",
                    self._room.lane,
                    None,
                    self._keys.house,
                    orjson.dumps(body),
                    now,
                )
            )
        return rows

    def _week(self, connection: Connection, now: datetime) -> list[dict[str, Any]]:
        """The word of the week, once: in the transaction that remembers it.

        A program that was away at that moment tells it when it is back; one that has
        only begun waits for the first to come.
        """
        if self._weekly is None:
            return []
        moment = self._weekly(now)
        if moment == self._told:
            return []
        wait_for_lock(connection, _WEEK_TOLD)
        told = settings.value(connection, _WEEK_TOLD)
        self._told = moment
        if told is not None and datetime.fromisoformat(told) >= moment:
            return []
        at = moment.astimezone(UTC)
        settings.remember(connection, _WEEK_TOLD, at.isoformat())
        if told is None:
            return []
        return [
            inbox_row(
                self._keys,
                f"due:week:{at:%Y%m%dT%H%M}",
                self._room.lane,
                None,
                self._keys.house,
                orjson.dumps({"desk": "week", "until": at.isoformat()}),
                now,
            )
        ]

    def _card(self, connection: Connection, now: datetime) -> list[dict[str, Any]]:
        if not self._room.topics or outbox.on_its_way(connection, self._room.lane):
            return []
        topic = topics.next_card(connection)
        if topic is None:
            return []
        topics.change(connection, topic.person_id, {"card_due_at": None})
        until = topic.snoozed_until
        try:
            return [
                incoming_input(
                    self._keys,
                    key=f"due:card:{topic.person_id}:{now:%Y%m%dT%H%M%S%f}",
                    person=topic.person_id,
                    key_id=topic.key_id,
                    generation=None,
                    given=CardDue(topic.status, until.isoformat() if until else ""),
                    now=now,
                )
            ]
        except KeyDestroyed:
            return []
