"""A call in hand, and the calls of one chat in their order."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from bot.hand import Stored
from bot.keys import KeyStore, place
from bot.message import Kind
from bot.store.outbox import OutboxRow


@dataclass(slots=True)
class Parcel:
    """A stored call that has not been confirmed."""

    id: int  #: row in the outbox
    key: str
    lane: str
    about_person: int | None
    key_id: str  #: of the data key that seals what it leads to
    method: str
    body: bytes
    refers_to: str | None
    kind: Kind
    report: bool
    urgent: bool
    stored_at: datetime  #: when the turn that wanted it was kept
    attempts: int = 0  #: that failed
    claimed: bool = True  #: stored as being sent
    plain: bool = False  #: it stands in no topic
    tried: bool = False  #: since it was claimed
    not_before: float = 0.0  #: by the clock of the event loop
    paced: float | None = None  #: when its chat may take it
    slot: float | None = None  #: given by the gate of the bot
    asked: bool = False  #: for either, and waits for it
    doubts: int = 0  #: tries whose outcome is unknown, not yet stored

    @classmethod
    def from_turn(cls, stored: Stored, now: datetime) -> Parcel:
        """A call straight from the turn that wanted it."""
        out = stored.outgoing
        return cls(
            id=stored.id,
            key=out.key,
            lane=out.lane,
            about_person=out.about_person,
            key_id=out.key_id,
            method=out.call.method,
            body=out.call.body,
            refers_to=out.refers_to,
            kind=out.call.kind,
            report=out.report,
            urgent=out.urgent,
            stored_at=now,
            slot=stored.slot,
            claimed=stored.sending,
        )

    @classmethod
    def from_table(cls, row: OutboxRow, keys: KeyStore) -> Parcel:
        """A call that an earlier process, or a full hand, left in the table.

        Raises:
            KeyDestroyed, SealBroken: it can be sent by nobody.
        """
        key_id = row.key_id or keys.house
        body = keys.open(key_id, place("outbox", "body", row.key), row.body or b"")
        return cls(
            id=row.id,
            key=row.key,
            lane=row.lane,
            about_person=row.about_person,
            key_id=key_id,
            method=row.method,
            body=body,
            refers_to=row.refers_to,
            kind=cast("Kind", row.kind),
            report=row.report,
            urgent=row.urgent,
            stored_at=row.created_at,
            attempts=row.attempts,
            claimed=False,
        )


@dataclass(slots=True)
class Lane:
    """The calls of one chat, in order; emergency cards go first."""

    name: str
    urgent: deque[Parcel] = field(default_factory=deque)
    waiting: deque[Parcel] = field(default_factory=deque)
    held_until: float = 0.0  #: by the clock of the event loop
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def head(self) -> Parcel | None:
        """What is to leave next."""
        if self.urgent:
            return self.urgent[0]
        return self.waiting[0] if self.waiting else None

    def put(self, parcel: Parcel) -> None:
        """Take it in at its place."""
        (self.urgent if parcel.urgent else self.waiting).append(parcel)
        self.changed.set()

    def drop(self, parcel: Parcel) -> None:
        """It is done with."""
        (self.urgent if parcel.urgent else self.waiting).popleft()

    def all(self) -> list[Parcel]:
        """Everything that has not left."""
        return [*self.urgent, *self.waiting]
