"""Who and what is in the local Telegram, and how each goes to and from the journal."""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

Json = dict[str, Any]


class _Kept:
    """Goes to the journal as it is and comes back as it was."""

    __slots__ = ()

    def to_json(self) -> Json:
        return asdict(self)  # type: ignore[call-overload,no-any-return]

    @classmethod
    def from_json(cls, document: Json) -> Self:
        return cls(**document)


@dataclass(slots=True)
class User(_Kept):
    id: int  #: above 2**32, as many real ones are; the bot's comes from its token
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""  #: IETF tag of the app, empty where it tells none
    is_bot: bool = False

    @property
    def name(self) -> str:
        """The name shown over a bubble."""
        return f"{self.first_name} {self.last_name}".strip()

    def as_api(self) -> Json:
        """A Bot API `User`."""
        shown: Json = {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.first_name,
        }
        if self.last_name:
            shown["last_name"] = self.last_name
        if self.username:
            shown["username"] = self.username
        if self.language_code:
            shown["language_code"] = self.language_code
        return shown


@dataclass(slots=True)
class Topic(_Kept):
    thread_id: int  #: the id of the service message that opened it
    name: str
    icon_color: int
    closed: bool = False
    icon_custom_emoji_id: str = ""


@dataclass(slots=True)
class Message(_Kept):
    chat_id: int
    message_id: int
    sender_id: int
    date: int  #: seconds since 1970, the local clock
    content: Json  #: text, entities, photo, caption …, named as in the Bot API
    reply_markup: Json | None = None  #: the inline keyboard under the bubble
    keyboard: Json | None = None  #: a reply keyboard, its removal, or a forced reply
    reply_to: int | None = None
    thread_id: int | None = None  #: the forum topic it stands in
    edit_date: int | None = None
    reactions: list[str] = field(default_factory=list)  #: the bot's emoji on it
    protected: bool = False  #: may be neither forwarded nor copied
    service: bool = False  #: a grey line, not a bubble

    @property
    def key(self) -> str:
        return f"{self.chat_id}:{self.message_id}"

    @property
    def text(self) -> str:
        """The text or the caption."""
        return str(self.content.get("text") or self.content.get("caption") or "")

    @property
    def entities(self) -> list[Json]:
        """The entities of the text or the caption."""
        found = self.content.get("entities") or self.content.get("caption_entities")
        return list(found or [])

    @property
    def rows(self) -> list[list[Json]]:
        """The inline keyboard's rows."""
        return list((self.reply_markup or {}).get("inline_keyboard", []))

    @property
    def buttons(self) -> list[str]:
        """What is written on the inline buttons, row by row."""
        return [str(button["text"]) for row in self.rows for button in row]


@dataclass(slots=True)
class Chat(_Kept):
    id: int
    kind: str  #: private, group or supergroup
    title: str = ""  #: of a group
    is_forum: bool = False
    members: dict[int, str] = field(default_factory=dict)  #: user id → status
    pinned: list[int] = field(default_factory=list)
    keyboard: Json | None = None  #: what stands above the input: {message_id, markup}
    started: bool = False  #: private: the person wrote to the bot at least once
    blocked: bool = False  #: private: the person blocked the bot
    migrated_to: int | None = None  #: the supergroup this group became
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)  #: in order of id
    last_message_id: int = 0  #: supergroups count on their own

    def to_json(self) -> Json:
        """Without messages, which the journal keeps one by one."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "is_forum": self.is_forum,
            "members": [[user, status] for user, status in self.members.items()],
            "pinned": self.pinned,
            "keyboard": self.keyboard,
            "started": self.started,
            "blocked": self.blocked,
            "migrated_to": self.migrated_to,
            "topics": [topic.to_json() for topic in self.topics.values()],
            "last_message_id": self.last_message_id,
        }

    @classmethod
    def from_json(cls, document: Json) -> Self:
        topics = [Topic.from_json(topic) for topic in document["topics"]]
        return cls(
            **{
                **document,
                "members": dict(document["members"]),
                "topics": {topic.thread_id: topic for topic in topics},
            }
        )


@dataclass(slots=True)
class Query(_Kept):
    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    pressed_at: float  #: seconds since 1970, the local clock
    answer: Json | None = None  #: what the bot answered; None while it spins


@dataclass(slots=True)
class StoredFile(_Kept):
    id: str
    unique_id: str
    path: str  #: as getFile names it
    name: str
    mime_type: str
    size: int  #: bytes
    kind: str  #: photo, document, voice, sticker
    width: int = 0  #: pixels, of pictures
    height: int = 0


@dataclass(slots=True)
class Webhook(_Kept):
    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    allowed_updates: list[str] = field(default_factory=list)
    last_error_date: int = 0
    last_error_message: str = ""


@dataclass(slots=True)
class Profile(_Kept):
    """What the bot says about itself; texts are by language code, "" for all."""

    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)  #: by scope|language
    menu_buttons: dict[str, Json] = field(
        default_factory=dict
    )  #: by chat id, "" for all
