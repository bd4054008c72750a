"""A bot that still learns what people may ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.app import App
from bot.faq.entries import Entry
from bot.faq.labelled import Labelled
from bot.faq.library import Library
from bot.read import Reader
from dialogs.inputs import Match
from tests.bot.rehearsal import clinic, settings, telegram, voice


class Nothing:
    """Finds nothing."""

    def match(self, text: str) -> tuple[Match, ...]:
        return ()


async def test_a_typed_question_waits_while_everything_else_works(tmp_path: Path):
    """Commands and emergencies of others are answered; then so is the question."""
    learned = threading.Event()

    def learn(entries: Sequence[Entry], labelled: Sequence[Labelled]) -> Nothing:
        assert learned.wait(30)
        return Nothing()

    library = Library((), learn, "en", ())
    plain = voice()
    reader = Reader(
        plain.reader.triage,
        lambda text, screen: None,
        lambda text: (library.match(text), ()),
    )
    said = replace(plain, reader=reader, library=library)
    async with telegram() as local:
        asks, commands, burns = (local.person(name) for name in ("Ana", "Ben", "Cleo"))
        app = App(settings(tmp_path, local.api_url), clinic(), said, local.clock)
        run = asyncio.create_task(app.run())
        await asks.send("is it safe")
        await commands.send("/help")
        await burns.send("fire")
        await commands.private_chat().wait_for_text("echo 1")
        await burns.private_chat().wait_for_text("echo 1")
        assert asks.private_chat().from_bot == []
        learned.set()
        await asks.private_chat().wait_for_text("echo 1 is it safe")
        app.stop()
        await run


async def test_learning_leaves_the_processor_to_a_start(tmp_path: Path, monkeypatch):
    """It begins once Telegram has answered, or after a while where it does not."""

    async def begin(self, store, keys):
        begun.set_result(greeted.is_set())

    monkeypatch.setattr(Library, "run", begin)
    said = replace(voice(), library=Library((), lambda *_: Nothing(), "en", ()))
    async with telegram() as local:
        for within, known in ((30, True), (0, False)):
            monkeypatch.setattr("bot.app.LEARN_WITHIN", within)
            app = App(settings(tmp_path, local.api_url), clinic(), said, local.clock)
            greeted, begun = app._greeted, asyncio.Future[bool]()
            run = asyncio.create_task(app.run())
            assert await asyncio.wait_for(begun, 30) is known
            app.stop()
            await run
