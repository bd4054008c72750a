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
from sqlalchemy.exc import IntegrityError

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


def test_a_visit_may_lapse_once_its_table_was_upgraded(empty: Database):
    """What was kept before stays, and so does what refers to it."""
    store = Store(empty)

    def as_before(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "bot.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0010")
        for statement in (
            "INSERT INTO people (chat_hash, key_id, contact, language, created_at)"
            " VALUES ('', 'k', '', 'en', '2026-01-05 10:00:00')",
            "INSERT INTO visits (person_id, starts_at, zone, status, revision,"
            " booked_at, changed_at, body) VALUES (1, '2026-01-06 10:00:00', 'UTC',"
            " 'proposed', 1, '2026-01-05 10:00:00', '2026-01-05 10:00:00', '')",
            "INSERT INTO reminders (visit_id, person_id, revision, kind, rank, status)"
            " VALUES (1, 1, 1, 'proposal', 1, 'sent')",
        ):
            connection.exec_driver_sql(statement)

    lapse = "UPDATE visits SET status = 'lapsed'"
    try:
        store.write_now(as_before)
        with pytest.raises(IntegrityError):
            store.write_now(lambda c: c.exec_driver_sql(lapse))
        store.write_now(upgrade)
        assert store.write_now(lambda c: c.exec_driver_sql(lapse).rowcount) == 1
        kept = "SELECT count(*) FROM reminders WHERE visit_id = 1"
        assert store.write_now(lambda c: c.exec_driver_sql(kept).scalar()) == 1
        with pytest.raises(IntegrityError):
            store.write_now(lambda c: c.exec_driver_sql("UPDATE visits SET status=''"))
    finally:
        store.close()
    again = Store(empty)
    with pytest.raises(IntegrityError):
        again.write_now(lambda c: c.exec_driver_sql("UPDATE visits SET status=''"))
    again.close()
