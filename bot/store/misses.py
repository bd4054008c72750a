"""Statements about questions that nobody answered, and answers that were wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert  # SQLite reads it too

from bot.store.tables import misses, people


@dataclass(frozen=True, slots=True)
class Miss:
    """One of them, as stored."""

    key: str  #: of what brought it about; it names the place of the seal
    kind: str  #: unanswered or wrong
    entry: str  #: which was wrong; empty where none was
    key_id: str | None  #: of the person whose words they are; None: the house's
    body: bytes | None  #: sealed: the question; None: it was not to be kept
    at: datetime


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write these down; the same `key` a second time changes nothing.

    Args:
        rows: key, person_id, kind, entry, body, told_by, at.
    """
    connection.execute(insert(misses).on_conflict_do_nothing(), rows)


def between(
    connection: Connection, begin: datetime, end: datetime, most: int
) -> list[Miss]:
    """The newest of that time, newest first."""
    found = connection.execute(
        select(
            misses.c.key,
            misses.c.kind,
            misses.c.entry,
            people.c.key_id,
            misses.c.body,
            misses.c.at,
        )
        .select_from(misses.outerjoin(people))
        .where(misses.c.at >= begin, misses.c.at <= end)
        .order_by(misses.c.id.desc())
        .limit(most)
    )
    return [Miss(*row) for row in found]


def often_wrong(
    connection: Connection, begin: datetime, end: datetime, least: int, most: int
) -> list[tuple[str, int]]:
    """Entries marked wrong at least so often in that time, the worst first."""
    times = func.count()
    found = connection.execute(
        select(misses.c.entry, times)
        .where(misses.c.kind == "wrong", misses.c.at >= begin, misses.c.at <= end)
        .group_by(misses.c.entry)
        .having(times >= least)
        .order_by(times.desc(), misses.c.entry)
        .limit(most)
    )
    return [(entry, number) for entry, number in found]


def forget(connection: Connection, before: datetime) -> int:
    """Delete what came before that moment; how many."""
    return connection.execute(delete(misses).where(misses.c.at < before)).rowcount
