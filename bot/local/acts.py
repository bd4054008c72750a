"""What people can do in Telegram, and what the bot hears of it."""

from typing import Any

from bot.local import shown
from bot.local.entities import utf16_length, utf16_slice, with_found
from bot.local.errors import Impossible
from bot.local.limits import MAX_CAPTION, MAX_START_PAYLOAD, MAX_TEXT
from bot.local.nouns import Chat, Json, Message, Query, Topic, User
from bot.local.pictures import picture_size, sample_picture
from bot.local.world import ADMIN, World

SAMPLE_VOICE_SECONDS = 4
MEMBERS = ("creator", ADMIN, "member")


def say(
    world: World,
    who: User,
    where: Chat,
    content: Json,
    *,
    reply_to: int | None = None,
    thread_id: int | None = None,
) -> Message:
    """A person's message. Raises Impossible where a person could not write it."""
    _check_may_write(who, where, thread_id)
    if where.kind == "private" and not where.started:
        where.started = True
    if reply_to is not None and reply_to not in where.messages:
        raise Impossible("The message to answer is gone.")
    message = world.post(where, who.id, content, reply_to=reply_to, thread_id=thread_id)
    if _bot_reads(world, where, message):
        world.send_update("message", shown.message(world, message))
    return message


def write(
    world: World,
    who: User,
    where: Chat,
    text: str,
    *,
    reply_to: int | None = None,
    thread_id: int | None = None,
) -> list[Message]:
    """Send a text; one too long for a message becomes several, as in the apps."""
    parts = split_text(text.strip())
    if not parts:
        raise Impossible("Nobody can send an empty message.")
    sent: list[Message] = []
    for part in parts:
        content = text_content(part)
        answers = reply_to if not sent else None
        sent.append(
            say(world, who, where, content, reply_to=answers, thread_id=thread_id)
        )
    return sent


def text_content(text: str) -> Json:
    """A plain text with what Telegram finds in it."""
    found = with_found(text, [])
    return {"text": text, "entities": found} if found else {"text": text}


def split_text(text: str, limit: int = MAX_TEXT) -> list[str]:
    """Parts of at most `limit` UTF-16 units, cut at white space where there is any."""
    parts = []
    while utf16_length(text) > limit:
        head = _head(text, limit)
        cut = max(head.rfind(" "), head.rfind("\n"))
        if cut > len(head) // 2:
            head = head[:cut]
        parts.append(head.strip())
        text = text[len(head) :].strip()
    return [part for part in [*parts, text] if part]


def _head(text: str, limit: int) -> str:
    """The longest beginning within the limit that cuts no letter in two."""
    head = utf16_slice(text, 0, limit)
    return head[:-1] if 0xD800 <= ord(head[-1]) <= 0xDBFF else head


def start(world: World, who: User, payload: str = "") -> Message:
    """Tap START, or a link t.me/<bot>?start=<payload>."""
    allowed = payload.replace("_", "").replace("-", "")
    if payload and not ((allowed.isascii() and allowed.isalnum()) or not allowed):
        raise Impossible("A start payload holds letters, digits, _ and - only.")
    if len(payload) > MAX_START_PAYLOAD:
        raise Impossible("A start payload has at most 64 letters.")
    where = world.private_chat(who)
    if where.blocked:
        set_blocked(world, who, blocked=False)
    return say(world, who, where, text_content(f"/start {payload}".strip()))


def edit(world: World, who: User, message: Message, text: str) -> None:
    """Edit one's own text, or the words below one's own picture or file."""
    worded = {"text", "caption"} & message.content.keys()
    if message.sender_id != who.id or not worded:
        raise Impossible("Only one's own texts can be edited.")
    where = world.chats[message.chat_id]
    _check_may_write(who, where, message.thread_id)
    text = text.strip()
    limit = MAX_TEXT if "text" in worded else MAX_CAPTION
    if not text or utf16_length(text) > limit:
        raise Impossible("The edited text is empty or too long.")
    if text in (message.text, message.content.get("caption")):
        return
    if "text" in message.content:
        message.content = text_content(text)
    else:
        left = {k: v for k, v in message.content.items() if "caption" not in k}
        message.content = {**left, **_caption(text)}
    message.edit_date = world.now
    world.keep_message(message)
    if _bot_reads(world, where, message):
        world.send_update("edited_message", shown.message(world, message))


