"""Name, texts, commands and menu button of the bot."""

import pytest

from bot.local.nouns import Json
from bot.local.people import Conversation, Person
from bot.local.shown import commands_for

START = [{"command": "start", "description": "Begin"}]
STAFF = [{"command": "list", "description": "Who waits"}]


async def test_the_bot_knows_itself(api):
    me = await api.call("getMe")
    assert (me["id"], me["is_bot"]) == (123, True)


@pytest.mark.parametrize(
    ("what", "field", "limit"),
    [
        ("Name", "name", 64),
        ("Description", "description", 512),
        ("ShortDescription", "short_description", 120),
    ],
)
async def test_texts_are_kept_by_language_within_their_limits(api, what, field, limit):
    await api.call(f"setMy{what}", **{field: "Hello"})
    await api.call(f"setMy{what}", **{field: "Hola"}, language_code="es")
    for language, text in (("es", "Hola"), ("fr", "Hello"), ("", "Hello")):
        kept = await api.call(f"getMy{what}", language_code=language)
        assert kept[field] == text
    refusal = await api.refused(f"setMy{what}", **{field: "x" * (limit + 1)})
    assert refusal.code == 400


async def test_commands_are_kept_by_scope_and_language(api, local, ana):
    scope = {"type": "all_private_chats"}
    await api.call("setMyCommands", commands=START)
    await api.call("setMyCommands", commands=STAFF, scope=scope, language_code="en")
    assert await api.call("getMyCommands") == START
    assert await api.call("getMyCommands", scope=scope, language_code="en") == STAFF
    assert await api.call("getMyCommands", scope=scope) == []
    await api.call("deleteMyCommands")
    assert await api.call("getMyCommands") == []


async def test_each_person_sees_the_commands_of_the_narrowest_scope(api, local, ana):
    boss, desk = local.person("Boss"), local.person("Desk")
    group = local.group("Team", [boss, desk])
    admins = {"type": "chat_administrators", "chat_id": group.id}
    await api.call("setMyCommands", commands=START)
    await api.call("setMyCommands", commands=STAFF, scope=admins)
    world = local.world

    def seen(person: Person, chat: Conversation) -> list[Json]:
        return commands_for(world, chat.chat, person.user)

    assert seen(boss, group) == STAFF
    assert seen(desk, group) == START
    assert seen(ana, ana.private_chat()) == START


@pytest.mark.parametrize(
    ("command", "description", "words"),
    [
        ("With Space", "x", "BOT_COMMAND_INVALID"),
        ("x" * 33, "x", "BOT_COMMAND_INVALID"),
        ("", "x", "BOT_COMMAND_INVALID"),
        ("start", "", "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("start", "x" * 257, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_commands_have_limits(api, command, description, words):
    given = [{"command": command, "description": description}]
    refusal = await api.refused("setMyCommands", commands=given)
    assert refusal.description == f"Bad Request: {words}"


async def test_there_are_at_most_a_hundred_commands(api):
    many = [{"command": f"c{n}", "description": "x"} for n in range(101)]
    refusal = await api.refused("setMyCommands", commands=many)
    assert refusal.description == "Bad Request: BOT_COMMANDS_TOO_MUCH"


async def test_the_menu_button_is_set_for_all_or_for_one_chat(api, ana):
    await api.call("setChatMenuButton", menu_button={"type": "commands"})
    button = await api.call("getChatMenuButton", chat_id=ana.id)
    assert button == {"type": "commands"}


async def test_typing_is_shown_only_for_known_actions(api, ana):
    assert await api.call("sendChatAction", chat_id=ana.id, action="typing") is True
    refusal = await api.refused("sendChatAction", chat_id=ana.id, action="thinking")
    assert refusal.description == "Bad Request: wrong parameter action in request"
