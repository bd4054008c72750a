"""The group of the team: where it is, and whether it has topics."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.store import settings


@dataclass(slots=True)
class StaffRoom:
    """The group of the team, which Telegram may move to another number."""

    configured: int | None  #: as clinic.toml names it
    current: int | None = None  #: as Telegram names it now
    username: str = ""  #: of the bot, lower case, once Telegram told
    topics: bool = False  #: a patient's notes stand in a topic of their own

    def __post_init__(self) -> None:
        self.current = self.current or self.configured

    @property
    def lane(self) -> str:
        """The lane of the staff chat; it stays when the group moves."""
        return f"s:{self.configured}"

    def is_here(self, chat_id: int) -> bool:
        """Whether a chat is the staff chat."""
        return self.configured is not None and chat_id in (
            self.current,
            self.configured,
        )

    def link(self, thread: int) -> str:
        """Address of a topic, for members of the group; empty where it has none."""
        chat = str(self.current)
        inner = chat.removeprefix("-100")
        return f"https://t.me/c/{inner}/{thread}" if inner != chat else ""

    def recall(self, connection: Connection) -> None:
        """Take up where the group had moved to before, and whether it had topics."""
        moved = settings.value(connection, self._moved)
        if moved is not None:
            self.current = int(moved)
        self.topics = settings.value(connection, self._topics) == "on"

    def moved(self, connection: Connection, chat_id: int) -> None:
        """Remember where Telegram moved the group to."""
        settings.remember(connection, self._moved, str(chat_id))

    def keep_topics(self, connection: Connection, on: bool) -> None:
        """Remember whether topics can be opened here."""
        settings.remember(connection, self._topics, "on" if on else "off")
        if on:
            settings.remember(connection, self.had_topics, "yes")

    def keep_username(self, connection: Connection) -> None:
        """Remember it for `exoplan staff invite`."""
        settings.remember(connection, settings.BOT_NAME, self.username)

    @property
    def had_topics(self) -> str:
        """Name of the setting that tells whether it ever had topics."""
        return f"staff_topics_had:{self.configured}"

    @property
    def _moved(self) -> str:
        return f"staff_chat_moved:{self.configured}"

    @property
    def _topics(self) -> str:
        return f"staff_topics:{self.configured}"
