"""Edits, deletions, reactions and pins."""

from datetime import timedelta

import pytest

from bot.local.pictures import sample_picture
from tests.local.api_client import keyboard

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply "
    "markup are exactly the same as a current content and reply markup of the message"
)


@pytest.fixture
async def sent(api, ana):
    """A message of the bot with a button, by the numbers an edit needs."""
    made = await api.call(
        "sendMessage", chat_id=ana.id, text="one", reply_markup=keyboard(["A"])
    )
    return {"chat_id": ana.id, "message_id": made["message_id"]}


async def test_an_edit_happens_in_place_and_is_marked(api, chat, sent):
    edited = await api.call(
        "editMessageText", **sent, text="<b>two</b>", parse_mode="HTML"
    )
    assert edited["edit_date"] >= edited["date"]
    assert chat.messages[-1].text == "two"
    assert chat.messages[-1].buttons == []  # an edit without a keyboard removes it


async def test_an_edit_that_changes_nothing_is_refused(api, sent):
    same = keyboard(["A"])
    refusal = await api.refused(
        "editMessageText", **sent, text="one", reply_markup=same
    )
    assert (refusal.code, refusal.description) == (400, NOT_MODIFIED)
    refusal = await api.refused("editMessageReplyMarkup", **sent, reply_markup=same)
    assert refusal.description == NOT_MODIFIED


@pytest.mark.parametrize(
    "change",
    [
        {"text": "<b>one</b>", "parse_mode": "HTML", "reply_markup": keyboard(["A"])},
        {"text": "one", "reply_markup": keyboard(["B"])},
        {"text": "one"},
    ],
)
async def test_formatting_and_buttons_count_as_changes(api, sent, change):
    assert await api.call("editMessageText", **sent, **change)


async def test_a_new_keyboard_alone_is_no_edit_to_the_reader(api, sent):
    edited = await api.call("editMessageReplyMarkup", **sent)
    assert "edit_date" not in edited
    assert "reply_markup" not in edited


async def test_a_message_that_is_not_there_cannot_be_edited(api, ana, sent):
    refusal = await api.refused(
        "editMessageText", **sent | {"message_id": 999}, text="x"
    )
    assert refusal.description == "Bad Request: message to edit not found"
    refusal = await api.refused("editMessageText", chat_id=ana.id, text="x")
    assert refusal.description == "Bad Request: message identifier is not specified"


async def test_what_people_wrote_cannot_be_edited(api, ana):
    said = await ana.send("mine")
    refusal = await api.refused(
        "editMessageText", chat_id=ana.id, message_id=said.message_id, text="yours"
    )
    assert refusal.description == "Bad Request: message can't be edited"


@pytest.mark.parametrize(
    "markup",
    [{"keyboard": [["A"]]}, {"remove_keyboard": True}, {"force_reply": True}],
)
async def test_a_message_that_brought_a_reply_keyboard_cannot_be_edited(
    api, ana, markup
):
    made = await api.call("sendMessage", chat_id=ana.id, text="x", reply_markup=markup)
    refusal = await api.refused(
        "editMessageText", chat_id=ana.id, message_id=made["message_id"], text="y"
    )
    assert refusal.description == "Bad Request: message can't be edited"


async def test_texts_and_captions_are_edited_each_by_its_own_method(api, ana, sent):
    refusal = await api.refused("editMessageCaption", **sent, caption="x")
    assert refusal.description == (
        "Bad Request: there is no caption in the message to edit"
    )
    photo = await api.upload(
        "sendPhoto", chat_id=ana.id, files={"photo": ("a.png", sample_picture(9, 9))}
    )
    where = {"chat_id": ana.id, "message_id": photo["message_id"]}
    refusal = await api.refused("editMessageText", **where, text="x")
    assert refusal.description == "Bad Request: there is no text in the message to edit"
    edited = await api.call("editMessageCaption", **where, caption="seen")
    assert (edited["caption"], edited["photo"]) == ("seen", photo["photo"])


async def test_a_picture_can_be_exchanged(api, ana):
    photo = await api.upload(
        "sendPhoto", chat_id=ana.id, files={"photo": ("a.png", sample_picture(9, 9))}
    )
    edited = await api.upload(
        "editMessageMedia",
        chat_id=ana.id,
        message_id=photo["message_id"],
        media={
            "type": "photo",
            "media": "attach://new",
            "caption": "<b>b</b>",
            "parse_mode": "HTML",
        },
        files={"new": ("b.png", sample_picture(12, 8))},
    )
    assert edited["photo"][0]["width"] == 12
    assert edited["caption_entities"][0]["type"] == "bold"


async def test_bots_delete_in_private_whatever_is_not_too_old(api, local, ana, chat):
    said = await ana.send("mine")
    where = {"chat_id": ana.id, "message_id": said.message_id}
    assert await api.call("deleteMessage", **where) is True
    assert said not in chat.messages
    refusal = await api.refused("deleteMessage", **where)
    assert refusal.description == "Bad Request: message to delete not found"
    old = await ana.send("older")
    local.move_clock(timedelta(hours=49))
    refusal = await api.refused(
        "deleteMessage", chat_id=ana.id, message_id=old.message_id
    )
    assert refusal.description == ("Bad Request: message can't be deleted for everyone")


async def test_several_are_deleted_at_once_and_the_missing_passed_over(api, ana, chat):
    numbers = [(await ana.send(word)).message_id for word in ("a", "b")]
    assert await api.call("deleteMessages", chat_id=ana.id, message_ids=[*numbers, 99])
    assert not {one.message_id for one in chat.messages} & set(numbers)
    refusal = await api.refused(
        "deleteMessages", chat_id=ana.id, message_ids=list(range(1, 102))
    )
    assert refusal.code == 400


async def test_a_bot_that_is_no_admin_deletes_only_its_own(api, local, ana):
    group = local.group("Team", [ana], bot_is_admin=False)
    said = await ana.send("/mine", group)
    refusal = await api.refused(
        "deleteMessage", chat_id=group.id, message_id=said.message_id
    )
    assert refusal.description == "Bad Request: message can't be deleted"


async def test_a_reaction_is_set_and_taken_back(api, ana, chat):
    said = await ana.send("thanks")
    where = {"chat_id": ana.id, "message_id": said.message_id}
    thumb = [{"type": "emoji", "emoji": "👍"}]
    assert await api.call("setMessageReaction", **where, reaction=thumb)
    assert said.reactions == ["👍"]
    assert await api.call("setMessageReaction", **where)
    assert said.reactions == []
    refusal = await api.refused("setMessageReaction", **where, reaction=thumb * 2)
    assert refusal.description == "Bad Request: REACTIONS_TOO_MANY"


async def test_a_pin_is_announced_and_undone(api, ana, chat, sent):
    assert await api.call("pinChatMessage", **sent)
    assert chat.chat.pinned == [sent["message_id"]]
    (update,) = await api.updates()
    assert update["message"]["pinned_message"]["message_id"] == sent["message_id"]
    full = await api.call("getChat", chat_id=ana.id)
    assert full["pinned_message"]["text"] == "one"
    assert await api.call("unpinChatMessage", **sent)
    refusal = await api.refused("unpinChatMessage", **sent)
    assert refusal.description == "Bad Request: message to unpin not found"
