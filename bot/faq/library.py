"""Everything the bot can answer at this moment, and how to find it.

The shipped entries stand in files, the team's own in the database. When these change,
here or in another replica, a matcher is fitted to all of them in a thread; the bot
answers with the old one meanwhile. Then entries and matcher change places on the writer
thread, between two turns, so that no turn sees one without the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Protocol

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import ExoplanBotError, StillLearning
from bot.faq.entries import Entry
from bot.faq.labelled import Labelled
from bot.faq.own import as_entry, legible, opened
from bot.keys import KeyStore
from bot.store import faq
from bot.store.engine import Store
from bot.store.faq import EntryRow, LabelRow
from dialogs.inputs import Match

LOOK_EVERY = 5.0  # seconds between two looks at whether something has changed

log = structlog.get_logger("faq")

Entries = Mapping[str, Entry]


class Finds(Protocol):
    """What finds the entries a text may be asking."""

    def match(self, text: str) -> tuple[Match, ...]:
        """The closest entries, best first."""
        ...


class Library:
    """The live set of questions and what finds them.

    Args:
        shipped: the entries of the files.
        learn: fits what finds them; run in a thread.
        areas: whose numbers an answer of the team's may name: every area, and PRP.
    """

    def __init__(
        self,
        shipped: Sequence[Entry],
        learn: Callable[[Sequence[Entry], Sequence[Labelled]], Finds],
        language: str,
        areas: Sequence[str],
    ) -> None:
        self._shipped = tuple(shipped)
        self._learn = learn
        self._language = language
        self._areas = tuple(areas)
        self._finds: Finds | None = None
        self._version = 0  # of what was last learned from the database
        self._told: list[Callable[[Entries], None]] = []
        self._look = asyncio.Event()
        self.entries: Entries = _by_id(self._shipped)

    def tell(self, know: Callable[[Entries], None]) -> None:
        """Have `know` called with all entries whenever they change."""
        self._told.append(know)

    def match(self, text: str) -> tuple[Match, ...]:
        """The entries a text may be asking, best first.

        Raises:
            StillLearning: nothing has been learned yet.
        """
        if self._finds is None:
            raise StillLearning
        return self._finds.match(text)

    def learn(self) -> None:
        """Learn what is shipped, here and now; for programs without a database."""
        self._finds = self._learn(self._shipped, ())

    def look(self) -> None:
        """Look at once whether something has changed. Of the event loop's thread."""
        self._look.set()

    async def run(self, store: Store, keys: KeyStore) -> None:
        """Keep up with the database until cancelled; its trouble is waited out."""
        while True:
            self._look.clear()
            try:
                await self.keep_up(store, keys)
            except (SQLAlchemyError, ExoplanBotError) as fault:
                log.error("questions_not_learned", fault=type(fault).__name__)
                if self._finds is None:
                    await asyncio.to_thread(self.learn)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._look.wait()

    async def keep_up(self, store: Store, keys: KeyStore) -> bool:
        """Learn what has changed since the last time; whether anything had."""
        if await store.write(faq.version) == self._version and self._finds is not None:
            return False
        version, rows, labels = await store.write(self._read)

        def learn() -> tuple[Entries, Finds]:
            own = [opened(row, keys) for row in rows]
            entries = (
                *self._shipped,
                *(as_entry(one, self._areas) for one in own),
            )
            return _by_id(entries), self._learn(entries, legible(labels, keys))

        entries, finds = await asyncio.to_thread(learn)

        def change_places(connection: Connection) -> None:
            self.entries, self._finds, self._version = entries, finds, version
            for know in self._told:
                know(entries)

        await store.write(change_places)
        log.info("questions_learned", entries=len(entries), labelled=len(labels))
        return True

    def _read(
        self, connection: Connection
    ) -> tuple[int, list[EntryRow], list[LabelRow]]:
        rows = [
            row
            for row in faq.entries(connection, "approved")
            if row.language == self._language
        ]
        labels = faq.labels(connection, self._language)
        return faq.version(connection), rows, labels


def _by_id(entries: Sequence[Entry]) -> Entries:
    return MappingProxyType({entry.id: entry for entry in entries})
