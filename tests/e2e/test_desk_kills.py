"""The desk and a process that is killed: what was written meanwhile is not lost."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.local.people import Group
from tests.bot.rehearsal import rows, telegram
from tests.e2e.clinic import Patient

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def at_work(
    folder: Path, api_url: str, group: Group
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program in a process, which is killed at the end like at any other time."""
    wanted = {"folder": str(folder), "api_url": api_url, "staff_chat": group.id}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.e2e.clinic_process", json.dumps(wanted)),
        cwd=ROOT,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_desk_killed_in_the_middle_loses_nothing_and_repeats_no_answer(
    tmp_path,
):
    """Killed as the topic opens, and again while two of the team answer at once."""
    async with telegram() as local:
        person, maria, tom = (local.person(name) for name in ("Ana", "Maria", "Tom"))
        group = local.group("Team", [maria, tom], forum=True)
        ana = Patient(person, person.private_chat())
        async with at_work(tmp_path, local.api_url, group) as process:
            await person.send("/person")
            await ana.chat.wait_for_text("Write to our team", seconds=30)
            await person.send("is there a lift")
            await group.wait_until(lambda: bool(group.topics))
            process.kill()
            await process.wait()
        await person.send("and where do i park")
        async with at_work(tmp_path, local.api_url, group):
            await group.wait_for_text("is there a lift", seconds=30)
            asked = await group.wait_for_text("where do i park")
            # Told once the note's number is on disk, so that a reply to it is known.
            await ana.chat.wait_until(
                lambda: sum("Our team has" in m.text for m in ana.chat.from_bot) >= 2
            )
        answer = await maria.reply(asked, "Behind the hause.")
        await tom.reply(asked, "There is a lift.")
        await maria.edit(answer, "Behind the house.")
        for topic in group.topics:
            group.delete_topic(topic)
        await person.send("are dogs allowed")
        async with at_work(tmp_path, local.api_url, group):
            await ana.chat.wait_for_text("There is a lift.", seconds=30)
            await ana.chat.wait_for_text("Behind the house.")
            note = await group.wait_for_text("are dogs allowed")
            assert note.thread_id is not None
        told = [m.text for m in ana.chat.from_bot]
        for words in ("There is a lift.", "Behind the h"):
            assert sum(words in text for text in told) == 1
    waiting = "SELECT id FROM inbox WHERE status <> 'done'"
    assert rows(tmp_path, waiting) == []
