"""The world as it is: people, chats, messages; every change is kept and told."""

import random
import secrets
from collections.abc import Callable
from datetime import timedelta

from bot.local import shown
from bot.local.bell import Bell
from bot.local.clock import Clock
from bot.local.journal import Journal
from bot.local.limits import QUERY_LIVES_SECONDS
from bot.local.nouns import (
    Chat,
    Json,
    Message,
    Profile,
    Query,
    StoredFile,
    Topic,
    User,
    Webhook,
)
from bot.local.updates import Updates

FIRST_PERSON = 5_000_000_001  # beyond 32 bits, as many real ids are
FIRST_GROUP = -4_000_000_001
FIRST_SUPERGROUP = -1_002_000_000_001
ADMIN = "administrator"


class World:
    """Everything there is, read from the journal and written through to it."""

    def __init__(self, bot: User, journal: Journal, clock: Clock) -> None:
        self.journal = journal
        self.clock = clock
        self.bot = bot
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.queries: dict[str, Query] = {}
        self.files: dict[str, StoredFile] = {}
        self.file_bytes: dict[str, bytes] = {}
        self.profile = Profile()
        self.webhook = Webhook()
        self.path_token = secrets.token_urlsafe(16)
        self.bell = Bell()
        self.listeners: list[Callable[[Json], None]] = []
        self._last_message_id = 0  # private chats and groups share it, as in reality
        self.updates = Updates(journal)
        self._load()

    # — what was —

    def _load(self) -> None:
        read = self.journal.read
        for _, document in read("world"):
            self._last_message_id = document["last_message_id"]
            self.path_token = document["path_token"]
            self.clock.restore(timedelta(seconds=document["clock_offset_seconds"]))
        for _, document in read("user"):
            user = User.from_json(document)
            self.users[user.id] = user
        for _, document in read("chat"):
            chat = Chat.from_json(document)
            self.chats[chat.id] = chat
        messages = [Message.from_json(document) for _, document in read("message")]
        for message in sorted(messages, key=lambda one: one.message_id):
            self.chats[message.chat_id].messages[message.message_id] = message
        for _, document in read("query"):
            query = Query.from_json(document)
            self.queries[query.id] = query
        for _, document in read("file"):
            stored = StoredFile.from_json(document)
            self.files[stored.id] = stored
        self.file_bytes = dict(self.journal.read_files())
        for _, document in read("profile"):
            self.profile = Profile.from_json(document)
        for _, document in read("webhook"):
            self.webhook = Webhook.from_json(document)
        self.users[self.bot.id] = self.bot
        self._keep_counters()
        self.commit()

    # — keeping and telling —

    def _keep_counters(self) -> None:
        self.journal.keep(
            "world",
            "counters",
            {
                "last_message_id": self._last_message_id,
                "path_token": self.path_token,
                "clock_offset_seconds": self.clock.offset.total_seconds(),
            },
        )

    def commit(self) -> None:
        """Make all changes since the last commit durable, together."""
        self.journal.commit()
        self.bell.ring()

    def tell(self, event: Json) -> None:
        """Let the page know."""
        for listener in list(self.listeners):
            listener(event)

    @property
    def now(self) -> int:
        """Seconds since 1970 on the local clock."""
        return int(self.clock.now().timestamp())

    def move_clock(self, by: timedelta) -> None:
        """Let time pass."""
        self.clock.move(by)
        self._keep_counters()
        self.updates.expire(self.clock.now().timestamp())
        self.commit()
        self.tell({"type": "clock", **shown.clock(self.clock)})

    # — people and chats —

    def add_user(
        self,
        first_name: str,
        *,
        last_name: str = "",
        username: str = "",
        language_code: str = "",
    ) -> User:
        """A new person."""
        people = [user.id for user in self.users.values() if not user.is_bot]
        user = User(
            max([*people, FIRST_PERSON - 1]) + 1,
            first_name,
            last_name,
            username,
            language_code,
        )
        self.users[user.id] = user
        self.keep_user(user)
        return user

    def keep_user(self, user: User) -> None:
        """Write a person who is new or changed."""
        self.journal.keep("user", str(user.id), user.to_json())
        self.tell({"type": "user", "user": user.as_api()})

    def add_chat(self, chat: Chat) -> Chat:
        """A new chat."""
        self.chats[chat.id] = chat
        self.keep_chat(chat)
        return chat

    def private_chat(self, user: User) -> Chat:
        """The chat of a person with the bot, made when first asked for."""
        found = self.chats.get(user.id)
        return found or self.add_chat(Chat(user.id, "private"))

    def next_group_id(self, kind: str) -> int:
        """The id of the next group or supergroup."""
        first = FIRST_SUPERGROUP if kind == "supergroup" else FIRST_GROUP
        taken = [chat.id for chat in self.chats.values() if chat.kind == kind]
        return min([*taken, first + 1]) - 1

    def keep_chat(self, chat: Chat) -> None:
        """Write a chat that changed, and show it."""
        self.journal.keep("chat", str(chat.id), chat.to_json())
        self.tell({"type": "chat", "chat": shown.chat_on_page(self, chat)})

    # — messages —

    def _next_message_id(self, chat: Chat) -> int:
        if chat.kind == "supergroup":
            chat.last_message_id += 1
            return chat.last_message_id
        self._last_message_id += 1
        self._keep_counters()
        return self._last_message_id

    def post(
        self,
        chat: Chat,
        sender_id: int,
        content: Json,
        *,
        reply_markup: Json | None = None,
        keyboard: Json | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
        protected: bool = False,
        service: bool = False,
    ) -> Message:
        """Put a message into a chat. A reply keyboard becomes the chat's."""
        message = Message(
            chat.id,
            self._next_message_id(chat),
            sender_id,
            self.now,
            content,
            reply_markup,
            keyboard,
            reply_to,
            thread_id,
            protected=protected,
            service=service,
        )
        chat.messages[message.message_id] = message
        if keyboard is not None:
            shows = "keyboard" in keyboard or "force_reply" in keyboard
            chat.keyboard = (
                {"message_id": message.message_id, "markup": keyboard}
                if shows
                else None
            )
        self.keep_chat(chat)
        self.keep_message(message)
        return message

    def keep_message(self, message: Message) -> None:
        """Write a message that is new or changed, and show it."""
        self.journal.keep("message", message.key, message.to_json())
        self.tell({"type": "message", "message": shown.on_page(self, message)})

    def remove(self, chat: Chat, message_ids: list[int]) -> None:
        """Take messages away; the bot hears nothing of it."""
        gone = [one for one in message_ids if chat.messages.pop(one, None)]
        for message_id in gone:
            self.journal.forget("message", f"{chat.id}:{message_id}")
        if set(gone) & set(chat.pinned):
            chat.pinned = [one for one in chat.pinned if one not in gone]
            self.keep_chat(chat)
        self.tell({"type": "removed", "chat_id": chat.id, "message_ids": gone})

    def remove_topic(self, chat: Chat, topic: Topic) -> None:
        """Take a topic away with all that stands in it; the bot hears nothing."""
        del chat.topics[topic.thread_id]
        self.remove(
            chat,
            [
                message.message_id
                for message in chat.messages.values()
                if message.thread_id == topic.thread_id
            ],
        )
        self.keep_chat(chat)

    def service(
        self, chat: Chat, sender_id: int, content: Json, thread_id: int | None = None
    ) -> Message:
        """A grey line. The bot gets it as an update, its own ones too."""
        message = self.post(chat, sender_id, content, thread_id=thread_id, service=True)
        self.send_update("message", shown.message(self, message))
        return message

    def send_update(self, kind: str, body: Json) -> int | None:
        """Let the bot know."""
        return self.updates.add(kind, body, self.clock.now().timestamp())

    # — presses —

    def add_query(self, user: User, message: Message, data: str) -> Query:
        """A press that waits for its answer."""
        query = Query(
            str(random.getrandbits(62)),
            user.id,
            message.chat_id,
            message.message_id,
            data,
            self.clock.now().timestamp(),
        )
        self.queries[query.id] = query
        self.keep_query(query)
        self.send_update("callback_query", shown.callback_query(self, query, message))
        return query

    def keep_query(self, query: Query) -> None:
        """Write a press that is new or was answered, and show it."""
        self.journal.keep("query", query.id, query.to_json())
        self.tell({"type": "query", "query": shown.query_on_page(query)})

    def open_query(self, query_id: str) -> Query | None:
        """The press, while it can be answered."""
        query = self.queries.get(query_id)
        if query is None or query.answer is not None:
            return None
        age = self.clock.now().timestamp() - query.pressed_at
        return query if age <= QUERY_LIVES_SECONDS else None

    # — files —

    def store_file(
        self,
        kind: str,
        name: str,
        mime_type: str,
        content: bytes,
        size: tuple[int, int] = (0, 0),
    ) -> StoredFile:
        """Keep an uploaded file. `size` is width and height in pixels."""
        file_id = f"{kind}-{secrets.token_urlsafe(24)}"
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        stored = StoredFile(
            file_id,
            secrets.token_urlsafe(9),
            f"{kind}s/file_{len(self.files)}.{suffix}",
            name,
            mime_type,
            len(content),
            kind,
            *size,
        )
        self.files[file_id] = stored
        self.file_bytes[file_id] = content
        self.journal.keep("file", file_id, stored.to_json())
        self.journal.keep_file(file_id, content)
        return stored

    # — the bot itself —

    def keep_profile(self) -> None:
        """Write what the bot says about itself, and show it."""
        self.journal.keep("profile", "bot", self.profile.to_json())
        self.tell({"type": "bot", "bot": shown.bot_on_page(self)})

    def keep_webhook(self) -> None:
        """Write where updates are delivered to."""
        self.journal.keep("webhook", "bot", self.webhook.to_json())
