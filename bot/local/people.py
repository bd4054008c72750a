"""Hands and eyes for tests and the demo: persons, their chats, their groups."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.local import acts
from bot.local.errors import Impossible, NotSeen
from bot.local.limits import WAIT_SECONDS
from bot.local.nouns import Chat, Json, Message, Query, Topic, User
from bot.local.world import World


class Conversation:
    """A chat as those in it see it."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self.chat = chat

    @property
    def id(self) -> int:
        """The chat's id."""
        return self.chat.id

    @property
    def messages(self) -> list[Message]:
        """All messages there are, oldest first; service lines too."""
        return list(self.chat.messages.values())

    @property
    def from_bot(self) -> list[Message]:
        """The bot's messages, oldest first, without service lines."""
        bot = self._world.bot.id
        return [
            one for one in self.messages if one.sender_id == bot and not one.service
        ]

    def transcript(self) -> str:
        """The chat in plain text, a line a message, buttons in brackets."""
        return "\n".join(self._line(message) for message in self.messages)

    def _line(self, message: Message) -> str:
        when = datetime.fromtimestamp(message.date, UTC).strftime("%H:%M")
        who = self._world.users[message.sender_id].name
        kinds = [name for name in message.content if name not in ("text", "entities")]
        text = message.text or f"<{', '.join(kinds)}>"
        buttons = "".join(f" [{label}]" for label in message.buttons)
        edited = " (edited)" if message.edit_date else ""
        topic = f" #{message.thread_id}" if message.thread_id else ""
        return f"{when}{topic} {who}{edited}: {text}{buttons}"

    async def wait_for(
        self,
        predicate: Callable[[Message], bool],
        *,
        after: Message | None = None,
        seconds: float = WAIT_SECONDS,
    ) -> Message:
        """The newest message that fits, now or as soon as there is one.

        `after` leaves out that message and all before it. Raises NotSeen, with the
        whole transcript, when none came in time (real seconds).
        """
        least = after.message_id if after else 0
        found: list[Message] = []

        def seen() -> bool:
            found[:] = [
                one
                for one in self.messages
                if one.message_id > least and predicate(one)
            ]
            return bool(found)

        await self.wait_until(seen, seconds=seconds)
        return found[-1]

    async def wait_for_text(
        self,
        part: str,
        *,
        after: Message | None = None,
        seconds: float = WAIT_SECONDS,
    ) -> Message:
        """The newest message of the bot whose text holds this."""
        bot = self._world.bot.id
        return await self.wait_for(
            lambda one: one.sender_id == bot and part in one.text,
            after=after,
            seconds=seconds,
        )

    async def wait_until(
        self, holds: Callable[[], bool], *, seconds: float = WAIT_SECONDS
    ) -> None:
        """Wait until something holds, looking again at every change of the world."""
        if not await self._world.bell.until(holds, seconds):
            raise NotSeen(
                f"Not seen within {seconds} s. The chat:\n{self.transcript()}"
            )


class Press:
    """A button that was pressed."""

    def __init__(self, world: World, query: Query) -> None:
        self._world = world
        self.query = query

    @property
    def answer(self) -> Json | None:
        """What the bot answered: text, show_alert, url; None while it spins."""
        return self.query.answer

    async def answered(self, seconds: float = WAIT_SECONDS) -> Json:
        """Wait for the bot's answer."""
        where = Conversation(self._world, self._world.chats[self.query.chat_id])
        await where.wait_until(lambda: self.query.answer is not None, seconds=seconds)
        return self.query.answer or {}


