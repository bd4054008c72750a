"""Statements that delete what was done with long ago.

Such rows hold no word any more; they are there to know a second delivery by, and the
messages that may still be edited or answered.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, bindparam, delete, select

from bot.store.tables import inbox, outbox

#: Tables that are swept.
SWEPT = (inbox, outbox)


def sweep(
    connection: Connection, table: Table, above: int, before: datetime, most: int
) -> int | None:
    """Delete some rows that came before a moment and are done with.

    Rows are looked at in the order they came, so that none younger is ever looked at
    beyond the first.

    Args:
        above: rows up to this one were looked at.
        most: rows looked at.

    Returns:
        The last row looked at; None where nothing older is left.
    """
    came = table.c.received_at if table is inbox else table.c.created_at
    ended = ("done",) if table is inbox else ("sent", "failed")
    looked_at = list(
        connection.execute(
            select(table.c.id, came, table.c.status)
            .where(table.c.id > bindparam("above"))
            .order_by(table.c.id)
            .limit(bindparam("most")),
            {"above": above, "most": most},
        )
    )
    old = [row for row in looked_at if row[1] < before]
    doomed = [number for number, _, status in old if status in ended]
    if doomed:
        connection.execute(delete(table).where(table.c.id.in_(doomed)))
    return old[-1][0] if len(old) == most else None
