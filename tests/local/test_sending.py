"""New messages: what is taken, what is refused, in the real server's words."""

from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.local.acts import split_text
from bot.local.entities import utf16_length
from bot.local.limits import MAX_TEXT
from bot.local.pictures import sample_picture
from tests.local.api_client import keyboard
from tests.local.bot_api_model import validate_result


async def test_a_message_comes_back_as_it_was_understood(api, ana, chat):
    sent = await api.call(
        "sendMessage",
        chat_id=ana.id,
        parse_mode="HTML",
        text="<b>Hi</b> 😀 <i>there</i> /help",
        reply_markup=keyboard(["Skin", "Hair"]),
    )
    assert sent["text"] == "Hi 😀 there /help"
    assert sent["entities"] == [
        {"offset": 0, "length": 2, "type": "bold"},
        {"offset": 6, "length": 5, "type": "italic"},
        {"offset": 12, "length": 5, "type": "bot_command"},
    ]
    assert chat.messages[-1].buttons == ["Skin", "Hair"]


TOO_MANY_BUTTONS = {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]] * 101}


def button(**fields: Any) -> dict[str, Any]:
    return {"reply_markup": {"inline_keyboard": [[{"text": "x", **fields}]]}}


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": " \n "}, "Bad Request: message text is empty"),
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": "😀" * 2049}, "Bad Request: message is too long"),
        ({"chat_id": 99}, "Bad Request: chat not found"),
        ({"chat_id": "@nobody"}, "Bad Request: chat not found"),
        ({"chat_id": ""}, "Bad Request: chat_id is empty"),
        (button(callback_data=""), "Bad Request: BUTTON_DATA_INVALID"),
        (button(callback_data="x" * 65), "Bad Request: BUTTON_DATA_INVALID"),
        (button(callback_data="é" * 33), "Bad Request: BUTTON_DATA_INVALID"),
        (button(callback_data="x", url="https://e.org"), "Bad Request: BUTTON_TYPE_I"),
        (button(callback_data="x", text=" "), "Bad Request: inline keyboard button te"),
        (button(), "Bad Request: can't parse inline keyboard button: Text buttons"),
        (button(url="no address"), "Bad Request: inline keyboard button URL"),
        (button(copy_text={"text": "x" * 257}), "Bad Request: BUTTON_COPY_TEXT_INV"),
        ({"reply_markup": TOO_MANY_BUTTONS}, "Bad Request: REPLY_MARKUP_TOO_LONG"),
        ({"reply_markup": [1]}, "Bad Request: object expected as reply markup"),
        ({"reply_markup": "{"}, "Bad Request: can't parse reply markup JSON object"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "Bad Request: can't parse entities:"),
        ({"parse_mode": "MarkdownV2"}, "Bad Request: unsupported parse_mode"),
        ({"parse_mode": "Rich"}, "Bad Request: unsupported parse_mode"),
        ({"message_thread_id": 77}, "Bad Request: message thread not found"),
        ({"reply_parameters": {"message_id": 77}}, "Bad Request: message to be repl"),
    ],
)
async def test_what_telegram_refuses_is_refused(api, ana, chat, params, description):
    before = len(chat.messages)
    refusal = await api.refused(
        "sendMessage", **{"chat_id": ana.id, "text": "x"} | params
    )
    assert refusal.code == 400
    assert refusal.description.startswith(description)
    assert len(chat.messages) == before


async def test_the_limit_of_text_counts_what_is_left_after_parsing(api, ana):
    text = f"<b>{'😀' * 2048}</b>"
    sent = await api.call("sendMessage", chat_id=ana.id, text=text, parse_mode="html")
    assert sent["entities"] == [{"offset": 0, "length": 4096, "type": "bold"}]


async def test_a_reply_to_a_message_that_is_gone_can_be_allowed(api, ana):
    reply = {"message_id": 777, "allow_sending_without_reply": True}
    sent = await api.call(
        "sendMessage", chat_id=ana.id, text="x", reply_parameters=reply
    )
    assert "reply_to_message" not in sent


