"""What the Bot API refuses, in the real server's words."""

import re
from urllib.parse import urlsplit

from bot.local import entities as markup
from bot.local.entities import Entity, Parsed, utf16_length
from bot.local.errors import bad_request
from bot.local.limits import (
    MAX_BUTTONS_IN_ROW,
    MAX_CALLBACK_DATA_BYTES,
    MAX_CAPTION,
    MAX_COMMAND_DESCRIPTION,
    MAX_COMMAND_NAME,
    MAX_COMMANDS,
    MAX_COPY_TEXT,
    MAX_INLINE_BUTTONS,
    MAX_PLACEHOLDER,
    MAX_TEXT,
)
from bot.local.nouns import Json

CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
BUTTON_STYLES = frozenset({"primary", "success", "danger"})
_ENTITY_TYPES = frozenset(
    {
        *markup.SIMPLE_TAGS.values(),
        *markup.CODE,
        *markup.QUOTES,
        "text_link",
        "custom_emoji",
        "mention",
        "hashtag",
        "cashtag",
        "bot_command",
        "url",
        "email",
        "phone_number",
        "text_mention",
    }
)


def formatted(
    text: str | None, parse_mode: str, given: list[Json] | None, *, limit: int
) -> Parsed:
    """Text and entities as a message carries them.

    `limit` is in UTF-16 units after parsing. Raises Refused.
    """
    text = _clean(text or "")
    mode = parse_mode.lower()
    if mode == "html":
        try:
            parsed = markup.parse_html(text)
        except markup.Unparsable as wrong:
            raise bad_request(f"can't parse entities: {wrong}") from None
        unknown = markup.unknown_references(text)
        slips = (*parsed.slips, *(f"{name} is shown as it is" for name in unknown))
        parsed = Parsed(parsed.text, parsed.entities, slips)
    elif mode in ("", "none"):
        parsed = _given(text, given or [])
    elif mode in ("markdown", "markdownv2"):
        raise bad_request("unsupported parse_mode: the local Telegram reads HTML only")
    else:
        raise bad_request("unsupported parse_mode")
    if utf16_length(parsed.text) > limit:
        kind = "message" if limit == MAX_TEXT else "message caption"
        raise bad_request(f"{kind} is too long")
    return Parsed(
        parsed.text, markup.with_found(parsed.text, parsed.entities), parsed.slips
    )


def message_text(text: str | None, parse_mode: str, given: list[Json] | None) -> Parsed:
    """The text of a message; it may not be empty."""
    parsed = formatted(text, parse_mode, given, limit=MAX_TEXT)
    if not parsed.text:
        raise bad_request("message text is empty")
    return parsed


def caption(text: str | None, parse_mode: str, given: list[Json] | None) -> Parsed:
    """A caption; it may be empty."""
    return formatted(text, parse_mode, given, limit=MAX_CAPTION)


def _clean(text: str) -> str:
    """Control characters do not survive the real server."""
    text = text.replace("\r", "")
    return re.sub(r"[\x00-\x08\x0b-\x1f\t]", " ", text)


def _given(text: str, entities: list[Json]) -> Parsed:
    length = utf16_length(text)
    checked: list[Entity] = []
    for entity in entities:
        if not isinstance(entity, dict) or entity.get("type") not in _ENTITY_TYPES:
            raise bad_request("can't parse MessageEntity: unsupported type specified")
        start, size = entity.get("offset"), entity.get("length")
        if not isinstance(start, int) or not isinstance(size, int):
            raise bad_request('can\'t parse MessageEntity: Field "offset" is missing')
        if start < 0 or size <= 0 or start + size > length:
            raise bad_request("entity begins or ends outside of the text it belongs to")
        checked.append(entity)
    shown, kept = markup.trim(text, checked)
    return Parsed(shown, sorted(kept, key=lambda one: one["offset"]))


# — keyboards —


