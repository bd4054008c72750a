"""Several replicas on one PostgreSQL database: killed, frozen, and nothing is lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from psycopg.pq import ExecStatus

from bot.local import LocalTelegram
from bot.local.people import Person
from tests.bot.rehearsal import rows, running, telegram
from tests.contract.replica_process import Replica
from tests.contract.slot_log import hold_to_the_rate, write_slots_down
from tests.postgres import database as new_database

RATE = 27
PEOPLE = 8
PATIENCE = 120.0  # seconds; to load a program takes one, or thirty beside other tests


@pytest.fixture
def url(server: str, migrated: str) -> Iterator[str]:
    """A database that remembers which slots were reserved."""
    with new_database(server, migrated) as made:
        write_slots_down(made)
        yield made


class Herd:
    """Replicas, of which any may be killed or frozen at any moment."""

    def __init__(self, folder: Path, api_url: str, url: str, size: int) -> None:
        self._folder = folder
        self._api_url = api_url
        key_file = str(folder / "key")
        self._settings = {"database_url": url, "key_file": key_file, "rate": RATE}
        self._size = size
        self._alive: list[Replica] = []
        self._frozen: list[Replica] = []

    async def fill(self) -> None:
        """Start as many as are missing."""
        while len(self._alive) + len(self._frozen) < self._size:
            new = await Replica.begin(self._folder, self._api_url, **self._settings)
            self._alive.append(new)

    async def kill(self, which: int) -> None:
        """One of those that are not frozen."""
        await self._alive.pop(which % len(self._alive)).kill()

    def freeze(self, which: int) -> None:
        """One more."""
        one = self._alive.pop(which % len(self._alive))
        one.freeze()
        self._frozen.append(one)

    def thaw(self) -> None:
        """All that are frozen."""
        for one in self._frozen:
            one.thaw()
        self._alive += self._frozen
        self._frozen = []

    async def stop(self) -> list[int]:
        """Exit codes."""
        self.thaw()
        return await asyncio.gather(*(one.stop() for one in self._alive))


async def all_answered(people: list[Person], said: int) -> None:
    """Wait for the last answer to everybody."""
    for person in people:
        last = f"echo {said} m{said - 1}"
        await person.private_chat().wait_for_text(last, seconds=PATIENCE)


def hold_to_account(local: LocalTelegram, url: str, people: list[Person], said: int):
    """Every turn once and in order; sent twice only where that was counted."""
    copies = 0
    for person in people:
        texts = [message.text for message in person.private_chat().from_bot]
        expected = [f"echo {n + 1} m{n}" for n in range(said)]
        assert list(dict.fromkeys(texts)) == expected
        copies += len(texts) - said
    stored = rows(url, "SELECT key, status, uncertain, owner FROM outbox")
    assert {row["status"] for row in stored} == {"sent"}
    assert {row["owner"] for row in stored} == {None}
    assert len(stored) == said * len(people)
    assert copies <= sum(row["uncertain"] for row in stored)
    taken = rows(url, "SELECT status, count(*) AS n FROM inbox GROUP BY status")
    assert taken == [{"status": "done", "n": said * len(people)}]
    assert local.record.slips == []


@pytest.mark.parametrize("size", [2, 4])
async def test_killed_and_frozen_at_random(tmp_path: Path, url: str, size: int):
    """Every message is answered once and in order, whatever happens to whom."""
    chance = random.Random(size)
    async with telegram() as local:
        herd = Herd(tmp_path, local.api_url, url, size)
        people = [local.person(f"P{number}") for number in range(PEOPLE)]
        said = 0
        await herd.fill()
        try:
            for round_ in range(6):
                for _ in range(3):
                    for person in people:
                        await person.send(f"m{said}")
                    said += 1
                one = people[chance.randrange(PEOPLE)].private_chat()
                await one.wait_for_text(f" m{said - 3}", seconds=PATIENCE)
                if round_ % 3 == 2:
                    herd.thaw()
                elif round_ % 3 == 1:
                    herd.freeze(chance.randrange(size))
                else:
                    await herd.kill(chance.randrange(size))
                    await herd.fill()
            await all_answered(people, said)
        finally:
            codes = await herd.stop()
        assert codes == [0] * size
        hold_to_account(local, url, people, said)
    hold_to_the_rate(url, RATE, 1.0)


@pytest.mark.parametrize("holds", ["its row and a lane", "an update that comes again"])
async def test_frozen_between_two_statements_it_holds_nobody_up(
    tmp_path: Path, postgresql: str, monkeypatch: pytest.MonkeyPatch, holds: str
):
    """PostgreSQL takes its session for busy; it is ended when the lease has run out."""
    monkeypatch.setattr("bot.replica.BEAT", 0.2)
    monkeypatch.setattr("bot.watch.LISTEN_SECONDS", 0.2)
    ours: dict[str, Any] = {"database_url": postgresql, "key_file": tmp_path / "key"}
    async with telegram() as local:
        ana = local.person("Ana")
        async with running(tmp_path, local, **ours):
            await ana.send("one")
            await ana.private_chat().wait_for_text("echo 1 one")
        with Frozen(postgresql) as frozen:
            if holds == "its row and a lane":
                frozen.hold(
                    f"SELECT id FROM replicas WHERE id = {frozen.number} FOR KEY SHARE",
                    "SELECT pg_advisory_xact_lock(hashtextextended('in:p:1', 0))",
                    "SELECT pg_advisory_xact_lock(hashtextextended('out:p:1', 0))",
                )
            else:
                frozen.hold(
                    "INSERT INTO inbox (key, lane, status, attempts, received_at)"
                    " SELECT 'tg:' || substr(max(key), 4)::int + 1, 'p:1', 'pending',"
                    " 0, now() FROM inbox"
                )
            await ana.send("two")
            async with running(tmp_path, local, **ours):
                await ana.private_chat().wait_for_text("echo 2 two", seconds=PATIENCE)
            assert frozen.session() is None


class Frozen:
    """A replica that sent statements together, and not that these were the last."""

    LEASE = "1 second"

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = psycopg.connect(
            url, autocommit=True, application_name="exoplan-frozen"
        )
        entered = self._connection.execute(
            "INSERT INTO replicas (started_at, sessions, lease_until)"
            f" VALUES (now(), 'exoplan-frozen', clock_timestamp() + '{self.LEASE}')"
            " RETURNING id"
        ).fetchone()
        assert entered is not None
        self.number: int = entered[0]

    def hold(self, *statements: str) -> None:
        """Have the server carry these out, and wait for more."""
        line = self._connection.pgconn
        line.enter_pipeline_mode()
        for statement in ("BEGIN", *statements):
            line.send_query_params(statement.encode(), None)
        line.send_flush_request()
        while line.flush():
            pass
        for _ in ("BEGIN", *statements):
            result = line.get_result()
            assert result is not None
            assert result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
            assert line.get_result() is None
        assert self.session() == {"state": "active", "wait_event": "ClientRead"}

    def session(self) -> dict[str, Any] | None:
        """What the server says of it; None where it was ended."""
        asked = "SELECT state, wait_event FROM pg_stat_activity WHERE pid = "
        found = rows(self._url, f"{asked}{self._connection.pgconn.backend_pid}")
        return found[0] if found else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
