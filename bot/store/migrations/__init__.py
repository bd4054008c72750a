"""Bring a database to the newest schema, step by step, without a command line."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

from bot.errors import SchemaTooNew
from bot.store import settings
from bot.store.across import wait_patiently_for_lock

HEAD = "0011"  #: the schema that this release reads and writes

#: The oldest schema whose release still works on HEAD: all it reads and writes is
#: there. To be raised by whatever is taken away.
SURVIVED_BY = "0003"

_NOTE = "schema_survived_by"  # in bot_settings: "<schema>:<oldest that survives it>"


def upgrade(connection: Connection) -> None:
    """Run what is missing, in the transaction of `connection`.

    Raises:
        SchemaTooNew: the database was made by a later release, and is not one that this
            release survives.
    """
    if current(connection) == HEAD:
        return  # before Alembic is imported: it takes longer than the whole start
    # Another replica may start as we do.
    wait_patiently_for_lock(connection, "schema")
    if current(connection) == HEAD or _survives(connection):
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, HEAD)
    except CommandError:
        raise SchemaTooNew(f"schema {current(connection)}, known {HEAD}") from None
    settings.remember(connection, _NOTE, f"{HEAD}:{SURVIVED_BY}")


def current(connection: Connection) -> str | None:
    """The schema of the database, None where there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return version


def _survives(connection: Connection) -> bool:
    """Whether a later release brought this schema, and left us all that we need.

    So that a replica of the previous release may start while others are upgraded.
    """
    found = current(connection)
    if found is None or found < HEAD:
        return False
    schema, _, oldest = (settings.value(connection, _NOTE) or "").partition(":")
    return schema == found and "" < oldest <= HEAD
