"""What the bot says about itself: name, texts, commands, menu button."""

from typing import Any

from bot.local import rules
from bot.local.errors import bad_request
from bot.local.limits import (
    MAX_BOT_DESCRIPTION,
    MAX_BOT_NAME,
    MAX_BOT_SHORT_DESCRIPTION,
)
from bot.local.methods.registry import Call, method


@method("getMe")
def get_me(call: Call) -> Any:
    return {
        **call.bot.as_api(),
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _language(call: Call) -> str:
    code = call.params.text("language_code") or ""
    if code and (len(code) != 2 or not code.isascii() or not code.islower()):
        raise bad_request("invalid language code specified")
    return code


def _set(call: Call, texts: dict[str, str], name: str, limit: int) -> bool:
    text = (call.params.text(name) or "").strip()
    if len(text) > limit:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    language = _language(call)
    if text:
        texts[language] = text
    else:
        texts.pop(language, None)
    call.world.keep_profile()
    return True


def _get(call: Call, texts: dict[str, str], fallback: str = "") -> str:
    return texts.get(_language(call), texts.get("", fallback))


@method("setMyName", "name", "language_code")
def set_my_name(call: Call) -> Any:
    return _set(call, call.world.profile.names, "name", MAX_BOT_NAME)


@method("getMyName", "language_code")
def get_my_name(call: Call) -> Any:
    return {"name": _get(call, call.world.profile.names, call.bot.first_name)}


@method("setMyDescription", "description", "language_code")
def set_my_description(call: Call) -> Any:
    texts = call.world.profile.descriptions
    return _set(call, texts, "description", MAX_BOT_DESCRIPTION)


@method("getMyDescription", "language_code")
def get_my_description(call: Call) -> Any:
    return {"description": _get(call, call.world.profile.descriptions)}


@method("setMyShortDescription", "short_description", "language_code")
def set_my_short_description(call: Call) -> Any:
    texts = call.world.profile.short_descriptions
    return _set(call, texts, "short_description", MAX_BOT_SHORT_DESCRIPTION)


@method("getMyShortDescription", "language_code")
def get_my_short_description(call: Call) -> Any:
    return {"short_description": _get(call, call.world.profile.short_descriptions)}


def _commands_key(call: Call) -> str:
    scope = rules.command_scope(call.params.structure("scope"))
    kind, _, rest = scope.partition(":")
    if kind.startswith("chat"):
        chat_id = rest.partition(":")[0]
        if not any(str(known) == chat_id for known in call.world.chats):
            raise bad_request("chat not found")
    return f"{scope}|{_language(call)}"


def _told(call: Call) -> bool:
    call.world.keep_profile()
    for chat in call.world.chats.values():
        call.world.keep_chat(chat)
    return True


@method("setMyCommands", "commands", "scope", "language_code")
def set_my_commands(call: Call) -> Any:
    commands = rules.commands(call.params.structure("commands"))
    key = _commands_key(call)
    if commands:
        call.world.profile.commands[key] = commands
    else:
        call.world.profile.commands.pop(key, None)
    return _told(call)


@method("getMyCommands", "scope", "language_code")
def get_my_commands(call: Call) -> Any:
    return call.world.profile.commands.get(_commands_key(call), [])


@method("deleteMyCommands", "scope", "language_code")
def delete_my_commands(call: Call) -> Any:
    call.world.profile.commands.pop(_commands_key(call), None)
    return _told(call)


@method("setChatMenuButton", "chat_id", "menu_button")
def set_chat_menu_button(call: Call) -> Any:
    button = call.params.structure("menu_button") or {"type": "default"}
    if button.get("type") not in ("default", "commands"):
        raise bad_request("BUTTON_TYPE_INVALID")
    chat_id = call.params.text("chat_id") or ""
    call.world.profile.menu_buttons[chat_id] = {"type": button["type"]}
    call.world.keep_profile()
    return True


@method("getChatMenuButton", "chat_id")
def get_chat_menu_button(call: Call) -> Any:
    buttons = call.world.profile.menu_buttons
    fallback = buttons.get("", {"type": "commands"})
    button = buttons.get(call.params.text("chat_id") or "", fallback)
    return {"type": "commands"} if button["type"] == "default" else button
