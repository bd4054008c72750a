"""The database: one writer, one schema, one process."""

from __future__ import annotations

import asyncio
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import IntegrityError

from bot.errors import AlreadyRunning, SchemaTooNew, StoreUnavailable
from bot.store import inbox
from bot.store.engine import Store
from bot.store.migrations import HEAD, current, upgrade
from bot.store.tables import bot_settings

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


async def test_what_fails_does_not_spoil_what_shares_its_transaction(store: Store):
    """Many writes at once, some broken: the good ones are kept, each exactly once."""

    async def write(number: int) -> int:
        def run(connection: Connection) -> int:
            name = "same" if number % 3 == 0 else f"n{number}"
            connection.execute(insert(bot_settings).values(name=name, value="x"))
            return number

        return await store.write(run)

    done = await asyncio.gather(
        *(write(number) for number in range(30)), return_exceptions=True
    )
    failed = [one for one in done if isinstance(one, IntegrityError)]
    assert len(failed) == 9
    ours = select(bot_settings).where(bot_settings.c.value == "x")
    kept = store.write_now(lambda c: c.execute(ours).all())
    assert len(kept) == 21


def test_moments_keep_their_zone(store: Store):
    """What goes in aware comes out in UTC; what is naive is refused."""
    row = {
        "key": "k",
        "lane": "p:1",
        "status": "pending",
        "attempts": 0,
        "not_before": NOW.astimezone(),
        "received_at": NOW,
    }
    store.write_now(lambda c: inbox.add(c, [row]))
    found = store.write_now(inbox.next_retry)
    assert found == NOW
    assert found is not None
    assert found.tzinfo is UTC
    with pytest.raises(Exception, match="needs its zone"):
        store.write_now(
            lambda c: inbox.add(c, [row | {"received_at": NOW.replace(tzinfo=None)}])
        )


def test_the_heads_are_the_oldest_waiting_row_of_every_lane(store: Store):
    """Against a plain reading of the same rows, for many random tables."""
    chance = random.Random(7)
    rows: list[dict[str, object]] = [
        {
            "key": str(number),
            "lane": f"p:{chance.randrange(12)}",
            "status": chance.choice(["pending", "pending", "done", "set_aside"]),
            "attempts": 0,
            "not_before": chance.choice([None, None, NOW + timedelta(seconds=1)]),
            "received_at": NOW,
        }
        for number in range(300)
    ]
    store.write_now(lambda c: inbox.add(c, rows))
    first: dict[str, dict[str, object]] = {}
    for row in rows:
        if row["status"] == "pending":
            first.setdefault(str(row["lane"]), row)
    ready = [row["key"] for row in first.values() if row["not_before"] is None]
    expected = sorted(ready, key=lambda key: int(str(key)))
    found = store.write_now(lambda c: inbox.heads(c, NOW, 100))
    assert [row.key for row in found] == expected
    assert store.write_now(lambda c: inbox.heads(c, NOW, 2)) == found[:2]
    later = store.write_now(lambda c: inbox.heads(c, NOW + timedelta(seconds=1), 100))
    assert len(later) == len(first)
