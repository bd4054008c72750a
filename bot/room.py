"""The group of the team: where it is, and whether it has topics."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.store import outbox, settings

#: Numbers of supergroups lie below this one, those of basic groups above it.
_SUPERGROUPS_BELOW = -1_000_000_000_000


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

    def numbered(self, chat_id: int, message: int) -> int:
        """A message's number as it is kept: below zero where a basic group gave it.

        A basic group that becomes a supergroup begins to number from one again, so
        that the bare number would name another message.
        """
        return -message if _SUPERGROUPS_BELOW < chat_id < 0 else message

    def message(self, number: int) -> int:
        """The number under which Telegram knows it now; 0: the group has moved on."""
        return max(0, self.numbered(self.current or 0, number))

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
        """Remember where Telegram moved the group to; its messages stay behind."""
        if settings.value(connection, self._moved) != str(chat_id):
            settings.remember(connection, self._moved, str(chat_id))
            outbox.leave_behind(connection, self.lane)

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
