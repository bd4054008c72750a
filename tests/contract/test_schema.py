"""The tables, on both databases."""

from __future__ import annotations

import time
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from bot.store.engine import Database, Store
from bot.store.migrations import HEAD, current, upgrade
from bot.store.tables import metadata
from tests.postgres import database as new_database


def schema(connection: Connection) -> dict[str, Any]:
    """Every table with all that belongs to it, as the database tells them."""
    asked = inspect(connection)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"])
                for column in asked.get_columns(table)
            },
            "key": asked.get_pk_constraint(table),
            "references": _sorted(asked.get_foreign_keys(table)),
            "unique": _sorted(asked.get_unique_constraints(table)),
            "checks": _sorted(asked.get_check_constraints(table)),
            "indexes": _sorted(
                {**index, "dialect_options": _plain(index.get("dialect_options"))}
                for index in asked.get_indexes(table)
            ),
        }
        for table in sorted(asked.get_table_names())
        if table != "alembic_version"
    } | {"triggers": _triggers(connection)}


def _sorted(found: Any) -> list[str]:
    return sorted(str(sorted(one.items())) for one in found)


def _plain(options: Any) -> dict[str, str]:
    return {name: str(value) for name, value in (options or {}).items()}


def _triggers(connection: Connection) -> list[Any]:
    if connection.dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        asked = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
    return sorted(tuple(row) for row in connection.execute(text(asked)))


def test_fresh_and_migrated_tables_are_the_same(empty: Database):
    """The tables in code are what the migrations leave."""
    store = Store(empty)
    try:
        store.write_now(upgrade)
        migrated = store.write_now(schema)
        assert not store.write_now(
            lambda c: compare_metadata(MigrationContext.configure(c), metadata)
        )
        with store._engine.begin() as connection:
            metadata.drop_all(connection)
        store.write_now(metadata.create_all)
        assert store.write_now(schema) == migrated
    finally:
        store.close()


def test_upgrading_what_is_up_to_date_changes_nothing(store: Store):
    """Every start does it."""
    before = store.write_now(schema)
    store.write_now(upgrade)
    assert store.write_now(current) == HEAD
    assert store.write_now(schema) == before


def test_a_computer_too_busy_to_be_quick_starts_all_the_same(
    server: str, monkeypatch: pytest.MonkeyPatch
):
    """A migration that thinks for longer than a turn may is not taken for frozen."""
    migrate = command.upgrade

    def slowly(config: Config, revision: str) -> None:
        time.sleep(2.5)  # turns are ended after 2
        migrate(config, revision)

    monkeypatch.setattr(command, "upgrade", slowly)
    with new_database(server) as url:
        store = Store(url)
        store.write_now(upgrade)
        assert store.write_now(current) == HEAD
        timeouts = store.write_now(
            lambda c: c.scalar(text("SHOW idle_in_transaction_session_timeout"))
        )
        assert timeouts == "2s"
        store.close()