def delete(world: World, who: User, message: Message) -> None:
    """Delete a message for everybody. The bot hears nothing of it."""
    where = world.chats[message.chat_id]
    admin = where.members.get(who.id) in ("creator", ADMIN)
    if not (message.sender_id == who.id or admin or where.kind == "private"):
        raise Impossible("Only admins delete what others wrote.")
    world.remove(where, [message.message_id])


def press(world: World, who: User, message: Message, data: str) -> Query:
    """Press an inline button by its callback data."""
    where = world.chats[message.chat_id]
    if message.message_id not in where.messages:
        raise Impossible("The message is gone.")
    if where.kind == "private" and where.blocked:
        raise Impossible("The bot is blocked.")
    if where.kind != "private" and where.members.get(who.id) not in MEMBERS:
        raise Impossible("Only members press buttons here.")
    if not any(
        button.get("callback_data") == data for row in message.rows for button in row
    ):
        raise Impossible("The message has no such button any more.")
    return world.add_query(who, message, data)


def set_blocked(world: World, who: User, *, blocked: bool) -> None:
    """Block the bot, or take it back; the bot is told either way."""
    where = world.private_chat(who)
    if where.blocked == blocked:
        return
    where.blocked = blocked
    world.keep_chat(where)
    before, after = ("member", "kicked") if blocked else ("kicked", "member")
    world.send_update(
        "my_chat_member", shown.member_changed(world, where, who, before, after)
    )


# — things other than text —


def sticker_content(world: World, emoji: str = "👍") -> Json:
    """A sticker."""
    stored = world.store_file(
        "sticker", "sticker.webp", "image/webp", b"RIFF", (512, 512)
    )
    return {
        "sticker": {
            "file_id": stored.id,
            "file_unique_id": stored.unique_id,
            "type": "regular",
            "width": stored.width,
            "height": stored.height,
            "is_animated": False,
            "is_video": False,
            "emoji": emoji,
            "set_name": "LocalSamples",
            "file_size": stored.size,
        }
    }


def voice_content(world: World, seconds: int = SAMPLE_VOICE_SECONDS) -> Json:
    """A voice message."""
    stored = world.store_file("voice", "voice.ogg", "audio/ogg", b"OggS")
    return {
        "voice": {
            "file_id": stored.id,
            "file_unique_id": stored.unique_id,
            "duration": seconds,
            "mime_type": stored.mime_type,
            "file_size": stored.size,
        }
    }


def photo_content(world: World, caption: str = "", content: bytes = b"") -> Json:
    """A photo; without bytes, a sample."""
    content = content or sample_picture()
    size = picture_size(content)
    if size is None:
        raise Impossible("A photo is a PNG or a JPEG.")
    stored = world.store_file("photo", "photo.png", "image/png", content, size)
    return {"photo": shown.photo_sizes(stored), **_caption(caption)}


def document_content(
    world: World, name: str, content: bytes, mime_type: str, caption: str = ""
) -> Json:
    """A file."""
    stored = world.store_file("document", name, mime_type, content)
    return {"document": shown.document(stored), **_caption(caption)}


def _caption(text: str) -> Json:
    if not text:
        return {}
    found = with_found(text, [])
    return {"caption": text, **({"caption_entities": found} if found else {})}


def forwarded_content(world: World, text: str, from_name: str) -> Json:
    """A text forwarded from somebody who hides their account."""
    origin = {
        "type": "hidden_user",
        "date": world.now - 3600,
        "sender_user_name": from_name,
    }
    return {"forward_origin": origin, **text_content(text)}


# — groups —


def found_group(
    world: World,
    title: str,
    members: list[User],
    *,
    kind: str,
    forum: bool,
    bot_is_admin: bool,
) -> Chat:
    """A group with the bot in it; the first member owns it."""
    if forum and kind != "supergroup":
        raise Impossible("Only supergroups have topics.")
    chat = Chat(world.next_group_id(kind), kind, title, is_forum=forum)
    for number, user in enumerate(members):
        chat.members[user.id] = "creator" if number == 0 else "member"
    world.add_chat(chat)
    owner = members[0] if members else world.bot
    # The first line of a supergroup has the number 1, so no topic ever has it.
    world.post(chat, owner.id, {f"{kind}_chat_created": True}, service=True)
    set_bot_status(world, owner, chat, ADMIN if bot_is_admin else "member")
    return chat


