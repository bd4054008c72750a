"""What one turn wants kept, gathered before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from bot.keys import KeyStore, place
from bot.message import Outgoing
from bot.store.audit import Entry
from bot.store.inbox import InboxRow
from bot.store.tables import PATIENTS
from dialogs.effects import (
    ActOnVisit,
    BookVisit,
    ChooseZone,
    MoveVisit,
    Remind,
    Reminded,
)
from dialogs.inputs import Input

#: What a turn may want of visits.
VisitEffect = ActOnVisit | BookVisit | MoveVisit | Remind | Reminded | ChooseZone


@dataclass(slots=True)
class Turn:
    """One row of the inbox and everything it leads to."""

    row: InboxRow
    outgoing: list[Outgoing] = field(default_factory=list)
    incoming: list[Mapping[str, Any]] = field(default_factory=list)
    #: rows for the inbox: inputs for another lane
    session: Mapping[str, Any] | None = None  #: row to keep
    set_aside: Mapping[str, Any] | None = None  #: session that could not be read
    consents: list[Mapping[str, Any]] = field(default_factory=list)
    blocked: dict[int, datetime | None] = field(default_factory=dict)
    staff_chat: int | None = None  #: the staff group has moved here
    staff_topics: bool | None = None  #: whether topics can be opened there now
    topics: list[Mapping[str, Any]] = field(default_factory=list)
    #: rows of conversations with the team that begin, or are taken up again
    redraws: set[int] = field(default_factory=set)  #: whose cards show something old
    ratings: list[str] = field(default_factory=list)  #: how helpful one was
    misses: list[Mapping[str, Any]] = field(default_factory=list)
    #: rows of questions that nobody answered, and of answers that were wrong
    audit: list[Entry] = field(default_factory=list)  #: what the trail is to hold
    adverse: list[Mapping[str, Any]] = field(default_factory=list)
    #: rows about what went badly
    erases: int | None = None  #: the person who ends with this turn
    why_erased: str = ""  #: asked or silent
    doomed_keys: tuple[str, ...] = ()  #: which are destroyed before their rows go
    wants_copy: bool = False  #: the person is sent everything that is kept
    visiting: list[tuple[int, VisitEffect]] = field(default_factory=list)
    #: what is wanted of a person's visits, by the person's number
    retry_at: datetime | None = None  #: it failed, and is tried again then
    left_until: datetime | None = None
    #: it is for a later release, and is looked at again then
    given_up: str = ""  #: it failed for good: why

    @property
    def ended(self) -> bool:
        """It came to its end; its row is done with."""
        return not (self.retry_at or self.left_until or self.given_up)


class Person(NamedTuple):
    """The patient a turn is for."""

    id: int
    key_id: str  #: of their data key
    chat_id: int
    name: str  #: first name, as their Telegram has it
    language: str  #: of the texts they are shown
    reachable: bool  #: they have not blocked the bot
    generation: int  #: of their session; refs are unique within it

    @property
    def lane(self) -> str:
        """The lane of their chat."""
        return person_lane(self.id)

    def key(self, ref: str) -> str:
        """The key of the outbox row that shows their message `ref`."""
        return f"{self.lane}:{self.generation}:{ref}"


def person_lane(person: int) -> str:
    """The lane of a patient's chat."""
    return f"{PATIENTS}{person}"


def incoming_input(
    keys: KeyStore,
    *,
    key: str,
    person: int,
    key_id: str,
    generation: int | None,
    given: Input,
    now: datetime,
) -> dict[str, Any]:
    """An inbox row that brings `given` into a patient's lane.

    Args:
        generation: of the session it answers; None where any will do.
    """
    fields = {name: getattr(given, name) for name in type(given).__slots__}
    body = {"input": type(given).__name__, "generation": generation, **fields}
    return inbox_row(
        keys, key, person_lane(person), person, key_id, orjson.dumps(body), now
    )


def inbox_row(
    keys: KeyStore,
    key: str,
    lane: str,
    person: int | None,
    key_id: str,
    body: bytes,
    now: datetime,
) -> dict[str, Any]:
    """A row for the inbox, sealed."""
    return {
        "key": key,
        "lane": lane,
        "person_id": person,
        "body": keys.seal(key_id, place("inbox", "body", key), body),
        "status": "pending",
        "attempts": 0,
        "received_at": now,
    }


def session_place(person: int, generation: int) -> bytes:
    """Where the chat of a person is sealed, also once it was put aside."""
    return place("sessions", "body", f"{person}:{generation}")
