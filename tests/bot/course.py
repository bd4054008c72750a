"""The clinic's own words and visits, against a local Telegram whose clock is moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
)
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bot.app import App
from bot.clinic import ClinicProfile, calendar_of
from bot.house import voice_of
from bot.keys import KeyStore, master_key
from bot.local import LocalTelegram
from bot.local.clock import Clock
from bot.local.nouns import Message
from bot.local.people import Conversation, Group, Person
from bot.store import people, visits
from bot.store.engine import open_engine
from bot.visits import Visits, Wanted, Whose
from dialogs.visits import Visit
from tests.bot.rehearsal import clinic, rows, settings
from tests.bot.rehearsal import telegram as any_telegram

#: A Monday morning, some weeks before clocks change in Madrid.
BEGINS_AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


@dataclass
class Course:
    """A clinic at work, and its front desk's hand in its database."""

    folder: Path
    local: LocalTelegram
    profile: ClinicProfile

    @property
    def now(self) -> datetime:
        return self.local.clock.now()

    @contextmanager
    def opened(self) -> Iterator[tuple[Connection, Visits]]:
        """The database as a command opens it beside the bot."""
        engine = open_engine(self.folder / "exoplan.db")
        keys = KeyStore(
            self.folder / "exoplan.keys.db",
            master_key(None, self.folder / "exoplan.key"),
        )
        try:
            with engine.connect() as connection, connection.begin():
                calendar = calendar_of(self.profile)
                yield connection, Visits(keys, calendar, self.profile.time_zone)
        finally:
            engine.dispose()
            keys.close()

    def book(self, starts_at: datetime, person: int = 1, **about: Any) -> Visit:
        with self.opened() as (connection, kept):
            key_id = people.by_id(connection, [person])[person].key_id
            whose = Whose(key_id, person=person)
            return kept.book(connection, whose, Wanted(starts_at, **about), self.now)

    def book_for(
        self, connection: Connection, kept: Visits, whose: Whose, starts_at: datetime
    ) -> Visit:
        """A visit of somebody the clinic expects."""
        return kept.book(connection, whose, Wanted(starts_at), self.now)

    def change(self, visit: Visit, change: Callable[..., Visit], *more: Any) -> Visit:
        with self.opened() as (connection, kept):
            row = visits.by_id(connection, [visit.id])[visit.id]
            return change(kept, connection, row, *more, self.now)

    def act(self, visit: Visit, act: str) -> Visit:
        return self.change(visit, Visits.act, act)

    def move(self, visit: Visit, starts_at: datetime) -> Visit:
        return self.change(visit, Visits.move, starts_at)

    def pass_time(self, **time: float) -> None:
        self.local.world.move_clock(timedelta(**time))

    def reminders(self, status: str = "") -> list[tuple[str, str, str | None]]:
        """Kind, status and reason of every reminder, as they were planned."""
        found = rows(
            self.folder, "SELECT kind, status, reason FROM reminders ORDER BY id"
        )
        return [
            (row["kind"], row["status"], row["reason"])
            for row in found
            if status in ("", row["status"])
        ]

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something is so."""
        for _ in range(1_000):
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"never so; reminders: {self.reminders()}")


def telegram() -> AbstractAsyncContextManager[LocalTelegram]:
    """A local Telegram that begins on that Monday, and goes on from there."""
    ahead = BEGINS_AT - datetime.now(UTC)
    return any_telegram(Clock(lambda: datetime.now(UTC) + ahead))


@asynccontextmanager
async def course(
    folder: Path, local: LocalTelegram, team: Group | None = None, **changes: Any
) -> AsyncIterator[Course]:
    """The clinic's program at work; whatever breaks it breaks the test."""
    profile = clinic(team.id if team else None).model_copy(update=changes)
    app = App(settings(folder, local.api_url), profile, voice_of(profile), local.clock)
    run = asyncio.create_task(app.run())
    try:
        yield Course(folder, local, profile)
    finally:
        app.stop()
        await run


async def arrived(
    local: LocalTelegram, name: str = "Ana"
) -> tuple[Person, Conversation]:
    """Somebody who has pressed Start."""
    person = local.person(name)
    chat = person.private_chat()
    await person.start()
    await chat.wait_for_text("program")
    return person, chat


def with_button(chat: Conversation, label: str) -> Message:
    """The latest message with this button."""
    return [message for message in chat.from_bot if label in message.buttons][-1]


async def tap(person: Person, chat: Conversation, label: str) -> None:
    """Press this button under the latest message that has it."""
    await person.press(with_button(chat, label), label)