def set_bot_status(world: World, by: User, where: Chat, status: str) -> None:
    """Add the bot to a group, promote it, or remove it ("left", "kicked")."""
    before = where.members.get(world.bot.id, "left")
    where.members[world.bot.id] = status
    world.keep_chat(where)
    world.send_update(
        "my_chat_member", shown.member_changed(world, where, by, before, status)
    )


def add_member(world: World, where: Chat, who: User, status: str = "member") -> None:
    """Let a person into a group."""
    where.members[who.id] = status
    world.keep_chat(where)
    world.service(where, who.id, {"new_chat_members": [who.as_api()]})


def remove_member(world: World, where: Chat, who: User) -> None:
    """A person leaves a group."""
    world.service(where, who.id, {"left_chat_member": who.as_api()})
    del where.members[who.id]
    world.keep_chat(where)


def open_topic(world: World, who: User, where: Chat, name: str) -> Topic:
    """A person opens a topic."""
    _check_forum(where)
    topic = Topic(where.last_message_id + 1, name, 0x6FB9F0)
    where.topics[topic.thread_id] = topic
    line = {"forum_topic_created": {"name": name, "icon_color": topic.icon_color}}
    world.service(where, who.id, line, topic.thread_id)
    return topic


def set_topic_closed(
    world: World, who: User, where: Chat, topic: Topic, *, closed: bool
) -> None:
    """A person closes or reopens a topic."""
    _check_forum(where)
    topic.closed = closed
    kind = "forum_topic_closed" if closed else "forum_topic_reopened"
    world.service(where, who.id, {kind: {}}, topic.thread_id)


def migrate(world: World, who: User, where: Chat) -> Chat:
    """A group becomes a supergroup with another id."""
    if where.kind != "group" or where.migrated_to is not None:
        raise Impossible("Only a group becomes a supergroup.")
    chat = Chat(world.next_group_id("supergroup"), "supergroup", where.title)
    chat.members = dict(where.members)
    world.add_chat(chat)
    world.service(where, who.id, {"migrate_to_chat_id": chat.id})
    world.service(chat, who.id, {"migrate_from_chat_id": where.id})
    where.migrated_to = chat.id
    world.keep_chat(where)
    return chat


def _check_forum(where: Chat) -> None:
    if not where.is_forum:
        raise Impossible("This group has no topics.")


def _check_may_write(who: User, where: Chat, thread_id: int | None) -> None:
    if where.kind == "private":
        if where.id != who.id:
            raise Impossible("This is somebody else's chat.")
        if where.blocked:
            raise Impossible("The bot is blocked.")
        return
    if where.members.get(who.id) not in MEMBERS:
        raise Impossible("Only members write here.")
    if thread_id is None:
        return
    topic = where.topics.get(thread_id)
    if topic is None:
        raise Impossible("The topic is gone.")
    if topic.closed and where.members[who.id] == "member":
        raise Impossible("The topic is closed.")


def _bot_reads(world: World, where: Chat, message: Message) -> bool:
    """In groups a bot that is no admin reads commands and answers to it only."""
    if where.kind == "private":
        return True
    status = where.members.get(world.bot.id, "left")
    if status not in MEMBERS:
        return False
    if status == ADMIN:
        return True
    answered = where.messages.get(message.reply_to or 0)
    return (
        message.text.startswith("/")
        or f"@{world.bot.username}" in message.text
        or (answered is not None and answered.sender_id == world.bot.id)
    )


def sample(world: World, kind: str) -> Json:
    """A sample of a kind of message, for the page's attach menu."""
    makers: dict[str, Any] = {
        "sticker": lambda: sticker_content(world),
        "voice": lambda: voice_content(world),
        "photo": lambda: photo_content(world),
        "document": lambda: document_content(
            world, "notes.txt", b"A short note.\n", "text/plain"
        ),
        "forward": lambda: forwarded_content(
            world, "Have you seen this? Sounds interesting.", "Kim"
        ),
    }
    if kind not in makers:
        raise Impossible(f"There is no sample of {kind}.")
    content: Json = makers[kind]()
    return content
