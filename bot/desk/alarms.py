"""Visits to come that nothing reminds of: the team is told of each, once.

Those of three days are looked at every minute, a few at a time. One whose patient is
here is told of in their topic, with what to do; those of people who have not joined
stand together in one note of the desk's.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from bot.errors import KeyDestroyed
from bot.keys import KeyStore
from bot.room import StaffRoom
from bot.store import alarms
from bot.store.alarms import Unreminded
from bot.turn import inbox_row, incoming_input
from dialogs.inputs import VisitUnreminded
from dialogs.reminders import on_the_wall

LOOK_EVERY = timedelta(minutes=1)  # between two looks at all of them
AT_ONCE = 100  # visits in one look
ENDED_AT_ONCE = 50  # alarms
LAST = 2**63 - 1  # above the number of any visit

#: From this hour of the clinic's day on, the visits of one more day are looked at, so
#: that those of one day are told of together, when somebody is there to read it.
DAY_BEGINS = timedelta(hours=7)
DAYS_AHEAD = 3  # that day and the two after it


class Alarms:
    """Walks over the visits to come, over and over.

    Args:
        zone: of the clinic.
    """

    def __init__(self, keys: KeyStore, room: StaffRoom, zone: ZoneInfo) -> None:
        self._keys = keys
        self._room = room
        self._zone = zone
        self._here: tuple[datetime, int] | None = None  # where the walk is
        self._next = datetime.min.replace(tzinfo=zone)  # when the next one begins

    def look(self, connection: Connection, now: datetime) -> list[dict[str, Any]]:
        """What the team is to be told now, as rows for the inbox."""
        if self._here is None:
            if now < self._next:
                return []
            self._next = now + LOOK_EVERY
            self._here = now, LAST  # what begins now is no longer to come
            ended = [*self._ended(connection, now)]
        else:
            ended = []
        after, above = self._here
        ends = _looks_to(now, self._zone)
        found, self._here = alarms.some_to_come(connection, after, above, ends, AT_ONCE)
        fresh = alarms.raise_for(connection, found, now) if found else set()
        new = [one for one in found if one.visit_id in fresh]
        return [*ended, *self._raised(new, now)]

    def _raised(self, new: list[Unreminded], now: datetime) -> Iterable[dict[str, Any]]:
        for one in new:
            if one.person_id is not None:
                yield from self._tell(one, one.reason, now)
        if expected := [one.visit_id for one in new if one.person_id is None]:
            body = {"desk": "not_joined", "visits": expected}
            key = f"due:alarm:{expected[0]}:{len(expected)}:{now:%Y%m%dT%H%M%S}"
            house = self._keys.house
            plain = orjson.dumps(body)
            yield inbox_row(self._keys, key, self._room.lane, None, house, plain, now)

    def _ended(self, connection: Connection, now: datetime) -> Iterable[dict[str, Any]]:
        found = alarms.over(connection, now, ENDED_AT_ONCE)
        ended = alarms.end(connection, [one.alarm_id for one in found], now)
        for one in found:
            # Of one that has begun there is nothing more to say.
            if one.alarm_id in ended and one.person_id and one.starts_at > now:
                yield from self._tell(one, "", now)

    def _tell(
        self, one: Unreminded, reason: str, now: datetime
    ) -> Iterable[dict[str, Any]]:
        assert one.person_id is not None
        name = f"{one.visit_id}.{one.revision}"
        try:
            yield incoming_input(
                self._keys,
                key=f"due:alarm:{name}:{'raised' if reason else 'over'}",
                person=one.person_id,
                key_id=one.key_id,
                generation=None,
                given=VisitUnreminded(name, reason),
                now=now,
            )
        except KeyDestroyed:
            return  # erased meanwhile: their rows are about to go as well


def _looks_to(now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the last day that is looked at, in UTC."""
    day = (now.astimezone(zone) - DAY_BEGINS).date() + timedelta(days=DAYS_AHEAD)
    return on_the_wall(datetime.combine(day, time()), zone)
