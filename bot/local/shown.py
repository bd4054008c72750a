"""How the world's things look: to the bot (Bot API objects) and to the page."""

import hashlib
from typing import TYPE_CHECKING, Any

from bot.local.clock import Clock
from bot.local.nouns import Chat, Json, Message, Query, StoredFile, Topic, User

if TYPE_CHECKING:
    from bot.local.world import World

MESSAGES_ON_PAGE = 500  # of each chat, the newest

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_manage_topics",
    "can_promote_members",
    "can_manage_video_chats",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
)
NOT_GIVEN_TO_BOTS = {
    "can_promote_members",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
}


def chat(world: "World", one: Chat) -> Json:
    """A Bot API `Chat`."""
    if one.kind == "private":
        user = world.users[one.id].as_api()
        names = ("first_name", "last_name", "username")
        return {
            "id": one.id,
            "type": "private",
            **{name: user[name] for name in names if name in user},
        }
    body: Json = {"id": one.id, "type": one.kind, "title": one.title}
    if one.is_forum:
        body["is_forum"] = True
    return body


def message(world: "World", one: Message, *, with_reply: bool = True) -> Json:
    """A Bot API `Message`.

    In a forum topic a message that answers nothing answers the line that opened the
    topic: so does the real server, to the surprise of many bots.
    """
    where = world.chats[one.chat_id]
    body: Json = {
        "message_id": one.message_id,
        "from": world.users[one.sender_id].as_api(),
        "chat": chat(world, where),
        "date": one.date,
        **one.content,
    }
    if one.thread_id is not None:
        body["message_thread_id"] = one.thread_id
        body["is_topic_message"] = True
    if one.edit_date is not None:
        body["edit_date"] = one.edit_date
    if one.reply_markup is not None:
        body["reply_markup"] = one.reply_markup
    if one.protected:
        body["has_protected_content"] = True
    answered = where.messages.get(one.reply_to or one.thread_id or 0)
    if with_reply and answered is not None and answered is not one:
        body["reply_to_message"] = message(world, answered, with_reply=False)
    return body


def callback_query(world: "World", query: Query, pressed: Message) -> Json:
    """A Bot API `CallbackQuery`."""
    instance = hashlib.sha256(str(query.chat_id).encode()).digest()[:8]
    return {
        "id": query.id,
        "from": world.users[query.user_id].as_api(),
        "message": message(world, pressed),
        "chat_instance": str(int.from_bytes(instance, "big", signed=True)),
        "data": query.data,
    }


def member(user: User, status: str) -> Json:
    """A Bot API `ChatMember` with the given status."""
    body: Json = {"user": user.as_api(), "status": status}
    if status == "creator":
        body["is_anonymous"] = False
    if status == "administrator":
        body |= {
            "can_be_edited": False,
            "is_anonymous": False,
            **{
                right: not (user.is_bot and right in NOT_GIVEN_TO_BOTS)
                for right in ADMIN_RIGHTS
            },
        }
    if status == "kicked":
        body["until_date"] = 0
    return body


def member_changed(
    world: "World", where: Chat, by: User, before: str, after: str
) -> Json:
    """A Bot API `ChatMemberUpdated` about the bot."""
    return {
        "chat": chat(world, where),
        "from": by.as_api(),
        "date": world.now,
        "old_chat_member": member(world.bot, before),
        "new_chat_member": member(world.bot, after),
    }


def photo_sizes(stored: StoredFile) -> list[Json]:
    """The `photo` field of a message: one size, as it was sent."""
    return [
        {
            "file_id": stored.id,
            "file_unique_id": stored.unique_id,
            "width": stored.width,
            "height": stored.height,
            "file_size": stored.size,
        }
    ]


def document(stored: StoredFile) -> Json:
    """The `document` field of a message."""
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_name": stored.name,
        "mime_type": stored.mime_type,
        "file_size": stored.size,
    }


