"""Both databases, each test with one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.keys import KeyStore, master_key
from bot.store.engine import Database, Store
from bot.store.migrations import upgrade
from tests.postgres import database as new_database
from tests.postgres import postgres


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server for all of these tests."""
    with postgres() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(server: str) -> Iterator[str]:
    """Name of a database with all tables, to copy from: faster than migrating."""
    with new_database(server) as url:
        store = Store(url)
        store.write_now(upgrade)
        store.close()
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    if request.param == "sqlite":
        yield tmp_path / "exoplan.db"
        return
    with new_database(request.getfixturevalue("server")) as url:
        yield url


@pytest.fixture
def postgresql(server: str, migrated: str) -> Iterator[str]:
    """A PostgreSQL database, for what there is on no other."""
    with new_database(server, migrated) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with all tables, and nothing in them."""
    if request.param == "sqlite":
        path = tmp_path / "exoplan.db"
        store = Store(path)
        store.write_now(upgrade)
        store.close()
        yield path
        return
    yield request.getfixturevalue("postgresql")


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """The program's hold on it."""
    opened = Store(database)
    yield opened
    opened.close()


@pytest.fixture
def keys(database: Database, tmp_path: Path) -> Iterator[KeyStore]:
    """The keys beside it."""
    opened = open_keys(database, tmp_path)
    yield opened
    opened.close()


def open_keys(database: Database, folder: Path) -> KeyStore:
    """A key store as the program opens it."""
    beside = folder / "exoplan.keys.db" if isinstance(database, Path) else database
    return KeyStore(beside, master_key(None, folder / "key"))
