"""Statements about what the bot has to remember about itself."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert  # SQLite reads it too

from bot.store.tables import bot_settings

#: Where the bot's username is remembered, as Telegram told it.
BOT_NAME = "bot_username"


def value(connection: Connection, name: str) -> str | None:
    """What is remembered under this name."""
    found: str | None = connection.scalar(
        select(bot_settings.c.value).where(bot_settings.c.name == name)
    )
    return found


def remember(connection: Connection, name: str, new: str) -> None:
    """Remember `new` under this name, in place of what was there."""
    row = insert(bot_settings).values(name=name, value=new)
    connection.execute(
        row.on_conflict_do_update(index_elements=["name"], set_={"value": new})
    )