def topic(one: Topic) -> Json:
    """A Bot API `ForumTopic`."""
    body: Json = {
        "message_thread_id": one.thread_id,
        "name": one.name,
        "icon_color": one.icon_color,
    }
    if one.icon_custom_emoji_id:
        body["icon_custom_emoji_id"] = one.icon_custom_emoji_id
    return body


# — for the page —


def clock(one: Clock) -> Json:
    """The local time, and how far it is ahead of the real one."""
    return {
        "now": one.now().timestamp(),
        "ahead_seconds": one.offset.total_seconds(),
    }


def chat_on_page(world: "World", one: Chat) -> Json:
    """A chat with its members and topics, without messages."""
    body: Json = {
        **one.to_json(),
        "commands": commands_on_page(world, one),
    }
    if one.kind == "private":
        body["title"] = world.users[one.id].name
    return body


def commands_on_page(world: "World", where: Chat) -> dict[str, list[Json]]:
    """The commands each person sees in a chat, by user id."""
    people = [where.id] if where.kind == "private" else list(where.members)
    return {
        str(user_id): commands_for(world, where, world.users[user_id])
        for user_id in people
    }


def commands_for(world: "World", where: Chat, user: User) -> list[Json]:
    """The first list of commands that fits, in Telegram's order of scopes."""
    admin = where.members.get(user.id) in ("creator", "administrator")
    scopes = [f"chat_member:{where.id}:{user.id}"]
    if where.kind == "private":
        scopes = [f"chat:{where.id}", "all_private_chats", "default"]
    else:
        if admin:
            scopes.append(f"chat_administrators:{where.id}")
        scopes.append(f"chat:{where.id}")
        if admin:
            scopes.append("all_chat_administrators")
        scopes += ["all_group_chats", "default"]
    for scope in scopes:
        for language in dict.fromkeys((user.language_code[:2], "")):
            found = world.profile.commands.get(f"{scope}|{language}")
            if found:
                return found
    return []


def on_page(world: "World", one: Message) -> Json:
    """A message as the page draws it."""
    return {
        **message(world, one),
        "chat_id": one.chat_id,
        "service": one.service,
        "reactions": one.reactions,
        "forced_reply": bool((one.keyboard or {}).get("force_reply")),
    }


def query_on_page(query: Query) -> Json:
    """A press: spinning while `answer` is None."""
    return {
        "id": query.id,
        "user_id": query.user_id,
        "chat_id": query.chat_id,
        "message_id": query.message_id,
        "data": query.data,
        "pressed_at": query.pressed_at,
        "answer": query.answer,
    }


def bot_on_page(world: "World") -> Json:
    """The bot's name and texts."""
    profile = world.profile

    def pick(texts: dict[str, str], fallback: str = "") -> str:
        return texts.get("", fallback)

    return {
        "id": world.bot.id,
        "username": world.bot.username,
        "name": pick(profile.names, world.bot.first_name),
        "names": profile.names,
        "description": pick(profile.descriptions),
        "descriptions": profile.descriptions,
        "short_description": pick(profile.short_descriptions),
        "menu_button": profile.menu_buttons.get("", {"type": "default"}),
    }


def snapshot(world: "World") -> dict[str, Any]:
    """Everything the page needs to draw itself from nothing."""
    newest = {
        one.id: list(one.messages.values())[-MESSAGES_ON_PAGE:]
        for one in world.chats.values()
    }
    return {
        "type": "snapshot",
        "bot": bot_on_page(world),
        "clock": clock(world.clock),
        "users": [user.as_api() for user in world.users.values() if not user.is_bot],
        "chats": [
            {
                **chat_on_page(world, one),
                "messages": [on_page(world, each) for each in newest[one.id]],
            }
            for one in world.chats.values()
            if one.migrated_to is None
        ],
        "queries": [
            query_on_page(query)
            for query in world.queries.values()
            if world.open_query(query.id)
        ],
    }
