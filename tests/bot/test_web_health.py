"""Whoever watches the bot is told the truth, and nothing about anybody."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from bot.clock import RealClock
from bot.handle import Turns
from bot.metrics import STEPS, Durations, Figures
from bot.store.waiting import Backlog, Waiting
from bot.web.exposition import exposition
from bot.web.health import Receiving, State
from tests.bot.front import Visitor, by_webhook, free_port, visitor
from tests.bot.rehearsal import TOKEN, Parrot, running, telegram

MARKER = "xylophone-7731"


async def state(anybody: Visitor) -> tuple[int, dict[str, Any]]:
    """What /readyz says."""
    status, told = await anybody.get("/readyz")
    return status, json.loads(told)


async def told(
    anybody: Visitor, wanted: Callable[[dict[str, Any]], bool]
) -> tuple[int, dict[str, Any]]:
    """What /readyz says once it says what is wanted."""
    for _ in range(500):
        status, said = await state(anybody)
        if wanted(said):
            return status, said
        await asyncio.sleep(0.02)
    raise AssertionError(said)


async def figures(anybody: Visitor) -> dict[str, float]:
    """What /metrics says, by name and labels."""
    _, text = await anybody.get("/metrics")
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_bot_that_is_well_says_so(tmp_path: Path):
    """Alive, ready, and nothing waits."""
    port = free_port()
    async with (
        telegram() as local,
        running(tmp_path, local, listen=f"127.0.0.1:{port}"),
        visitor(port) as anybody,
    ):
        ana = local.person("Ana")
        await ana.send("hello")
        await ana.private_chat().wait_for_text("echo 1 hello")
        assert json.loads((await anybody.get("/healthz"))[1]) == {"alive": True}
        status, said = await told(anybody, lambda said: said["outbox"]["waiting"] == 0)
        assert status == 200
        assert said["ready"]
        assert said["reasons"] == []
        assert said["updates"]["by"] == "polling"
        assert said["database"]["answers"]
        assert said["inbox"]["waiting"] == 0
        assert (await anybody.get("/telegram"))[0] == 404


async def test_a_database_that_takes_no_write_is_told(tmp_path: Path, monkeypatch):
    """Not only one that is gone; and when it is back, that is told too."""
    monkeypatch.setattr("bot.web.health.DATABASE_SECONDS", 0.2)
    port = free_port()
    async with (
        telegram() as local,
        running(tmp_path, local, listen=f"127.0.0.1:{port}"),
        visitor(port) as anybody,
    ):
        assert (await state(anybody))[0] == 200
        with closing(sqlite3.connect(tmp_path / "exoplan.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            status, said = await told(anybody, lambda said: not said["ready"])
            assert status == 503
            assert said["reasons"][0].startswith("database: no answer")
            assert "inbox" not in said
        assert (await told(anybody, lambda said: said["ready"]))[0] == 200


async def test_turns_that_cannot_be_kept_are_told(tmp_path: Path, monkeypatch):
    """On a disk that is nearly full a look succeeds where a turn does not."""
    port, take = free_port(), Turns.take

    def full(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    async with (
        telegram() as local,
        running(tmp_path, local, listen=f"127.0.0.1:{port}"),
        visitor(port) as anybody,
    ):
        monkeypatch.setattr(Turns, "take", full)
        ana = local.person("Ana")
        await ana.send("hello")
        status, said = await told(anybody, lambda said: not said["ready"])
        assert status == 503
        assert said["reasons"] == ["database: turns not kept"]
        monkeypatch.setattr(Turns, "take", take)
        assert (await told(anybody, lambda said: said["ready"]))[0] == 200
        await ana.private_chat().wait_for_text("echo 1 hello")


async def test_what_is_stuck_is_told(tmp_path: Path):
    """Telegram takes no message: the oldest waits, and that is said."""
    port = free_port()
    async with (
        telegram() as local,
        running(tmp_path, local, listen=f"127.0.0.1:{port}"),
        visitor(port) as anybody,
    ):
        ana = local.person("Ana")
        local.faults.hang("sendMessage")
        await ana.send("hello")
        await told(anybody, lambda said: said["outbox"]["waiting"] == 1)
        local.clock.move(timedelta(minutes=2))
        status, said = await told(
            anybody, lambda said: said["outbox"]["oldest_seconds"] >= 120
        )
        assert status == 503
        assert any(why.startswith("outbox: the oldest") for why in said["reasons"])


@pytest.mark.parametrize("by", ["polling", "webhook"])
async def test_silence_is_held_against_polling_alone(tmp_path: Path, by):
    """A poll is answered in any case; on a webhook it may be a quiet night."""
    port = free_port()
    how = by_webhook(port) if by == "webhook" else {"listen": f"127.0.0.1:{port}"}
    async with (
        telegram() as local,
        running(tmp_path, local, **how),
        visitor(port) as anybody,
    ):
        ana = local.person("Ana")
        await ana.send("hello")
        await ana.private_chat().wait_for_text("echo 1 hello")
        await told(anybody, lambda said: said["outbox"]["waiting"] == 0)
        local.clock.move(timedelta(minutes=2))
        status, said = await told(
            anybody, lambda said: said["updates"]["silent_seconds"] >= 120
        )
        assert said["updates"]["by"] == by
        assert status == (503 if by == "polling" else 200)


async def test_what_happened_is_counted(tmp_path: Path):
    """Updates, turns, sends, what failed, and how long it all took."""
    port = free_port()
    parrot = Parrot(lambda given: getattr(given, "text", "") == "poison")
    async with (
        telegram() as local,
        running(tmp_path, local, parrot, listen=f"127.0.0.1:{port}"),
        visitor(port) as anybody,
    ):
        ana = local.person("Ana")
        chat = ana.private_chat()
        local.faults.break_down("sendMessage")
        await ana.send("hello")
        await chat.wait_for_text("echo 1 hello")
        await ana.send("poison")
        await chat.wait_for_text("sorry")
        await told(anybody, lambda said: said["outbox"]["waiting"] == 0)
        found = await figures(anybody)
    assert found["exoplan_updates_total"] == 2
    assert found["exoplan_turns_total[kept]"] == 1
    assert found["exoplan_turns_total[retried]"] == 2
    assert found["exoplan_turns_total[set_aside]"] == 1
    assert found["exoplan_sends_total[sent]"] == 2
    assert found["exoplan_sends_total[put_off]"] == 1
    assert found["exoplan_uncertain_sends_total"] == 1
    assert found["exoplan_turn_seconds_count"] == 1
    assert found["exoplan_send_seconds_count"] == 2
    assert found["exoplan_inbox_set_aside"] == 1
    assert found["exoplan_inbox_waiting"] == 0
    assert found["exoplan_outbox_waiting"] == 0
    assert found["exoplan_database_up"] == 1
    assert found["exoplan_ready"] == 1


async def test_nobody_learns_about_anybody(tmp_path: Path):
    """No word, no name, no number of a chat, no token on any page."""
    port = free_port()
    async with (
        telegram() as local,
        running(tmp_path, local, **by_webhook(port)),
        visitor(port) as anybody,
    ):
        ana = local.person(f"Ana {MARKER}")
        await ana.send(MARKER)
        await ana.private_chat().wait_for_text(f"echo 1 {MARKER}")
        for page in ("/healthz", "/readyz", "/metrics"):
            _, text = await anybody.get(page)
            for secret in (MARKER, str(ana.id), TOKEN):
                assert secret not in text


def test_durations_fall_into_their_steps():
    """At the bound, below, beyond, and under a clock that was set back."""
    some = Durations()
    for seconds in (-1, 0.001, 0.0011, 60, 61):
        some.add(seconds)
    assert some.counts[0] == 2
    assert some.counts[1] == 1
    assert some.counts[len(STEPS) - 1] == 1
    assert some.counts[-1] == 1
    assert some.total_seconds == pytest.approx(121.0021)


def test_the_docs_list_every_figure_and_no_other():
    """docs/operations.md is what an alarm is written from."""
    now = RealClock().now()
    waiting = Waiting(0, None)
    look = State(
        at=now,
        stopping=False,
        receiving=Receiving("webhook", None, 0),
        silent_seconds=0,
        backlog=Backlog(waiting, waiting, waiting, 0, 0),
        database="",
        database_seconds=0,
    )
    text = exposition(Figures(), look).decode()
    shown = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    page = Path(__file__).parents[2] / "docs" / "operations.md"
    listed = re.findall(r"^\| `(\w+)`", page.read_text(encoding="utf-8"), re.M)
    named = {one for one in listed if one.startswith(("exoplan_", "process_"))}
    assert named == shown


def test_a_bot_told_to_stop_while_it_loads_ends_well():
    """SIGTERM is heard from the first moment on, in a container too."""
    program = (
        "import os, signal, sys\n"
        "class Loading:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'bot.commands.menu':\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Loading())\n"
        "from bot.cli import main\n"
        "main(sys.argv[1:])\n"
    )

    def code(*arguments: str) -> int:
        command = [sys.executable, "-c", program, *arguments]
        return os.spawnv(os.P_WAIT, sys.executable, command)

    assert code("run") == 0
    assert code("check") == 128 + signal.SIGTERM
