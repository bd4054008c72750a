"""What the whole program promises on every store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from bot.app import App
from bot.local import LocalTelegram
from bot.store.engine import Database
from dialogs.inputs import Wrote
from tests.bot.rehearsal import Parrot, rows, running, telegram

MANY = 60  # rounds, before a replica is taken to do nothing


@asynccontextmanager
async def at_work(
    database: Database, local: LocalTelegram, folder: Path, *given: Any, **more: Any
) -> AsyncIterator[App]:
    """The program on that database."""
    if isinstance(database, str):
        more = {"key_file": folder / "key", "database_url": database, **more}
    async with running(folder, local, *given, **more) as app:
        yield app


def held(database: Database, statement: str) -> list[dict[str, Any]]:
    """What is in it."""
    return rows(database.parent if isinstance(database, Path) else database, statement)


async def test_every_person_is_answered_once_and_in_order(
    database: Database, tmp_path: Path
):
    """Texts and taps of several at once; nothing said is kept once it is answered."""
    async with (
        telegram() as local,
        at_work(database, local, tmp_path),
    ):
        people = [local.person(f"P{number}") for number in range(6)]
        for number in range(15):
            for person in people:
                await person.send(f"m{number}")
        for person in people:
            chat = person.private_chat()
            shown = await chat.wait_for_text("echo 15 ")
            await person.press(shown, "Tap")
            await chat.wait_for_text("echo 16 tap 15 tap")
            texts = [message.text for message in chat.from_bot]
            assert texts[:-1] == [f"echo {n + 1} m{n}" for n in range(14)]
        assert local.record.slips == []
    for table in ("inbox", "outbox"):
        kept = held(database, f"SELECT body FROM {table}")
        assert [row["body"] for row in kept] == [None] * len(kept)
    assert held(database, "SELECT DISTINCT status FROM outbox") == [{"status": "sent"}]
    assert held(database, "SELECT * FROM outbox WHERE uncertain > 0") == []
    assert held(database, "SELECT * FROM replicas") == []


async def test_a_turn_that_always_fails_is_set_aside(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """With its reason; the person gets a polite word, and the next text is answered."""
    soon = timedelta(milliseconds=20)
    monkeypatch.setattr("bot.handle.RETRY_AFTER", (soon, soon))
    parrot = Parrot(lambda given: isinstance(given, Wrote) and "poison" in given.text)
    async with telegram() as local, at_work(database, local, tmp_path, parrot):
        ana = local.person("Ana")
        for word in ("poison", "hello", "same name", "bye"):
            await ana.send(word)
        chat = ana.private_chat()
        await chat.wait_for_text("echo 1 hello")
        await chat.wait_for_text("echo 2 bye")
        texts = [message.text for message in chat.from_bot]
        assert texts == ["sorry", "echo 1 hello", "sorry", "echo 2 bye"]
    aside = held(database, "SELECT * FROM inbox WHERE status = 'set_aside' ORDER BY id")
    reasons = [row["reason"].split(" in ")[0] for row in aside]
    assert reasons == ["RuntimeError", "IntegrityError"]
    assert [row["attempts"] for row in aside] == [3, 3]


async def test_what_staff_write_reaches_the_patient(database: Database, tmp_path: Path):
    """Out to the team, back to the patient; the delivery is reported to the dialog."""
    async with telegram() as local:
        kim, ana = local.person("Kim"), local.person("Ana")
        group = local.group("Team", [kim])
        async with at_work(
            database, local, tmp_path, staff_chat=group.id, chat_rate=1.0, rate=27
        ):
            await ana.send("alert please")
            note = await group.wait_for_text("alert")
            chat = ana.private_chat()
            await chat.wait_for_text("delivered 1")
            await kim.reply(note, "we are coming")
            await chat.wait_for_text("Kim says we are coming")


def away(server: str, url: str, is_away: bool) -> None:
    """End every connection to a database, and take no others; or let it be back."""
    name = make_url(url).database
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {not is_away}")
        if is_away:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = %s",
                (name,),
            )


async def test_told_to_stop_while_the_database_is_away_it_ends(
    postgresql: str, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Within five seconds; what it could not write down, the next process finds out."""
    # Both run in this process, so the second cannot see that the first has ended.
    for name, seconds in [("LEASE_SECONDS", 2.0), ("BEAT", 0.2), ("MARGIN", 0.5)]:
        monkeypatch.setattr(f"bot.replica.{name}", seconds)
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        async with at_work(postgresql, local, tmp_path) as app:
            await ana.send("hello")
            await chat.wait_for_text("echo 1 hello")
            await asyncio.to_thread(away, server, postgresql, True)
            await ana.send("are you there")
            began = time.monotonic()
            app.stop()
        assert time.monotonic() - began < 5
        await asyncio.to_thread(away, server, postgresql, False)
        async with at_work(postgresql, local, tmp_path):
            await chat.wait_for_text("echo 2 are you there")


async def test_a_database_that_goes_away_loses_nothing(
    postgresql: str, server: str, tmp_path: Path
):
    """It ends every connection and takes no others for a while; then all goes on."""
    async with telegram() as local, at_work(postgresql, local, tmp_path):
        people = [local.person(f"P{number}") for number in range(4)]
        for round_ in range(3):
            for number in range(5):
                for person in people:
                    await person.send(f"m{round_ * 5 + number}")
            chat = people[0].private_chat()
            await chat.wait_for_text(f" m{round_ * 5}", seconds=20)
            await asyncio.to_thread(away, server, postgresql, True)
            await people[1].send(f"away{round_}")
            await asyncio.to_thread(away, server, postgresql, False)
            await people[1].private_chat().wait_for_text(f"away{round_}", seconds=30)
        for person in people:
            chat = person.private_chat()
            await chat.wait_for_text(" m14", seconds=30)
            texts = [message.text for message in chat.from_bot]
            heard = [text.split()[2] for text in texts if "away" not in text]
            assert list(dict.fromkeys(heard)) == [f"m{n}" for n in range(15)]
    counts = held(postgresql, "SELECT status, count(*) AS n FROM outbox GROUP BY 1")
    assert counts == [{"status": "sent", "n": 63}]


@pytest.mark.parametrize("times", [2, 4])
async def test_replicas_share_the_work(postgresql: str, tmp_path: Path, times: int):
    """All in one database, one polling: every turn once, in order, nothing in doubt."""
    parrots = [Parrot() for _ in range(times)]
    async with telegram() as local:
        apps = [at_work(postgresql, local, tmp_path, parrot) for parrot in parrots]
        for app in apps:
            await app.__aenter__()
        try:
            people = [local.person(f"P{number}") for number in range(40)]
            rounds = 0
            while rounds < 3 or not all(parrot.inputs for parrot in parrots):
                assert rounds < MANY, "some never took a turn"
                for person in people:
                    await person.send(f"m{rounds}")
                rounds += 1
                if rounds > 2:
                    await people[0].private_chat().wait_for_text(f"echo {rounds} ")
            for person in people:
                chat = person.private_chat()
                await chat.wait_for_text(f"echo {rounds} ", seconds=30)
                texts = [message.text for message in chat.from_bot]
                assert texts == [f"echo {n + 1} m{n}" for n in range(rounds)]
        finally:
            for app in reversed(apps):
                await app.__aexit__(None, None, None)
        assert local.record.slips == []
    assert held(postgresql, "SELECT * FROM outbox WHERE uncertain > 0") == []
