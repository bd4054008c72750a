"""Statements about what came in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # SQLite reads it too

from bot.store.across import UNANSWERED, alone_with
from bot.store.many import padded
from bot.store.tables import in_order, inbox, spelled_out


class InboxRow(NamedTuple):
    """Something that came in and waits for its turn."""

    id: int
    key: str  #: unique: tg:<update_id>, staff:<update_id>, sent:<outbox id>
    lane: str  #: what is handled in order: p:<person>, s:<chat>
    person_id: int | None  #: whose key sealed the body; None: the house's
    body: bytes | None  #: sealed
    attempts: int  #: turns that failed on it
    received_at: datetime
    followed: bool = False  #: more waits in its lane


_ADD = (
    insert(inbox)
    .inline()  # its number is not asked for
    .on_conflict_do_nothing(index_elements=[inbox.c.key])
    .execution_options(**UNANSWERED)
)
_waits = spelled_out(inbox.c.status, "pending")
_same_lane = inbox.alias()
# Not "no earlier one exists": that is a join, and PostgreSQL would join all that waits
# with all that waits.
_oldest_of_lane = (
    select(func.min(_same_lane.c.id))
    .where(
        spelled_out(_same_lane.c.status, "pending"), _same_lane.c.lane == inbox.c.lane
    )
    .scalar_subquery()
)
_oldest = (
    select(
        inbox.c.id,
        inbox.c.key,
        inbox.c.lane,
        inbox.c.person_id,
        inbox.c.body,
        inbox.c.attempts,
        inbox.c.received_at,
    )
    .where(
        _waits,
        in_order(inbox),
        or_(inbox.c.not_before.is_(None), inbox.c.not_before <= bindparam("now")),
        inbox.c.id == _oldest_of_lane,
    )
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=inbox)
    .subquery()
)
# A row that is committed late may be older than the one whose turn is under way: the
# lane is locked as well.
_PURPOSE: ColumnElement[str] = literal_column("'in:'")
_behind = inbox.alias()
_followed = exists().where(
    spelled_out(_behind.c.status, "pending"),
    _behind.c.lane == _oldest.c.lane,
    _behind.c.id > _oldest.c.id,
)
_HEADS = (
    select(_oldest, _followed)
    .where(alone_with(_PURPOSE, _oldest.c.lane))
    .order_by(_oldest.c.id)
)
_NEXT = select(func.min(inbox.c.not_before)).where(
    _waits, inbox.c.not_before.is_not(None)
)
_DONE = (
    update(inbox)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(status="done", body=None, done_at=bindparam("moment"))
    .execution_options(**UNANSWERED)
)
_RETRY = (
    update(inbox)
    .where(inbox.c.id == bindparam("row"))
    .values(attempts=inbox.c.attempts + 1, not_before=bindparam("moment"))
)
_LEAVE = (
    update(inbox)
    .where(inbox.c.id == bindparam("row"))
    .values(not_before=bindparam("moment"))
)
_SET_ASIDE = (
    update(inbox)
    .where(inbox.c.id == bindparam("row"))
    .values(
        status="set_aside",
        attempts=inbox.c.attempts + 1,
        reason=bindparam("why"),
        done_at=bindparam("moment"),
    )
)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store what came in; what is already here stays as it is."""
    connection.execute(_ADD, rows)


def heads(connection: Connection, now: datetime, most: int) -> list[InboxRow]:
    """The oldest waiting row of each lane that may be tried now, oldest first.

    These lanes are the caller's until the transaction ends; those in which another
    replica takes a turn are passed over.
    """
    rows = connection.execute(_HEADS, {"now": now, "most": most})
    return [InboxRow(*row) for row in rows]


def next_retry(connection: Connection) -> datetime | None:
    """When the earliest row that was put off may be tried again."""
    moment: datetime | None = connection.scalar(_NEXT)
    return moment


def done(connection: Connection, ids: Collection[int], now: datetime) -> None:
    """These turns are kept; their bodies are erased."""
    connection.execute(_DONE, {"ids": padded(ids), "moment": now})


def try_again(connection: Connection, row: int, not_before: datetime) -> None:
    """The turn failed; the lane waits for another try."""
    connection.execute(_RETRY, {"row": row, "moment": not_before})


def leave(connection: Connection, row: int, not_before: datetime) -> None:
    """No turn was taken; the lane waits, for another replica or for the next look."""
    connection.execute(_LEAVE, {"row": row, "moment": not_before})


def set_aside(connection: Connection, row: int, reason: str, now: datetime) -> None:
    """The turn failed for good; the row is kept and the lane goes on."""
    connection.execute(_SET_ASIDE, {"row": row, "why": reason, "moment": now})
