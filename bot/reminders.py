"""Reminders that fall due become inputs in their patients' lanes.

A row is taken and put into the inbox in one transaction, so it is fired once however
many replicas look and whenever one dies; the turn then decides by what is true at that
moment. They are fired as evenly as they can leave, and few lie in wait: whoever writes
meanwhile is answered before a thousand reminders have gone out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from bot.clock import Clock
from bot.errors import KeyDestroyed
from bot.keys import KeyStore
from bot.looking import look_for_ever
from bot.store import inbox, reminders
from bot.store.engine import Store
from bot.turn import incoming_input
from dialogs.inputs import ReminderDue
from dialogs.reminders import RANKS

LOOK_EVERY = 1.0  # seconds between two looks at what is due
LOOK_SOON = 0.2  # seconds, where there was more than there was room for
SECONDS_AHEAD = 0.5  # of sending that may lie in wait
AT_ONCE = 500  # reminders in one transaction, where nothing limits sending


class Reminders:
    """Fires what is due, in order of urgency.

    Args:
        wake: tells the worker that something waits in the inbox.
        rate: messages a second that the bot sends at most; 0: as many as it can.
    """

    def __init__(
        self,
        store: Store,
        keys: KeyStore,
        clock: Clock,
        wake: Callable[[], None],
        rate: float,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._wake = wake
        self._rate = rate
        self._most = max(1, int(rate * SECONDS_AHEAD)) if rate else AT_ONCE
        self._may_fire = rate * LOOK_SOON  # grows with time, as slots to send do
        self._looked_at: datetime | None = None

    async def run(self) -> None:
        """Fire as it falls due, until cancelled. A store in trouble is waited for."""

        async def look() -> float:
            return LOOK_SOON if await self.look() else LOOK_EVERY

        await look_for_ever(self._store, "reminders", look, must_keep=True)

    async def look(self) -> bool:
        """Fire what is due now; whether more may be."""
        now = self._clock.now()
        most = self._most_at(now)
        fired, room = await self._store.write(partial(self._fire, now=now, most=most))
        if self._rate:
            self._may_fire -= fired
        if fired:
            self._wake()
        return fired == room

    def _most_at(self, now: datetime) -> int:
        """How many may be fired now: no more than leave in the time since the last."""
        if self._rate and self._looked_at is not None:
            passed = max(0.0, (now - self._looked_at).total_seconds())
            grown = self._may_fire + passed * self._rate
            self._may_fire = min(float(self._most), grown)
        self._looked_at = now
        return max(1, int(self._may_fire)) if self._rate else self._most

    def _fire(
        self, connection: Connection, now: datetime, most: int
    ) -> tuple[int, int]:
        """How many were fired, and how many there was room for."""
        room: int | None = None
        fired = 0
        for rank in RANKS:
            if room is None and reminders.due(connection, now, rank, 1):
                waits = reminders.under_way(connection, now, self._most)
                room = min(most, self._most - waits)
            if not room:
                continue
            found = reminders.due(connection, now, rank, room - fired)
            rows = []
            for one in found:
                with suppress(KeyDestroyed):  # their rows are about to go as well
                    rows.append(
                        incoming_input(
                            self._keys,
                            key=f"due:{one.id}:{one.due_at:%y%m%d%H%M%S}",
                            person=one.person_id,
                            key_id=one.key_id,
                            generation=None,
                            given=ReminderDue(one.id),
                            now=now,
                        )
                    )
            if found:
                reminders.fire(connection, [one.id for one in found])
            if rows:
                inbox.add(connection, rows)
            fired += len(found)
            if fired >= room:
                break
        return fired, -1 if room is None else room
