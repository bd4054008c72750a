"""In which topic of the staff chat a patient's notes stand; opened when it is needed.

A topic is opened by whoever sends the first note to it: its number is only known once
Telegram has opened it. One that was deleted is opened again, one that was closed is
reopened, and the note that found out goes there. Where topics cannot be opened, notes
stand in the group itself; so they do for a while where nobody knows whether one was
opened, as a second try might open a second one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.errors import SealError, Unreachable
from bot.keys import KeyStore, place
from bot.marks import Marks
from bot.parcel import Parcel
from bot.room import StaffRoom
from bot.store import inbox, people, topics
from bot.turn import inbox_row
from bot.verdict import THREAD_GONE, Answer, Later, Refused, Sent, Verdict, judge

#: Calls that put something new into a chat.
_NEW = frozenset({"sendMessage", "copyMessage", "sendDocument"})

#: For how long no topic is opened for a patient after it was not known whether one was.
IN_DOUBT = timedelta(minutes=10)

#: Key of the inbox row that has the team told that topics cannot be opened.
NO_TOPICS = "desk:no_topics:"

#: The same of a topic that may not be deleted.
NOT_DELETED = "desk:not_deleted:"

log = structlog.get_logger("threads")


def title_place(person: int) -> bytes:
    """Where the title of a patient's topic stands."""
    return place("topics", "title", str(person))


def topic_title(name: str, person: int) -> str:
    """What a patient's topic is called."""
    return f"{name} · {person}"


def person_in(title: str) -> int | None:
    """Whose topic is called so; None where the name is none of ours."""
    number = title.rpartition(" · ")[2]
    return int(number) if number.isascii() and number.isdigit() else None


@dataclass(frozen=True, slots=True)
class Door:
    """Where a patient's notes go."""

    person: int
    thread: int | None  #: Telegram's number of the topic; None: not opened yet
    title: str  #: it will have; empty where none is wanted


class Threads:
    """Finds topics, and opens them.

    Args:
        call: makes one call of the Bot API.
        wake: has the inbox looked at.
    """

    def __init__(
        self,
        keys: KeyStore,
        marks: Marks,
        room: StaffRoom,
        clock: Clock,
        call: Callable[[str, bytes], Awaitable[Answer]],
        wake: Callable[[], None],
    ) -> None:
        self._keys = keys
        self._marks = marks
        self._room = room
        self._clock = clock
        self._call = call
        self._wake = wake
        self._doubted: dict[int, datetime] = {}  # until when, by person

    def concern(self, parcel: Parcel, method: str) -> bool:
        """Whether it may stand in a patient's topic."""
        return (
            parcel.about_person is not None
            and method in _NEW
            and not parcel.plain
            and parcel.lane == self._room.lane
        )

    async def door(self, person: int) -> Door | None:
        """Where this patient's notes go; None where there is no such patient now."""

        def look(connection: Connection) -> Door | None:
            topic = topics.of(connection, person)
            if topic is None:
                there = bool(people.still_there(connection, {person}))
                there = there or not self._room.topics
                return Door(person, None, "") if there else None
            try:
                sealed = topic.title or b""
                at = title_place(person)
                title = self._keys.open(topic.key_id, at, sealed).decode()
            except SealError:
                return None
            return Door(person, topic.thread_id, title)

        return await self._marks.durably(look)

    def must_open(self, door: Door) -> bool:
        """Whether a topic is to be opened first."""
        wanted = door.thread is None and bool(door.title) and self._room.topics
        until = self._doubted.get(door.person)
        return wanted and (until is None or until <= self._clock.now())

    async def open(self, door: Door) -> Verdict:
        """Open a topic for this patient.

        Raises:
            Unreachable: it was not opened, for sure.
        """
        body = orjson.dumps({"chat_id": self._room.current, "name": door.title})
        try:
            answer = await self._call("createForumTopic", body)
        except Unreachable as fault:
            if not fault.may_have_arrived:
                raise
            return self._doubt(door)
        verdict = judge(answer, "staff")
        if isinstance(verdict, Later) and verdict.doubt:
            return self._doubt(door)
        if isinstance(verdict, Sent) and answer.message_id is not None:
            number, person = answer.message_id, door.person

            def keep(connection: Connection) -> bool:
                topics.change(connection, person, {"thread_id": number})
                return topics.of(connection, person) is not None

            if not await self._marks.durably(keep):  # erased in this moment
                await self._on_topic("deleteForumTopic", number)
            return verdict
        if isinstance(verdict, Refused):
            await self._give_up(verdict)
        return verdict

    def _doubt(self, door: Door) -> Later:
        """There may be a topic or not: Telegram tells no bot which topics there are."""
        now = self._clock.now()
        self._doubted = {
            person: until for person, until in self._doubted.items() if until > now
        }
        self._doubted[door.person] = now + IN_DOUBT
        log.warning("topic_in_doubt")
        return Later(doubt=True)

    async def gone(self, person: int, thread: int) -> None:
        """Somebody deleted the topic; the next note opens another."""
        await self._marks.durably(lambda c: topics.forget_thread(c, person, thread))

    async def reopen(self, thread: int) -> bool:
        """Open a closed topic again; whether that went well. Raises Unreachable."""
        return (await self._on_topic("reopenForumTopic", thread)).ok

    async def _on_topic(self, method: str, thread: int) -> Answer:
        body = {"chat_id": self._room.current, "message_thread_id": thread}
        return await self._call(method, orjson.dumps(body))

    async def _give_up(self, refused: Refused) -> None:
        """From now on notes stand in the group itself, and the team is told."""
        self._room.topics = False
        log.warning("topics_not_opened", reason=refused.reason)
        key = f"{NO_TOPICS}{self._clock.now().isoformat()}"
        row = self._for_desk(key, {"desk": "no_topics"})

        def keep(connection: Connection) -> None:
            self._room.keep_topics(connection, False)
            inbox.add(connection, [row])

        await self._marks.durably(keep)
        self._wake()

    async def not_deleted(self, parcel: Parcel, answer: Answer) -> None:
        """The topic of somebody who was erased stays; the team is told, once."""
        if any(sign in answer.description.lower() for sign in THREAD_GONE):
            return
        log.warning("topic_not_deleted", code=answer.code)
        thread = orjson.loads(parcel.body)["message_thread_id"]
        what = {"desk": "not_deleted", "thread": thread}
        row = self._for_desk(f"{NOT_DELETED}{parcel.id}", what)
        await self._marks.durably(lambda c: inbox.add(c, [row]))
        self._wake()

    def _for_desk(self, key: str, what: Mapping[str, object]) -> dict[str, Any]:
        """A row that leaves something for the desk to say."""
        return inbox_row(
            self._keys,
            key,
            self._room.lane,
            None,
            self._keys.house,
            orjson.dumps(what),
            self._clock.now(),
        )
