"""Bring a database to the newest schema, step by step, without a command line."""

from __future__ import annotations

from sqlalchemy import Connection, inspect

from bot.errors import SchemaTooNew
from bot.store.across import wait_for_lock

HEAD = "0003"  #: the schema that this release reads and writes


def upgrade(connection: Connection) -> None:
    """Run what is missing, in the transaction of `connection`.

    Raises:
        SchemaTooNew: the database was made by a later release.
    """
    if current(connection) == HEAD:
        return  # before Alembic is imported: it takes longer than the whole start
    wait_for_lock(connection, "schema")  # another replica may start as we do
    if current(connection) == HEAD:
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


def current(connection: Connection) -> str | None:
    """The schema of the database, None where there is none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar()
    return version
