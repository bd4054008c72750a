"""The database: one writer, one schema, one process."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from bot.errors import AlreadyRunning, SchemaTooNew, StoreUnavailable
from bot.store.engine import Store
from bot.store.migrations import HEAD, current, upgrade

NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path):
    """A migrated database."""
    opened = Store(tmp_path / "a.db")
    opened.write_now(upgrade)
    yield opened
    opened.close()


def test_the_newest_migration_is_the_one_the_program_asks_for(store: Store):
    """The short cut past Alembic names the real head."""
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD
    assert store.write_now(current) == HEAD


def test_a_database_of_a_later_release_is_left_alone(store: Store):
    """It is refused with one line that says what to do, and is not touched."""
    store.write_now(
        lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    )
    tables = text("SELECT sql FROM sqlite_master ORDER BY name")
    before = store.write_now(lambda c: c.execute(tables).all())
    with pytest.raises(SchemaTooNew, match="upgrade the program"):
        store.write_now(upgrade)
    assert store.write_now(lambda c: c.execute(tables).all()) == before


def test_one_process_a_database(tmp_path: Path, store: Store):
    """A second one is refused at once, and may start when the first is done."""
    with pytest.raises(AlreadyRunning):
        Store(tmp_path / "a.db")


def test_a_folder_that_is_not_there_is_one_clear_line(tmp_path: Path):
    """The path is named."""
    with pytest.raises(StoreUnavailable, match="nowhere"):
        Store(tmp_path / "nowhere" / "a.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_one_clear_line(tmp_path: Path):
    """The path is named."""
    tmp_path.chmod(0o500)
    with pytest.raises(StoreUnavailable):
        Store(tmp_path / "a.db")


def test_a_folder_in_place_of_the_file_is_one_clear_line(tmp_path: Path):
    """What cannot be opened for writing is named."""
    (tmp_path / "a.db").mkdir()
    with pytest.raises(StoreUnavailable, match=r"a\.db"):
        Store(tmp_path / "a.db")


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path):
    """Nothing of it is overwritten."""
    path = tmp_path / "a.db"
    path.write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Store(path)
    assert path.read_bytes().startswith(b"this is a letter")
