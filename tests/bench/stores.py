"""A database for each run, gone when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.bench.ledger import Ledger, read_ledger
from tests.postgres import database, postgres

StoreName = Literal["sqlite", "postgres"]


@dataclass(frozen=True, slots=True)
class Store:
    """Where a program keeps what it must not lose."""

    name: StoreName
    url: str  #: as EXOPLAN_DATABASE_URL has it

    def ledger(self) -> Ledger:
        """What it holds now."""
        return read_ledger(self.url)


@contextmanager
def fresh(name: StoreName, folder: Path) -> Iterator[Store]:
    """A store nobody has used, as durable as in real life."""
    if name == "sqlite":
        yield Store(name, f"sqlite:///{folder / 'exoplan.db'}")
        return
    with postgres(durable=True) as server, database(server) as url:
        yield Store(name, url)
