"""Changes to messages: edits, deletions, reactions, pins."""

from typing import Any

from bot.local import rules, shown
from bot.local.errors import bad_request
from bot.local.limits import DELETABLE_SECONDS, MAX_DELETED_AT_ONCE
from bot.local.methods import finding, sending
from bot.local.methods.registry import Call, method
from bot.local.nouns import Chat, Json, Message

WHICH = ("business_connection_id", "chat_id", "message_id", "inline_message_id")


def _edited(call: Call) -> Message:
    if "inline_message_id" in call.params:
        raise bad_request("MESSAGE_ID_INVALID")
    return finding.own_message(call, finding.writable_chat(call))


def _keyboard(call: Call) -> Json | None:
    inline, other = rules.reply_markup(call.params.structure("reply_markup"))
    if other is not None:
        raise bad_request("inline keyboard expected")
    return inline


def _apply(call: Call, message: Message, content: Json, inline: Json | None) -> Any:
    if content == message.content and inline == message.reply_markup:
        raise bad_request(
            "message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"
        )
    if content != message.content:
        message.edit_date = call.world.now
    message.content = content
    message.reply_markup = inline
    call.world.keep_message(message)
    return shown.message(call.world, message)


@method(
    "editMessageText",
    *WHICH,
    "text",
    "parse_mode",
    "entities",
    "link_preview_options",
    "reply_markup",
)
def edit_message_text(call: Call) -> Any:
    message = _edited(call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    return _apply(call, message, sending.text_content(call), _keyboard(call))


@method(
    "editMessageCaption",
    *WHICH,
    *sending.CAPTION,
    "show_caption_above_media",
    "reply_markup",
)
def edit_message_caption(call: Call) -> Any:
    message = _edited(call)
    if "photo" not in message.content and "document" not in message.content:
        raise bad_request("there is no caption in the message to edit")
    kept = {
        name: value
        for name, value in message.content.items()
        if name not in ("caption", "caption_entities")
    }
    content = kept | sending.caption_content(call)
    return _apply(call, message, content, _keyboard(call))


@method("editMessageMedia", *WHICH, "media", "reply_markup")
def edit_message_media(call: Call) -> Any:
    message = _edited(call)
    media = call.params.structure("media")
    if not isinstance(media, dict) or media.get("type") not in ("photo", "document"):
        raise bad_request("can't parse InputMedia: unsupported type specified")
    given = str(media.get("media") or "")
    caption = sending.caption_content(call, media)
    content = sending.media_content(call, media["type"], given, "media") | caption
    return _apply(call, message, content, _keyboard(call))


@method("editMessageReplyMarkup", *WHICH, "reply_markup")
def edit_message_reply_markup(call: Call) -> Any:
    message = _edited(call)
    return _apply(call, message, message.content, _keyboard(call))


def _check_deletable(call: Call, where: Chat, message: Message) -> None:
    own = message.sender_id == call.bot.id
    admin = where.members.get(call.bot.id) == "administrator"
    if not (own or admin or where.kind == "private"):
        raise bad_request("message can't be deleted")
    if "forum_topic_created" in message.content:
        raise bad_request("message can't be deleted")
    if not admin and call.world.now - message.date > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")


@method("deleteMessage", "chat_id", "message_id")
def delete_message(call: Call) -> Any:
    where = finding.chat(call)
    message = finding.message(call, where, "delete")
    _check_deletable(call, where, message)
    call.world.remove(where, [message.message_id])
    return True


@method("deleteMessages", "chat_id", "message_ids")
def delete_messages(call: Call) -> Any:
    where = finding.chat(call)
    given = call.params.array("message_ids")
    if not given:
        raise bad_request("message identifiers are not specified")
    if len(given) > MAX_DELETED_AT_ONCE:
        raise bad_request("too many messages to delete")
    # Those that are gone are passed over, as the real server does.
    found = [where.messages[one] for one in given if one in where.messages]
    for message in found:
        _check_deletable(call, where, message)
    call.world.remove(where, [message.message_id for message in found])
    return True


@method("setMessageReaction", "chat_id", "message_id", "reaction", "is_big")
def set_message_reaction(call: Call) -> Any:
    where = finding.writable_chat(call)
    message = finding.message(call, where, "react")
    given = call.params.array("reaction") or []
    if any(one.get("type") != "emoji" or not one.get("emoji") for one in given):
        raise bad_request("REACTION_INVALID")
    if len(given) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions = [str(one["emoji"]) for one in given]
    call.world.keep_message(message)
    return True


@method(
    "pinChatMessage",
    "business_connection_id",
    "chat_id",
    "message_id",
    "disable_notification",
)
def pin_chat_message(call: Call) -> Any:
    where = finding.writable_chat(call)
    message = finding.message(call, where, "pin")
    _check_may_pin(call, where)
    if message.message_id not in where.pinned:
        where.pinned.append(message.message_id)
        call.world.keep_chat(where)
        pinned = shown.message(call.world, message, with_reply=False)
        call.world.service(
            where, call.bot.id, {"pinned_message": pinned}, message.thread_id
        )
    return True


@method("unpinChatMessage", "business_connection_id", "chat_id", "message_id")
def unpin_chat_message(call: Call) -> Any:
    where = finding.writable_chat(call)
    _check_may_pin(call, where)
    given = call.params.integer("message_id")
    gone = given if given is not None else (where.pinned or [0])[-1]
    if gone not in where.pinned:
        raise bad_request("message to unpin not found")
    where.pinned.remove(gone)
    call.world.keep_chat(where)
    return True


def _check_may_pin(call: Call, where: Chat) -> None:
    is_group = where.kind != "private"
    if is_group and where.members.get(call.bot.id) != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
