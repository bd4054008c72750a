"""Forum topics."""

from typing import Any

from bot.local import shown
from bot.local.errors import bad_request
from bot.local.limits import MAX_TOPIC_NAME
from bot.local.methods import finding
from bot.local.methods.registry import Call, method
from bot.local.nouns import Chat, Json, Topic

COLOURS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


def _forum(call: Call, doing: str) -> Chat:
    where = finding.writable_chat(call)
    if not where.is_forum:
        raise bad_request("the chat is not a forum")
    if where.members.get(call.bot.id) != "administrator":
        raise bad_request(f"not enough rights to {doing} a topic")
    return where


def _name(call: Call) -> str:
    name = (call.params.text("name") or "").strip()
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    if len(name) > MAX_TOPIC_NAME:
        raise bad_request("topic name is too long")
    return name


@method("createForumTopic", "chat_id", "name", "icon_color", "icon_custom_emoji_id")
def create_forum_topic(call: Call) -> Any:
    where = _forum(call, "create")
    name = _name(call)
    colour = call.params.integer("icon_color")
    if colour is None:
        colour = COLOURS[len(where.topics) % len(COLOURS)]
    if colour not in COLOURS:
        raise bad_request("Invalid icon color specified")
    made = Topic(
        where.last_message_id + 1,
        name,
        colour,
        icon_custom_emoji_id=call.params.text("icon_custom_emoji_id") or "",
    )
    where.topics[made.thread_id] = made
    _line(call, where, made, {"forum_topic_created": shown.topic(made)})
    return shown.topic(made)


def _line(call: Call, where: Chat, topic: Topic, content: Json) -> None:
    body = dict(content.get("forum_topic_created", {}))
    body.pop("message_thread_id", None)
    if body:
        content = {"forum_topic_created": body}
    call.world.service(where, call.bot.id, content, topic.thread_id)


@method(
    "editForumTopic", "chat_id", "message_thread_id", "name", "icon_custom_emoji_id"
)
def edit_forum_topic(call: Call) -> Any:
    where = _forum(call, "edit")
    topic = finding.topic(call, where)
    changed: Json = {}
    if "name" in call.params and _name(call) != topic.name:
        topic.name = changed["name"] = _name(call)
    icon = call.params.text("icon_custom_emoji_id")
    if icon is not None and icon != topic.icon_custom_emoji_id:
        topic.icon_custom_emoji_id = changed["icon_custom_emoji_id"] = icon
    if not changed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    _line(call, where, topic, {"forum_topic_edited": changed})
    return True


@method("closeForumTopic", "chat_id", "message_thread_id")
def close_forum_topic(call: Call) -> Any:
    return _set_closed(call, "close", True)


@method("reopenForumTopic", "chat_id", "message_thread_id")
def reopen_forum_topic(call: Call) -> Any:
    return _set_closed(call, "reopen", False)


def _set_closed(call: Call, doing: str, closed: bool) -> bool:
    where = _forum(call, doing)
    topic = finding.topic(call, where)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    kind = "forum_topic_closed" if closed else "forum_topic_reopened"
    _line(call, where, topic, {kind: {}})
    return True


@method("deleteForumTopic", "chat_id", "message_thread_id")
def delete_forum_topic(call: Call) -> Any:
    where = _forum(call, "delete")
    topic = finding.topic(call, where)
    call.world.remove_topic(where, topic)
    return True
