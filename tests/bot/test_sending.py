"""What goes out arrives, in order, however Telegram behaves."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from dialogs.inputs import Input, Undelivered
from tests.bot.rehearsal import Parrot, rows, running, telegram


async def texts_after(tmp_path: Path, trouble) -> list[str]:
    """Texts of the bot after three messages, with trouble at the first."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        trouble(local.faults)
        for word in ("one", "two", "three"):
            await ana.send(word)
        await chat.wait_for_text("echo 3 three", seconds=20)
        return [message.text for message in chat.from_bot]


@pytest.mark.parametrize(
    "trouble",
    [
        lambda faults: faults.too_many(1, "sendMessage"),
        lambda faults: faults.break_down("sendMessage", times=2),
        lambda faults: faults.garbage("sendMessage"),
        lambda faults: faults.drop("sendMessage", carried_out=False),
    ],
    ids=["429", "500", "garbage", "cut off"],
)
async def test_trouble_delays_but_never_loses_or_reorders(tmp_path: Path, trouble):
    """A refused or unanswered message is sent again, ahead of those behind it."""
    expected = ["echo 1 one", "echo 2 two", "echo 3 three"]
    assert await texts_after(tmp_path, trouble) == expected


async def test_a_message_in_doubt_may_come_twice_and_is_counted(tmp_path: Path):
    """Sent, but the answer was lost: it is repeated, and the table says so."""
    seen = await texts_after(
        tmp_path, lambda faults: faults.drop("sendMessage", carried_out=True)
    )
    assert seen == ["echo 1 one", "echo 1 one", "echo 2 two", "echo 3 three"]
    doubted = rows(tmp_path, "SELECT key FROM outbox WHERE uncertain > 0")
    assert [row["key"] for row in doubted] == ["p:1:1:1"]


async def test_trouble_in_one_chat_leaves_the_others_alone(tmp_path: Path):
    """While one chat has to wait, the others are answered."""
    async with telegram() as local, running(tmp_path, local):
        ana, ben = local.person("Ana"), local.person("Ben")
        local.faults.refuse(
            429,
            "Too Many Requests: retry after 3600",
            "sendMessage",
            when=lambda call: call["chat_id"] == ana.id,
            retry_after=3600,
        )
        await ana.send("hello")
        await ben.send("hi")
        await ben.private_chat().wait_for_text("echo 1 hi")
        assert ana.private_chat().from_bot == []
    (waits,) = rows(tmp_path, "SELECT * FROM outbox WHERE status = 'pending'")
    assert waits["not_before"] is not None


async def test_an_emergency_card_is_held_by_nothing(tmp_path: Path):
    """It goes ahead of what waits in its own chat, whatever the gates say."""
    async with (
        telegram() as local,
        running(tmp_path, local, rate=0.001, chat_rate=0.001),
    ):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        await chat.wait_for_text("echo 1 hello")
        await ana.send("still there?")
        await ana.send("fire")
        await chat.wait_for_text("echo 3 fire")
        assert [m.text for m in chat.from_bot] == ["echo 1 hello", "echo 3 fire"]


async def test_an_edit_of_a_message_that_is_gone_is_said_anew(tmp_path: Path):
    """The person deleted it: the same comes as a new message."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        shown = await chat.wait_for_text("echo 1")
        local.faults.refuse(
            400, "Bad Request: message to edit not found", "editMessageText"
        )
        await ana.press(shown, "Tap")
        anew = await chat.wait_for_text("echo 2 tap 1 tap", after=shown)
        await ana.press(anew, "Tap")
        await chat.wait_for(
            lambda one: one.message_id == anew.message_id and "echo 3" in one.text
        )


async def test_a_message_that_is_already_so_is_a_success(tmp_path: Path):
    """Not modified is what was wanted, and the message keeps its name."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        shown = await chat.wait_for_text("echo 1")
        local.faults.refuse(
            400, "Bad Request: message is not modified: same", "editMessageText"
        )
        press = await ana.press(shown, "Tap")
        await press.answered()
        await ana.press(shown, "Tap")
        await chat.wait_for_text("echo 3 tap")
        assert [one.message_id for one in chat.from_bot] == [shown.message_id]


async def test_a_call_telegram_will_never_take_does_not_stop_the_chat(tmp_path: Path):
    """It is marked failed with a reason fit for a log, and the next one goes out."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        local.faults.refuse(400, "Bad Request: chat not found", "sendMessage")
        await ana.send("one")
        await ana.send("two")
        await ana.private_chat().wait_for_text("echo 2 two")
    (failed,) = rows(tmp_path, "SELECT * FROM outbox WHERE status = 'failed'")
    assert (failed["reason"], failed["body"]) == ("400 chat not found", None)


async def test_a_blocked_bot_learns_it_once(tmp_path: Path):
    """403 is an input to the conversation, and is not answered with more messages."""
    told = threading.Event()

    def listen(given: Input) -> bool:
        if isinstance(given, Undelivered):
            told.set()
        return False

    parrot = Parrot(listen)
    async with telegram() as local, running(tmp_path, local, parrot):
        ana, ben = local.person("Ana"), local.person("Ben")
        local.faults.refuse(
            403, "Forbidden: bot was blocked by the user", "sendMessage"
        )
        await ana.send("hello")
        assert await asyncio.to_thread(told.wait, 10)
        await ben.send("hi")
        await ben.private_chat().wait_for_text("echo 1 hi")
    heard = [given for given in parrot.inputs if isinstance(given, Undelivered)]
    assert heard == [Undelivered("1", "blocked")]
    (person,) = rows(tmp_path, "SELECT * FROM people WHERE blocked_at IS NOT NULL")
    assert person["id"] == 1


async def test_an_expired_tap_is_dropped_in_silence(tmp_path: Path):
    """Too late to answer a tap is nobody's loss."""
    async with telegram() as local, running(tmp_path, local):
        ana = local.person("Ana")
        chat = ana.private_chat()
        await ana.send("hello")
        shown = await chat.wait_for_text("echo 1")
        local.faults.refuse(400, "Bad Request: query is too old", "answerCallbackQuery")
        await ana.press(shown, "Tap")
        await chat.wait_for_text("echo 2")
        await ana.send("bye")
        await chat.wait_for_text("echo 3")
    (dropped,) = rows(tmp_path, "SELECT * FROM outbox WHERE status = 'failed'")
    assert dropped["kind"] == "toast"


async def test_more_than_fits_in_hand_is_fetched_later(tmp_path: Path, monkeypatch):
    """What is left in the table while much waits arrives all the same, in order."""
    monkeypatch.setattr("bot.outbox.MAX_IN_HAND", 3)
    monkeypatch.setattr("bot.outbox.REFILL", 2)
    async with telegram() as local, running(tmp_path, local):
        people = [local.person(f"P{number}") for number in range(5)]
        local.faults.too_many(1, "sendMessage", times=2)
        for number in range(10):
            for person in people:
                await person.send(f"m{number}")
        for person in people:
            chat = person.private_chat()
            await chat.wait_for_text("echo 10 ")
            expected = [f"echo {n + 1} m{n}" for n in range(10)]
            assert [one.text for one in chat.from_bot] == expected
