"""A process killed at any instruction loses no turn and repeats no effect."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.bot.rehearsal import rows, running, started, telegram


@pytest.mark.parametrize(
    ("dies", "copies", "doubts"),
    [
        ("before it is stored", 1, 0),
        ("before the turn", 1, 0),
        ("before the call", 1, 1),
        ("after the call", 2, 1),
    ],
)
async def test_killed_at_the_worst_moment(tmp_path: Path, dies, copies, doubts):
    """The turn is taken once; only a send whose outcome nobody knows comes twice."""
    async with telegram() as local:
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        process = await started(tmp_path, local.api_url, dies)
        assert await process.wait() == -signal.SIGKILL
        async with running(tmp_path, local):
            await ana.send("again")
            await chat.wait_for_text("echo 2 again")
        texts = [message.text for message in chat.from_bot]
        assert texts == ["echo 1 hello"] * copies + ["echo 2 again"]
    counted = rows(tmp_path, "SELECT * FROM outbox WHERE uncertain > 0")
    assert len(counted) == doubts


async def test_killed_again_and_again_under_load(tmp_path: Path):
    """Twenty kills among eight talkative people: every turn once, in order."""
    async with telegram() as local:
        people = [local.person(f"P{number}") for number in range(8)]
        process = await started(tmp_path, local.api_url)
        for kill in range(20):
            for person in people:
                await person.send(f"m{kill}")
            chat = people[kill % len(people)].private_chat()
            await chat.wait_for_text(f" m{kill}")
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()
            process = await started(tmp_path, local.api_url)
        for person in people:
            await person.private_chat().wait_for_text("echo 20 m19", seconds=20)
        await people[0].send("bye")
        await people[0].private_chat().wait_for_text("echo 21 bye")
        process.terminate()
        assert await process.wait() == 0
        for person in people:
            texts = [message.text for message in person.private_chat().from_bot]
            once = [text for text in dict.fromkeys(texts) if "bye" not in text]
            assert once == [f"echo {n + 1} m{n}" for n in range(20)]
        sent = sum(len(person.private_chat().from_bot) for person in people)
    doubted = rows(tmp_path, "SELECT SUM(uncertain) AS times FROM outbox")[0]["times"]
    assert sent - 20 * len(people) - 1 <= doubted


async def test_told_to_stop_it_ends_well(tmp_path: Path):
    """SIGTERM in the middle of a call that hangs: exit code 0, within five seconds."""
    async with telegram() as local:
        ana = local.person("Ana")
        local.faults.hang("sendMessage")
        process = await started(tmp_path, local.api_url)
        await ana.send("hello")
        await ana.private_chat().wait_until(
            lambda: bool(local.record.named("sendMessage"))
        )
        process.terminate()
        async with asyncio.timeout(5):
            assert await process.wait() == 0
