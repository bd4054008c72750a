"""Button presses: from the tap to the answer."""

from datetime import timedelta

import pytest

from bot.local.errors import Impossible
from tests.local.api_client import keyboard

TOO_OLD = (
    "Bad Request: query is too old and response timeout expired or query ID is invalid"
)


@pytest.fixture
async def asked(api, ana, chat):
    await api.call(
        "sendMessage", chat_id=ana.id, text="?", reply_markup=keyboard(["Skin", "Hair"])
    )
    return chat.messages[-1]


async def test_a_press_spins_until_it_is_answered(api, ana, asked):
    press = await ana.press(asked, "Hair")
    assert press.answer is None
    (update,) = await api.updates()
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"]) == ("Hair", ana.id)
    await api.call(
        "answerCallbackQuery",
        callback_query_id=query["id"],
        text="Noted",
        show_alert=True,
    )
    answer = await press.answered()
    assert answer == {"text": "Noted", "show_alert": True, "url": ""}


async def test_an_answer_comes_too_late_after_150_seconds(api, local, ana, asked):
    press = await ana.press(asked, "Hair")
    local.move_clock(timedelta(seconds=151))
    refusal = await api.refused("answerCallbackQuery", callback_query_id=press.query.id)
    assert (refusal.code, refusal.description) == (400, TOO_OLD)


async def test_a_press_is_answered_once(api, ana, asked):
    press = await ana.press(asked, "Hair")
    await api.call("answerCallbackQuery", callback_query_id=press.query.id)
    refusal = await api.refused("answerCallbackQuery", callback_query_id=press.query.id)
    assert refusal.description == TOO_OLD


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": "x" * 201}, "Bad Request: MESSAGE_TOO_LONG"),
        ({"url": "https://example.org"}, "Bad Request: URL_INVALID"),
        ({"callback_query_id": "7"}, TOO_OLD),
    ],
)
async def test_wrong_answers_are_refused(api, ana, asked, params, description):
    press = await ana.press(asked, "Skin")
    given = {"callback_query_id": press.query.id} | params
    refusal = await api.refused("answerCallbackQuery", **given)
    assert refusal.description == description


async def test_a_button_that_is_gone_cannot_be_pressed(api, ana, asked):
    await api.call(
        "editMessageText",
        chat_id=ana.id,
        message_id=asked.message_id,
        text="Hair it is",
    )
    with pytest.raises(Impossible):
        await ana.press(asked, "Hair")


async def test_only_members_press_buttons_of_a_group(api, local, ana):
    staff = local.person("Sam")
    group = local.group("Team", [staff])
    await api.call(
        "sendMessage", chat_id=group.id, text="?", reply_markup=keyboard(["A"])
    )
    with pytest.raises(Impossible):
        await ana.press(group.messages[-1], "A")
    assert await staff.press(group.messages[-1], "A")
