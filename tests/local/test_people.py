"""The hands and eyes that tests and the demo use."""

import asyncio
from datetime import timedelta

import pytest

from bot.local import Clock, LocalTelegram
from bot.local.errors import Impossible, NotSeen
from tests.local.api_client import keyboard
from tests.local.bot_api_model import UnknownFields, validate_call, validate_result


async def test_waiting_ends_at_the_change_and_takes_what_is_there(api, ana, chat):
    waiting = asyncio.create_task(chat.wait_for_text("later"))
    await api.call("sendMessage", chat_id=ana.id, text="later")
    assert (await waiting).text == "later"
    assert (await chat.wait_for(lambda one: one.text == "/start")).sender_id == ana.id


async def test_waiting_in_vain_shows_the_whole_chat(api, ana, chat):
    await api.call(
        "sendMessage", chat_id=ana.id, text="Area?", reply_markup=keyboard(["A"])
    )
    with pytest.raises(NotSeen, match=r"(?s)Ana: /start.*Area\? \[A\]"):
        await chat.wait_for_text("never", seconds=0.01)


async def test_a_message_in_hand_follows_its_edits(api, ana, chat):
    sent = await api.call("sendMessage", chat_id=ana.id, text="one")
    held = chat.messages[-1]
    await api.call(
        "editMessageText", chat_id=ana.id, message_id=sent["message_id"], text="two"
    )
    assert held.text == "two"


async def test_the_clock_moves_forward_only(local):
    before = local.clock.now()
    local.move_clock(timedelta(days=7))
    assert local.clock.now() - before >= timedelta(days=7)
    with pytest.raises(Impossible):
        local.move_clock(timedelta(seconds=-1))


async def test_a_clock_of_ones_own_dates_the_messages():
    start = Clock().now().replace(year=2031, microsecond=0)
    async with LocalTelegram(clock=Clock(lambda: start)) as local:
        message = await local.person("Ana").send("hi")
        assert message.date == int(start.timestamp())


@pytest.mark.parametrize("payload", ["a b", "é", "x" * 65, "a/b"])
async def test_a_start_payload_has_telegrams_alphabet(ana, payload):
    with pytest.raises(Impossible):
        await ana.start(payload)


async def test_what_no_person_can_do_is_refused(api, local, ana, chat):
    await api.call("sendMessage", chat_id=ana.id, text="mine")
    bots = chat.messages[-1]
    for act in (
        ana.edit(bots, "yours"),
        ana.press(bots, "A"),
        ana.send("  "),
        local.person("Bo").send("hi", chat),
    ):
        with pytest.raises(Impossible):
            await act


def test_the_server_runs_in_a_thread_for_synchronous_tests():
    with LocalTelegram.in_thread() as local:

        async def scene() -> str:
            ana = local.person("Ana")
            await ana.send("hello")
            return ana.private_chat().transcript()

        assert local.run(scene()).endswith("Ana: hello")


def test_the_model_of_the_api_refuses_what_it_does_not_know():
    validate_call("sendMessage", {"chat_id": 1, "text": "[x"})
    with pytest.raises(UnknownFields, match=r"sendMessage\.colour"):
        validate_call("sendMessage", {"chat_id": 1, "text": "x", "colour": 1})
    keys = {"inline_keyboard": [[{"text": "a", "callback_data": "b", "size": 1}]]}
    with pytest.raises(UnknownFields, match="size"):
        validate_call("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": keys})
    with pytest.raises(UnknownFields):
        validate_result("getMe", {"id": 1, "is_bot": True, "first_name": "b", "x": 1})
