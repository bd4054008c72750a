"""Rows from one database to another, and proof that they are the same there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Table,
    delete,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)

from bot.store.tables import bot_settings, metadata

CHUNK = 1_000  # rows read and written at once

#: Tables about the processes at work just now: no copy holds their rows.
OF_THE_MOMENT = frozenset({"replicas", "gate_slots"})

#: Told how many more rows are done.
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a table holds, in whichever order: equal where the rows are."""

    rows: int = 0
    total: int = 0  #: of the rows' hashes, kept below 2**256

    @property
    def hash(self) -> str:
        """The total as it is shown."""
        return f"{self.total:064x}"

    def plus(self, rows: Iterable[Sequence[Any]]) -> Tally:
        """With these rows too."""
        count, total = self.rows, self.total
        for row in rows:
            digest = sha256(repr([_same_everywhere(one) for one in row]).encode())
            count, total = count + 1, total + int.from_bytes(digest.digest())
        return Tally(count, total % 2**256)


def _same_everywhere(value: Any) -> Any:
    """A value as both engines give it."""
    if isinstance(value, datetime):
        # SQLite's own moments, of a server default, are in UTC and do not say so.
        aware = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat()
    if isinstance(value, memoryview):
        return value.tobytes()
    return value


def lasting_tables() -> list[Table]:
    """What a copy holds; none refers to one that comes later."""
    return [
        table for table in metadata.sorted_tables if table.name not in OF_THE_MOMENT
    ]


def forget_the_moment(connection: Connection) -> None:
    """Empty the tables about the processes at work."""
    for table in metadata.sorted_tables:
        if table.name in OF_THE_MOMENT:
            connection.execute(delete(table))


def count(connection: Connection, table: Table) -> int:
    """How many rows it holds."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def is_empty(connection: Connection) -> bool:
    """Whether nobody has been here; what the bot notes about itself does not count."""
    there = set(inspect(connection).get_table_names())
    return not any(
        connection.scalar(select(literal(1)).select_from(table).limit(1))
        for table in lasting_tables()
        if table is not bot_settings and table.name in there
    )


def tally(connection: Connection, table: Table, advance: Advance) -> Tally:
    """What a table holds."""
    found = Tally()
    for rows in _chunks(connection, table):
        found = found.plus(rows)
        advance(len(rows))
    return found


def pour(
    source: Connection, target: Connection, table: Table, advance: Advance
) -> Tally:
    """Write every row of a table to `target`; what was read."""
    read = Tally()
    for rows in _chunks(source, table):
        target.execute(insert(table), [dict(row._mapping) for row in rows])
        read = read.plus(rows)
        advance(len(rows))
    return read


def _chunks(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    (key,) = table.primary_key.columns
    statement = select(table).order_by(key).limit(CHUNK)
    rows = connection.execute(statement).all()
    while rows:
        yield rows
        after = rows[-1]._mapping[key]
        rows = connection.execute(statement.where(key > after)).all()


def last_numbers(connection: Connection) -> dict[str, int]:
    """The last row number that each table gave out: none is given twice, ever.

    The rows do not tell: those with the highest numbers may be gone.
    """
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {str(name): int(number) for name, number in rows}
    found = {}
    for table in _numbered():
        sequence = _sequence(connection, table)
        used = text(f"SELECT CASE WHEN is_called THEN last_value END FROM {sequence}")
        found[table] = connection.scalar(used) or 0
    return found


def go_on_from(connection: Connection, numbers: dict[str, int]) -> None:
    """Number new rows after these."""
    for table in _numbered():
        if not (number := numbers.get(table, 0)):
            continue
        given = {"name": table, "number": number}
        if connection.dialect.name == "sqlite":
            forget = text("DELETE FROM sqlite_sequence WHERE name = :name")
            connection.execute(forget, {"name": table})
            connection.execute(
                text("INSERT INTO sqlite_sequence VALUES (:name, :number)"), given
            )
        else:
            sequence = _sequence(connection, table)
            given["name"] = sequence
            connection.execute(text("SELECT setval(:name, :number)"), given)


def _numbered() -> list[str]:
    tables = metadata.sorted_tables
    return [t.name for t in tables if t.autoincrement_column is not None]


def _sequence(connection: Connection, table: str) -> str:
    found: str | None = connection.scalar(
        text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table}
    )
    assert found is not None
    return found
