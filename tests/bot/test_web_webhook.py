"""An update that Telegram posts is on disk before it is told so, and counts once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from datetime import datetime
from io import BytesIO
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.app import App
from bot.channels.telegram import json_of
from bot.clock import RealClock
from bot.desk import Desk, StaffRoom
from bot.errors import AddressNotFree
from bot.inbox import Intake
from bot.keys import KeyStore, master_key
from bot.local import LocalTelegram
from bot.metrics import Figures
from bot.read import Update
from bot.roles import Roles
from bot.store.engine import Store
from bot.store.migrations import upgrade
from bot.web.webhook import MAX_BODY, Door
from tests.bot.front import SECRET, by_webhook, free_port, visitor
from tests.bot.rehearsal import (
    Plain,
    clinic,
    rows,
    running,
    settings,
    started,
    telegram,
    voice,
)


def update(number: int, text: str = "hello", chat: int = 7) -> bytes:
    """A message as Telegram posts it."""
    return orjson.dumps(
        {
            "update_id": number,
            "message": {
                "message_id": number,
                "date": 1,
                "chat": {"id": chat, "type": "private"},
                "from": {"id": chat, "is_bot": False, "first_name": "Ana"},
                "text": text,
            },
        }
    )


async def test_a_chat_goes_its_way_by_webhook(tmp_path: Path):
    """The bot names its address, its secret and what it wants to hear, by itself."""
    port = free_port()
    async with telegram() as local:
        ana = local.person("Ana")
        await ana.send("sent before the start")
        async with running(tmp_path, local, **by_webhook(port)):
            chat = ana.private_chat()
            await chat.wait_for_text("echo 1 sent before the start")
            await ana.send("second")
            echo = await chat.wait_for_text("echo 2 second")
            await (await ana.press(echo, "Tap")).answered()
            await chat.wait_for_text("echo 3 tap 2 tap")
            assert local.world.webhook.url == f"http://127.0.0.1:{port}/telegram"
            assert local.world.webhook.secret_token == SECRET
        named = local.record.named("setWebhook")[0].params["allowed_updates"]
        assert "callback_query" in str(named)
        assert len(local.record.named("getUpdates")) == 0


async def test_a_bot_that_polls_again_takes_its_webhook_back(tmp_path: Path):
    """Unsetting the variables is all there is to do."""
    async with telegram() as local:
        ana = local.person("Ana")
        async with running(tmp_path, local, **by_webhook(free_port())):
            await ana.send("posted")
            await ana.private_chat().wait_for_text("echo 1 posted")
        await ana.send("polled")
        async with running(tmp_path, local):
            await ana.private_chat().wait_for_text("echo 2 polled")
        assert local.world.webhook.url == ""


async def test_a_webhook_that_was_taken_away_is_named_again(
    tmp_path: Path, monkeypatch
):
    """Another program polled for a moment; the bot does not stay deaf."""
    monkeypatch.setattr("bot.web.webhook.LOOK_SECONDS", 0.05)
    async with telegram() as local:
        ana = local.person("Ana")
        async with running(tmp_path, local, **by_webhook(free_port())):
            await ana.send("one")
            await ana.private_chat().wait_for_text("echo 1 one")
            local.world.webhook.url = ""
            await ana.send("two")
            await ana.private_chat().wait_for_text("echo 2 two")


@pytest.fixture
async def local() -> AsyncIterator[LocalTelegram]:
    """A Telegram that posts nothing of its own in these tests."""
    async with telegram() as one:
        yield one


async def test_whoever_is_not_telegram_is_turned_away(tmp_path: Path, local):
    """Wrong secret, none, too much, no JSON, no update, another method or path."""
    port = free_port()
    async with (
        running(tmp_path, local, **by_webhook(port)),
        visitor(port) as anybody,
    ):
        assert await anybody.post(update(1), {}) == 403
        wrong = {"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1] + "x"}
        assert await anybody.post(update(1), wrong) == 403
        strange = {"X-Telegram-Bot-Api-Secret-Token": "gehe\xefm"}
        assert await anybody.post(update(1), strange) == 403
        assert await anybody.post(BytesIO(b" " * (MAX_BODY + 1))) == 413
        assert await anybody.post(in_parts(MAX_BODY + 1)) == 413
        assert await anybody.post(b"hello") == 400
        assert await anybody.post(b"") == 400
        assert await anybody.post(b"[" * 100_000) == 400
        assert await anybody.post(b"[]") == 400
        assert await anybody.post(b'{"update_id": "1"}') == 400
        assert await anybody.post(update(1), path="/elsewhere") == 404
        assert (await anybody.get("/telegram"))[0] == 405
        assert rows(tmp_path, "SELECT * FROM inbox") == []
        assert await anybody.post(update(1)) == 200
    assert len(rows(tmp_path, "SELECT * FROM inbox")) == 1


async def in_parts(size: int) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(size // 65_536 + 1):
        yield b" " * 65_536


async def test_an_update_posted_again_changes_nothing(tmp_path: Path, local):
    """Posted five times, four of them at one moment: one row, one answer."""
    port = free_port()
    async with (
        running(tmp_path, local, **by_webhook(port)),
        visitor(port) as anybody,
    ):
        ana = local.person("Ana")
        await ana.send("from Telegram")
        chat = ana.private_chat()
        await chat.wait_for_text("echo 1 from Telegram")
        again = update(1, "from Telegram", ana.id)
        posts = (anybody.post(again) for _ in range(4))
        assert await asyncio.gather(*posts) == [200] * 4
        await ana.send("next")
        await chat.wait_for_text("echo 2 next")
    assert len(rows(tmp_path, "SELECT * FROM inbox WHERE key LIKE 'tg:%'")) == 2
    assert [m.text for m in chat.from_bot] == ["echo 1 from Telegram", "echo 2 next"]


@pytest.mark.parametrize("dies", ["before it is stored", "after it is stored"])
async def test_killed_before_telegram_is_told(tmp_path: Path, dies):
    """It is delivered again, and nothing is doubled."""
    port = free_port()
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        process = await started(tmp_path, local.api_url, dies, **by_webhook(port))
        assert await process.wait() == -signal.SIGKILL
        async with running(tmp_path, local, **by_webhook(port)):
            await ana.send("again")
            await chat.wait_for_text("echo 2 again")
        texts = [message.text for message in chat.from_bot]
        assert list(dict.fromkeys(texts)) == ["echo 1 hello", "echo 2 again"]
        told = rows(tmp_path, "SELECT SUM(uncertain) AS times FROM outbox")
        assert len(texts) - 2 <= told[0]["times"]
    assert len(rows(tmp_path, "SELECT * FROM inbox WHERE key LIKE 'tg:%'")) == 2


async def test_killed_again_and_again_by_webhook(tmp_path: Path):
    """Three kills among four talkative people: every turn once, in order."""
    port = free_port()
    async with telegram() as local:
        people = [local.person(f"P{number}") for number in range(4)]
        process = await started(tmp_path, local.api_url, **by_webhook(port))
        for kill in range(3):
            for person in people:
                await person.send(f"m{kill}")
            chat = people[kill % len(people)].private_chat()
            await chat.wait_for_text(f" m{kill}")
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
            process = await started(tmp_path, local.api_url, **by_webhook(port))
        for person in people:
            await person.private_chat().wait_for_text("echo 3 m2", seconds=20)
        async with visitor(port):
            process.terminate()
        async with asyncio.timeout(5):
            assert await process.wait() == 0
        for person in people:
            texts = [message.text for message in person.private_chat().from_bot]
            assert list(dict.fromkeys(texts)) == [
                f"echo {n + 1} m{n}" for n in range(3)
            ]


async def test_a_taken_port_is_one_line(tmp_path: Path):
    """The variable and the address are named, before anything is begun."""
    port = free_port()
    async with telegram() as local:
        async with (
            running(tmp_path, local, listen=f"127.0.0.1:{port}"),
            visitor(port),
        ):
            given = settings(
                tmp_path / "other", local.api_url, listen=f"127.0.0.1:{port}"
            )
            with pytest.raises(AddressNotFree, match=f"EXOPLAN_LISTEN.*{port}"):
                await App(given, clinic(), voice()).run()
        assert not (tmp_path / "other").exists()


class Doorstep:
    """A door with a real store behind it, and an intake that a test may break."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store = Store(folder / "a.db")
        self.store.write_now(upgrade)
        self.keys = KeyStore(folder / "k.db", master_key(None, folder / "k"))
        self.stored: list[list[int]] = []  #: numbers, a list a transaction
        self.faults: dict[int, Exception] = {}  #: by number of the update
        room = StaffRoom(None)
        roles = Roles(self.keys, enforced=True)
        intake = Intake(self.keys, Desk(self.keys, Plain(), room, roles), room)
        whole = intake.store

        def store(
            connection: Connection, updates: Sequence[Update], now: datetime
        ) -> None:
            numbers = [one["update_id"] for one in updates]
            for fault in (self.faults.get(number) for number in numbers):
                if fault is not None:
                    raise fault
            whole(connection, updates, now)
            self.stored.append(numbers)

        monkeypatch.setattr(intake, "store", store)
        self.figures = Figures()
        self.door = Door(self.store, intake, RealClock(), self.figures, lambda: None)

    async def post(self, *numbers: int) -> list[object]:
        """Post all of these at one moment; what became of each."""
        posts = (self.door.keep(json_of(update(n))) for n in numbers)
        async with asyncio.timeout(30):
            return list(await asyncio.gather(*posts, return_exceptions=True))

    def close(self) -> None:
        self.store.close()
        self.keys.close()