class Person:
    """Somebody with a Telegram account. Without `chat`, acts happen in private."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user

    @property
    def id(self) -> int:
        """The user's id, which is the private chat's too."""
        return self.user.id

    @property
    def name(self) -> str:
        """The name over the bubbles."""
        return self.user.name

    def private_chat(self) -> Conversation:
        """The chat with the bot."""
        chat = self._world.private_chat(self.user)
        self._world.commit()
        return Conversation(self._world, chat)

    def _chat(self, chat: Conversation | None) -> Chat:
        return chat.chat if chat else self._world.private_chat(self.user)

    async def start(self, payload: str = "") -> Message:
        """Tap START, or open the bot by a link with a payload."""
        message = acts.start(self._world, self.user, payload)
        self._world.commit()
        return message

    async def send(
        self,
        text: str,
        chat: Conversation | None = None,
        *,
        thread_id: int | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Write; gives the last message where a long text became several."""
        sent = acts.write(
            self._world,
            self.user,
            self._chat(chat),
            text,
            reply_to=reply_to.message_id if reply_to else None,
            thread_id=thread_id,
        )
        self._world.commit()
        return sent[-1]

    async def reply(self, message: Message, text: str) -> Message:
        """Answer a message where it stands."""
        where = Conversation(self._world, self._world.chats[message.chat_id])
        return await self.send(
            text, where, thread_id=message.thread_id, reply_to=message
        )

    async def press(self, message: Message, label: str) -> Press:
        """Press the inline button with this label, or with this callback data."""
        for button in (button for row in message.rows for button in row):
            data = button.get("callback_data")
            if data is not None and label in (button["text"], data):
                query = acts.press(self._world, self.user, message, data)
                self._world.commit()
                return Press(self._world, query)
        raise Impossible(f"No button {label!r} among {message.buttons}.")

    async def edit(self, message: Message, text: str) -> None:
        """Edit one's own message."""
        acts.edit(self._world, self.user, message, text)
        self._world.commit()

    async def delete(self, message: Message) -> None:
        """Delete a message for everybody."""
        acts.delete(self._world, self.user, message)
        self._world.commit()

    async def block(self) -> None:
        """Block the bot."""
        acts.set_blocked(self._world, self.user, blocked=True)
        self._world.commit()

    async def unblock(self) -> None:
        """Take the block back."""
        acts.set_blocked(self._world, self.user, blocked=False)
        self._world.commit()

    async def _say(
        self, content: Json, chat: Conversation | None, thread_id: int | None
    ) -> Message:
        where = self._chat(chat)
        message = acts.say(self._world, self.user, where, content, thread_id=thread_id)
        self._world.commit()
        return message

    async def send_sticker(
        self,
        emoji: str = "👍",
        chat: Conversation | None = None,
        *,
        thread_id: int | None = None,
    ) -> Message:
        """Send a sticker."""
        return await self._say(
            acts.sticker_content(self._world, emoji), chat, thread_id
        )

    async def send_voice(
        self, chat: Conversation | None = None, *, thread_id: int | None = None
    ) -> Message:
        """Send a voice message of a few seconds."""
        return await self._say(acts.voice_content(self._world), chat, thread_id)

    async def send_photo(
        self,
        caption: str = "",
        content: bytes = b"",
        chat: Conversation | None = None,
        *,
        thread_id: int | None = None,
    ) -> Message:
        """Send a PNG or JPEG; without bytes, a sample."""
        made = acts.photo_content(self._world, caption, content)
        return await self._say(made, chat, thread_id)

    async def send_document(
        self,
        name: str,
        content: bytes,
        mime_type: str = "application/octet-stream",
        caption: str = "",
        chat: Conversation | None = None,
        *,
        thread_id: int | None = None,
    ) -> Message:
        """Send a file."""
        made = acts.document_content(self._world, name, content, mime_type, caption)
        return await self._say(made, chat, thread_id)

    async def forward(
        self,
        text: str,
        from_name: str = "Kim",
        chat: Conversation | None = None,
        *,
        thread_id: int | None = None,
    ) -> Message:
        """Forward a text somebody else wrote."""
        made = acts.forwarded_content(self._world, text, from_name)
        return await self._say(made, chat, thread_id)


class Group(Conversation):
    """A group or a supergroup, with what its members can do to it."""

    @property
    def topics(self) -> list[Topic]:
        """The topics, oldest first."""
        return list(self.chat.topics.values())

    def topic(self, name: str) -> Topic:
        """The topic of this name. Raises Impossible where there is none."""
        for topic in self.topics:
            if topic.name == name:
                return topic
        raise Impossible(f"No topic {name!r} among {[one.name for one in self.topics]}")

    def in_topic(self, topic: Topic) -> list[Message]:
        """The topic's messages, oldest first."""
        return [one for one in self.messages if one.thread_id == topic.thread_id]

    @property
    def _owner(self) -> User:
        for user_id in self.chat.members:
            if user_id != self._world.bot.id:
                return self._world.users[user_id]
        raise Impossible("Nobody is in this group.")

    def add(self, person: Person, status: str = "member") -> None:
        """Let a person in."""
        acts.add_member(self._world, self.chat, person.user, status)
        self._world.commit()

    def remove(self, person: Person) -> None:
        """A person leaves."""
        acts.remove_member(self._world, self.chat, person.user)
        self._world.commit()

    def set_bot_status(self, status: str) -> None:
        """Make the bot "member", "administrator", "left" or "kicked"."""
        acts.set_bot_status(self._world, self._owner, self.chat, status)
        self._world.commit()

    def open_topic(self, name: str, by: Person | None = None) -> Topic:
        """A person opens a topic."""
        user = by.user if by else self._owner
        topic = acts.open_topic(self._world, user, self.chat, name)
        self._world.commit()
        return topic

    def close_topic(self, topic: Topic) -> None:
        """A person closes a topic."""
        acts.set_topic_closed(self._world, self._owner, self.chat, topic, closed=True)
        self._world.commit()

    def reopen_topic(self, topic: Topic) -> None:
        """A person reopens a topic."""
        acts.set_topic_closed(self._world, self._owner, self.chat, topic, closed=False)
        self._world.commit()

    def delete_topic(self, topic: Topic) -> None:
        """A person deletes a topic; the bot hears nothing."""
        self._world.remove_topic(self.chat, topic)
        self._world.commit()

    def migrate(self) -> "Group":
        """The group becomes a supergroup, which is given back."""
        chat = acts.migrate(self._world, self._owner, self.chat)
        self._world.commit()
        return Group(self._world, chat)
