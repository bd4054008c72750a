"""The database and its keys, as a command opens them while the bot may be at work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from bot.config import Settings, load_settings
from bot.errors import SchemaTooNew, StoreUnavailable
from bot.keys import KeyStore, master_key
from bot.roles import Roles
from bot.store import audit
from bot.store.audit import Entry
from bot.store.engine import open_engine
from bot.store.migrations import HEAD, current


@dataclass(frozen=True, slots=True)
class Opened:
    """What commands about keys, the team and its trail need."""

    settings: Settings
    keys: KeyStore
    roles: Roles
    engine: Engine

    def note(self, connection: Connection, action: str) -> None:
        """Write into the audit trail what was done at the command line."""
        entry = Entry(datetime.now(UTC), None, "program", action, "done")
        audit.append(connection, self.roles.keyed, [entry])


@contextmanager
def opened() -> Iterator[Opened]:
    """Open both; what was written is kept where nothing went wrong.

    Raises:
        StoreUnavailable: there is no database of this release.
        SchemaTooNew: it is one of a later release.
        SealError: the master key is missing or wrong.
    """
    settings = load_settings()
    if isinstance(settings.database, Path) and not settings.database.exists():
        raise StoreUnavailable(
            f"{settings.database}: there is no such file; EXOPLAN_DATABASE_URL says "
            "where the database is, and exoplan db upgrade makes a new one"
        )
    with ExitStack() as things:
        engine = open_engine(settings.database)
        things.callback(engine.dispose)
        with engine.connect() as connection, connection.begin():
            there = current(connection)
        if there is not None and there > HEAD:  # a chain of numbers
            raise SchemaTooNew(f"schema {there}, known {HEAD}")
        if there != HEAD:
            raise StoreUnavailable("start the bot first, or run exoplan db upgrade")
        secret = settings.master_key
        keys = KeyStore(
            settings.key_store,
            master_key(
                secret.get_secret_value() if secret else None, settings.key_file_path
            ),
        )
        things.enter_context(closing(keys))
        yield Opened(settings, keys, Roles(keys, enforced=True), engine)
