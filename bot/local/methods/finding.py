"""Finds the chat, the message and the topic a call means, or refuses."""

import re

from bot.local.errors import bad_request, forbidden
from bot.local.methods.registry import Call
from bot.local.nouns import Chat, Message, Topic


def chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat a call means. Raises Refused where the bot cannot see it."""
    given = call.params.text(name)
    if not given:
        raise bad_request(
            "chat_id is empty" if name == "chat_id" else f"{name} is empty"
        )
    if not re.fullmatch(r"\s*-?\d{1,19}\s*", given):
        raise bad_request("chat not found")
    found = call.world.chats.get(int(given))
    if found is None:
        raise bad_request("chat not found")
    if found.migrated_to is not None:
        raise bad_request(
            "group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=found.migrated_to,
        )
    return found


def writable_chat(call: Call, name: str = "chat_id") -> Chat:
    """A chat the bot may write to. Raises Refused."""
    found = chat(call, name)
    if found.kind == "private":
        if found.blocked:
            raise forbidden("bot was blocked by the user")
        if not found.started:
            raise forbidden("bot can't initiate conversation with a user")
        return found
    status = found.members.get(call.bot.id, "left")
    if status in ("left", "kicked"):
        kind = "supergroup" if found.kind == "supergroup" else "group"
        said = "was kicked from" if status == "kicked" else "is not a member of"
        raise forbidden(f"bot {said} the {kind} chat")
    return found


def message_id(call: Call, name: str = "message_id") -> int:
    """The message's number. Raises Refused where it is missing."""
    given = call.params.integer(name)
    if given is None:
        raise bad_request("message identifier is not specified")
    return given


def message(call: Call, where: Chat, purpose: str) -> Message:
    """The message a call means; `purpose` goes into "message to … not found"."""
    found = where.messages.get(message_id(call))
    if found is None:
        raise bad_request(f"message to {purpose} not found")
    return found


def own_message(call: Call, where: Chat) -> Message:
    """A message of the bot that can be edited. Raises Refused."""
    found = message(call, where, "edit")
    # A message that brought a reply keyboard can never be edited again.
    if found.sender_id != call.bot.id or found.service or found.keyboard is not None:
        raise bad_request("message can't be edited")
    return found


def thread_id(call: Call, where: Chat) -> int | None:
    """The open topic to write to, None outside topics. Raises Refused."""
    given = call.params.integer("message_thread_id")
    if not given:
        return None
    found = where.topics.get(given)
    if found is None:
        raise bad_request("message thread not found")
    if found.closed:
        raise bad_request("TOPIC_CLOSED")
    return found.thread_id


def topic(call: Call, where: Chat) -> Topic:
    """The topic a call is about. Raises Refused."""
    found = where.topics.get(call.params.integer("message_thread_id") or 0)
    if found is None:
        raise bad_request("TOPIC_ID_INVALID")
    return found


def reply_to(call: Call, where: Chat) -> int | None:
    """The message to answer, None for none. Raises Refused."""
    given = call.params.structure("reply_parameters")
    if given is None:
        return None
    if not isinstance(given, dict) or not isinstance(given.get("message_id"), int):
        raise bad_request(
            "can't parse ReplyParameters: Can't find field \"message_id\""
        )
    if given["message_id"] in where.messages:
        return int(given["message_id"])
    if given.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")