@pytest.fixture
def doorstep(tmp_path: Path, monkeypatch):
    """A doorstep that is swept at the end."""
    one = Doorstep(tmp_path, monkeypatch)
    yield one
    one.close()


async def test_updates_that_come_at_one_time_share_a_transaction(doorstep: Doorstep):
    """In the order in which Telegram numbered them, however they came."""
    assert await doorstep.post(3, 1, 2) == [None] * 3
    assert doorstep.stored == [[1, 2, 3]]
    assert doorstep.figures.updates == 3


async def test_an_update_that_cannot_be_stored_stops_no_other(doorstep: Doorstep):
    """Only whoever posted it hears of it."""
    doorstep.faults[2] = KeyError("no such field")
    first, second, third = await doorstep.post(1, 2, 3)
    assert (first, third) == (None, None)
    assert isinstance(second, KeyError)
    assert doorstep.stored == [[1], [3]]


async def test_whoever_posted_is_answered_where_nothing_can_be_logged(
    doorstep: Doorstep, monkeypatch: pytest.MonkeyPatch
):
    """The answer comes before the line that tells of it."""

    class Speechless:
        def error(self, event: str, **fields: object) -> None:
            raise OSError("standard error is gone")

    monkeypatch.setattr("bot.web.webhook.log", Speechless())
    doorstep.faults[2] = KeyError("no such field")
    (answer,) = await doorstep.post(2)
    assert isinstance(answer, KeyError)


async def test_nobody_is_told_200_while_the_store_is_away(doorstep: Doorstep):
    """Everybody is told to come again, and the next one is let in."""
    doorstep.faults[2] = OperationalError("INSERT", {}, Exception("disk is full"))
    assert all(isinstance(one, OperationalError) for one in await doorstep.post(1, 2))
    assert doorstep.stored == []
    del doorstep.faults[2]
    assert await doorstep.post(1, 2) == [None, None]


async def test_a_store_that_is_away_is_answered_503(tmp_path: Path, local, monkeypatch):
    """Telegram comes again, and so may the proxy at the next replica."""
    monkeypatch.setattr("bot.web.webhook.KEPT_WITHIN", 0.2)
    port = free_port()
    async with (
        running(tmp_path, local, **by_webhook(port)),
        visitor(port) as anybody,
    ):
        assert await anybody.post(update(1)) == 200
        with closing(sqlite3.connect(tmp_path / "exoplan.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await anybody.post(update(2)) == 503
        assert await anybody.post(update(2)) == 200
