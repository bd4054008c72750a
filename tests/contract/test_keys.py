"""What every store promises of the keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.errors import KeyDestroyed, MasterKeyMissing, MasterKeyWrong, SealBroken
from bot.keys import SCHEMA, KeyStore, master_key, place
from bot.store.engine import Database, Store
from tests.contract.conftest import open_keys

HERE = place("table", "column", 1)


def test_what_is_sealed_opens_after_a_restart(
    keys: KeyStore, database: Database, tmp_path: Path
):
    """In its own place, with its own key, and nowhere else."""
    one, two = keys.new_keys(2)
    sealed = keys.seal(one, HERE, b"words")
    hashed = keys.lookup_hash(42)
    again = open_keys(database, tmp_path)
    assert again.open(one, HERE, sealed) == b"words"
    assert again.lookup_hash(42) == hashed
    for key_id, where in [(two, HERE), (one, place("table", "column", 2))]:
        with pytest.raises(SealBroken):
            again.open(key_id, where, sealed)
    again.close()


def test_a_destroyed_key_opens_nothing_ever_again(
    keys: KeyStore, database: Database, tmp_path: Path
):
    """Here, after a restart, and in a replica that is told."""
    other = open_keys(database, tmp_path)
    (one,) = keys.new_keys(1)
    sealed = keys.seal(one, HERE, b"words")
    assert other.open(one, HERE, sealed) == b"words"
    keys.destroy(one)
    other.forget(one)
    third = open_keys(database, tmp_path)
    for store in (keys, other, third):
        assert not store.has(one)
        with pytest.raises(KeyDestroyed):
            store.open(one, HERE, sealed)
    other.close()
    third.close()


def test_another_master_key_is_refused_at_the_start(
    keys: KeyStore, database: Database, tmp_path: Path
):
    """Wrong or missing, it is told at once."""
    beside = tmp_path / "exoplan.keys.db" if isinstance(database, Path) else database
    with pytest.raises(MasterKeyWrong):
        KeyStore(beside, master_key("A" * 43 + "=", tmp_path / "none"))
    with pytest.raises(MasterKeyMissing):
        KeyStore(beside, master_key(None, tmp_path / "none"))


def test_keys_lie_apart_from_the_data(postgresql: str, tmp_path: Path):
    """In a schema of their own, which a backup of the tables leaves out."""
    keys = open_keys(postgresql, tmp_path)
    keys.new_keys(3)
    keys.close()
    engine = create_engine(postgresql.replace("://", "+psycopg://", 1))
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT schemaname FROM pg_tables WHERE tablename = 'keys'")
        )
        assert list(found.scalars()) == [SCHEMA]
        count = connection.scalar(text(f"SELECT count(*) FROM {SCHEMA}.keys"))
        assert count == 3 + 3  # and the check, the house's and the lookup key
    engine.dispose()


def test_a_store_that_lost_its_server_finds_its_keys_again(
    postgresql: str, tmp_path: Path
):
    """The connection is made anew when it is needed."""
    keys, store = open_keys(postgresql, tmp_path), Store(postgresql)
    (one,) = keys.new_keys(1)
    sealed = keys.seal(one, HERE, b"words")
    keys.forget()
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid != pg_backend_pid() AND datname = current_database()"
    )
    store.write_now(lambda c: c.execute(ended))
    with pytest.raises(Exception, match=r"terminat|closed"):
        keys.open(one, HERE, sealed)
    assert keys.open(one, HERE, sealed) == b"words"
    keys.close()
    store.close()