def reply_markup(given: object) -> tuple[Json | None, Json | None]:
    """(inline keyboard, what becomes of the one above the input). Raises Refused."""
    if given is None or given == "" or given == {}:
        return None, None
    if not isinstance(given, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in given:
        return _inline(given["inline_keyboard"]), None
    if "keyboard" in given:
        return None, _keyboard(given)
    if given.get("remove_keyboard"):
        return None, {"remove_keyboard": True}
    if given.get("force_reply"):
        return None, {**given, "input_field_placeholder": _placeholder(given)}
    raise bad_request("object expected as reply markup")


def _inline(rows: object) -> Json | None:
    if not isinstance(rows, list):
        raise bad_request(
            'field "inline_keyboard" of the InlineKeyboardMarkup must be '
            "an Array of Arrays"
        )
    kept, count = [], 0
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(
                'field "inline_keyboard" of the InlineKeyboardMarkup '
                "must be an Array of Arrays"
            )
        buttons = [_inline_button(button) for button in row]
        count += len(buttons)
        if len(buttons) > MAX_BUTTONS_IN_ROW or count > MAX_INLINE_BUTTONS:
            raise bad_request("REPLY_MARKUP_TOO_LONG")
        if buttons:
            kept.append(buttons)
    return {"inline_keyboard": kept} if kept else None


def _inline_button(button: object) -> Json:
    prefix = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise bad_request(f"{prefix}InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request(f'{prefix}Can\'t find field "text"')
    if not _clean(text).strip():
        raise bad_request("inline keyboard button text must be non-empty")
    actions = [name for name in ("callback_data", "url", "copy_text") if name in button]
    if not actions:
        raise bad_request(f"{prefix}Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("BUTTON_TYPE_INVALID")
    action = actions[0]
    value = button[action]
    if action == "callback_data":
        size = len(str(value).encode())
        if not isinstance(value, str) or not 1 <= size <= MAX_CALLBACK_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
    elif action == "url":
        _check_button_url(value)
    else:
        copied = value.get("text") if isinstance(value, dict) else None
        if not isinstance(copied, str) or not 1 <= len(copied) <= MAX_COPY_TEXT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    kept = {"text": _clean(text).strip(), action: value}
    return kept | _decoration(button)


def _decoration(button: Json) -> Json:
    """The colour and the icon of a button."""
    style = button.get("style")
    if style is not None and style not in BUTTON_STYLES:
        raise bad_request("BUTTON_STYLE_INVALID")
    names = ("style", "icon_custom_emoji_id")
    return {name: button[name] for name in names if button.get(name) is not None}


def _check_button_url(url: object) -> None:
    text = str(url)
    parts = urlsplit(text)
    fine = parts.scheme in ("http", "https", "tg", "tonsite") and (
        parts.netloc and not re.search(r"\s", text)
    )
    if not fine and not re.match(r"^[\w-]+(\.[\w-]+)+(/\S*)?$", text):
        raise bad_request(
            f"inline keyboard button URL '{text}' is invalid: Wrong HTTP URL"
        )


def _keyboard(given: Json) -> Json:
    rows = given["keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            'field "keyboard" of the ReplyKeyboardMarkup must be an Array of Arrays'
        )
    kept = [[_keyboard_button(button) for button in row] for row in rows]
    names = (
        "resize_keyboard",
        "one_time_keyboard",
        "is_persistent",
        "selective",
    )
    return {
        "keyboard": [row for row in kept if row],
        **{name: bool(given[name]) for name in names if name in given},
        "input_field_placeholder": _placeholder(given),
    }


def _keyboard_button(button: object) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("keyboard button text must be non-empty")
    others = set(button) - {"text", "style", "icon_custom_emoji_id", "request_contact"}
    if others:
        raise bad_request("BUTTON_TYPE_INVALID")
    return {"text": button["text"]} | _decoration(button)


def _placeholder(given: Json) -> str:
    text = str(given.get("input_field_placeholder") or "")
    if len(text) > MAX_PLACEHOLDER:
        raise bad_request("input field placeholder is too long")
    return text


# — commands —


def commands(given: object) -> list[Json]:
    """A list of BotCommand. Raises Refused."""
    if not isinstance(given, list):
        raise bad_request("expected an Array of BotCommand")
    if len(given) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    return [_command(one) for one in given]


def _command(given: object) -> Json:
    if not isinstance(given, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    name = str(given.get("command", "")).strip().removeprefix("/").lower()
    text = str(given.get("description", "")).strip()
    if not re.fullmatch(rf"[a-z0-9_]{{1,{MAX_COMMAND_NAME}}}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(text) <= MAX_COMMAND_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": text}


def command_scope(given: object) -> str:
    """A scope as the profile keeps it: default, chat:5, chat_member:-7:9 …"""
    if given is None:
        return "default"
    if not isinstance(given, dict):
        raise bad_request("BotCommandScope must be an Object")
    kind = given.get("type", "")
    plain = (
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
    )
    if kind in plain:
        return str(kind)
    if kind in ("chat", "chat_administrators"):
        return f"{kind}:{given.get('chat_id')}"
    if kind == "chat_member":
        return f"{kind}:{given.get('chat_id')}:{given.get('user_id')}"
    raise bad_request("can't parse BotCommandScope: unsupported type specified")