async def test_a_person_who_never_wrote_cannot_be_written_to(api, local):
    stranger = local.person("Bo")
    stranger.private_chat()
    refusal = await api.refused("sendMessage", chat_id=stranger.id, text="x")
    assert refusal.code == 403
    assert refusal.description == (
        "Forbidden: bot can't initiate conversation with a user"
    )


async def test_a_blocked_bot_is_told_so_until_it_is_unblocked(api, ana):
    await ana.block()
    (update,) = await api.updates()
    assert update["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    refusal = await api.refused("sendMessage", chat_id=ana.id, text="x")
    assert (refusal.code, refusal.description) == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    await ana.unblock()
    assert await api.call("sendMessage", chat_id=ana.id, text="x")


async def test_a_group_that_became_a_supergroup_names_its_new_id(api, local, ana):
    group = local.group("Team", [ana])
    grown = group.migrate()
    refusal = await api.refused("sendMessage", chat_id=group.id, text="x")
    assert refusal.parameters == {"migrate_to_chat_id": grown.id}
    assert await api.call("sendMessage", chat_id=grown.id, text="x")
    found = [update["message"] for update in await api.updates() if "message" in update]
    assert [one.get("migrate_to_chat_id") for one in found] == [grown.id, None]


async def test_a_bot_put_out_of_a_group_cannot_write_there(api, local, ana):
    group = local.group("Team", [ana])
    group.set_bot_status("kicked")
    refusal = await api.refused("sendMessage", chat_id=group.id, text="x")
    assert refusal.description == "Forbidden: bot was kicked from the group chat"


async def test_parameters_come_as_json_form_query_or_multipart(local, http, ana, chat):
    base = f"{local.api_url}/bot{local.token}/sendMessage"
    given = {"chat_id": str(ana.id), "text": "x", "disable_notification": "true"}
    form = aiohttp.FormData(given | {"text": "multipart"}, default_to_multipart=True)
    for request in (
        http.get(base, params=given | {"text": "query"}),
        http.post(base, data=given | {"text": "form"}),
        http.post(base, data=form),
        http.post(base.replace("sendMessage", "SENDMESSAGE"), json=given),
    ):
        async with request as answer:
            assert (await answer.json())["ok"]
    assert [message.text for message in chat.from_bot] == [
        "query",
        "form",
        "multipart",
        "x",
    ]


async def test_a_photo_can_be_uploaded_fetched_and_sent_again(api, local, http, ana):
    picture = sample_picture(64, 40)
    sent = await api.upload(
        "sendPhoto",
        chat_id=ana.id,
        caption="<i>cap</i>",
        parse_mode="HTML",
        files={"photo": ("bild.png", picture)},
    )
    (size,) = sent["photo"]
    assert (size["width"], size["height"]) == (64, 40)
    assert sent["caption_entities"] == [{"offset": 0, "length": 3, "type": "italic"}]
    file = await api.call("getFile", file_id=size["file_id"])
    url = f"{local.api_url}/file/bot{local.token}/{file['file_path']}"
    async with http.get(url) as answer:
        assert await answer.read() == picture
    again = await api.call("sendPhoto", chat_id=ana.id, photo=size["file_id"])
    assert again["photo"] == sent["photo"]


async def test_a_file_that_is_no_picture_is_no_photo(api, http, ana):
    form = aiohttp.FormData({"chat_id": str(ana.id)})
    form.add_field("photo", b"words", filename="a.png")
    async with http.post(api.url("sendPhoto"), data=form) as answer:
        assert (await answer.json())["description"] == (
            "Bad Request: IMAGE_PROCESS_FAILED"
        )


async def test_a_document_keeps_its_name_and_every_byte(api, local, http, ana):
    content = bytes(range(256)) * 3 + b"\r\n--\r\n"
    sent = await api.upload(
        "sendDocument", chat_id=ana.id, files={"document": ("Término.ics", content)}
    )
    assert sent["document"]["file_name"] == "Término.ics"
    file = await api.call("getFile", file_id=sent["document"]["file_id"])
    url = f"{local.api_url}/file/bot{local.token}/{file['file_path']}"
    async with http.get(url) as answer:
        assert await answer.read() == content


async def test_captions_are_shorter_than_texts(api, ana):
    sent = await api.upload(
        "sendDocument", chat_id=ana.id, files={"document": ("a.txt", b"x")}
    )
    refusal = await api.refused(
        "editMessageCaption",
        chat_id=ana.id,
        message_id=sent["message_id"],
        caption="x" * 1025,
    )
    assert refusal.description == "Bad Request: message caption is too long"


async def test_copies_and_forwards_carry_the_content(api, ana, chat):
    said = await ana.send("mine")
    where = {"chat_id": ana.id, "from_chat_id": ana.id}
    copied = await api.call("copyMessage", **where, message_id=said.message_id)
    assert chat.messages[-1].message_id == copied["message_id"]
    assert chat.messages[-1].text == "mine"
    sent = await api.call("forwardMessage", **where, message_id=said.message_id)
    assert sent["forward_origin"]["sender_user"]["id"] == ana.id


async def test_a_protected_message_can_be_neither_copied_nor_forwarded(api, ana):
    sent = await api.call("sendMessage", chat_id=ana.id, text="x", protect_content=True)
    where = {"chat_id": ana.id, "from_chat_id": ana.id}
    number = sent["message_id"]
    for method, done in (("copyMessage", "copied"), ("forwardMessage", "forwarded")):
        refusal = await api.refused(method, **where, message_id=number)
        assert refusal.description == f"Bad Request: message can't be {done}"


async def test_an_unknown_parameter_is_let_pass_and_noted(api, local, ana):
    await api.call("sendMessage", chat_id=ana.id, text="x", colour="red")
    assert local.record.slips == ["sendMessage: unknown parameter colour"]


async def test_html_that_telegram_would_quietly_change_is_noted(api, local, ana):
    text = "<b><code>x</code></b>&nbsp;"
    await api.call("sendMessage", chat_id=ana.id, text=text, parse_mode="HTML")
    assert local.record.slips == [
        "sendMessage: bold inside code",
        "sendMessage: &nbsp; is shown as it is",
    ]


async def test_an_unknown_method_and_a_wrong_token_are_told_apart(api, local, http):
    refusal = await api.refused("sendTelepathy")
    assert (refusal.code, refusal.description) == (404, "Not Found")
    async with http.get(f"{local.api_url}/bot1:wrong/getMe") as answer:
        assert answer.status == 401
        assert (await answer.json())["description"] == "Unauthorized"


@pytest.mark.parametrize(
    "say",
    [
        lambda person: person.send_sticker(),
        lambda person: person.send_voice(),
        lambda person: person.send_photo("look"),
        lambda person: person.send_document("a.pdf", b"%PDF"),
        lambda person: person.forward("they say"),
        lambda person: person.send("hello /help https://example.org a@b.example"),
    ],
)
async def test_whatever_people_send_is_a_proper_update(api, ana, say):
    message = await say(ana)
    (update,) = await api.updates()  # `updates` validates it down the tree
    validate_result("sendMessage", update["message"])
    assert update["message"]["message_id"] == message.message_id


async def test_a_pasted_text_that_is_too_long_arrives_in_parts(api, ana):
    words = "word " * 2000
    await ana.send(words)
    parts = [update["message"]["text"] for update in await api.updates()]
    assert len(parts) == 3
    assert " ".join(parts).split() == words.split()


@given(st.text(max_size=300), st.integers(min_value=4, max_value=50))
def test_split_parts_fit_and_lose_nothing_but_white_space(text, limit):
    parts = split_text(text.strip(), limit)
    assert all(part and utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


async def test_a_text_of_exactly_the_limit_is_one_message(api, ana):
    await ana.send("x" * MAX_TEXT)
    assert len(await api.updates()) == 1
