"""Statements about what goes out.

A row that is not sent yet has an owner, the replica that has it in hand, or lies in the
table for any to take. All rows of a lane that are in hand are in one hand, so that its
order is kept: a row whose lane another has in hand, or of which older rows lie in the
table, is left there, and is taken from there in its order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    update,
)

from bot.store.across import UNANSWERED, alone_with
from bot.store.many import given_for, padded
from bot.store.tables import nobody_has_it, outbox, people, replicas, spelled_out


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A stored call that has not been confirmed."""

    id: int
    key: str
    lane: str
    about_person: int | None
    key_id: str | None  #: of the data key; None: the house's
    method: str
    body: bytes | None  #: sealed
    refers_to: str | None
    kind: str
    report: bool
    urgent: bool
    attempts: int
    not_before: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TakenRows:
    """What was taken from the table."""

    rows: tuple[OutboxRow, ...]  #: in order
    after: int  #: rows up to this one were looked at
    more: bool  #: there may be more
    refused: bool  #: some are for the replica that has their lane in hand


_ADD = insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)
_ADD_ALONE = insert(outbox).inline()  # its numbers are not asked for
_unsent = spelled_out(outbox.c.status, "pending", "sending")
_mine = outbox.c.owner == bindparam("me")
_nobodys = or_(
    and_(outbox.c.owner.is_(None), outbox.c.status == "sending"),
    and_(
        outbox.c.owner.is_not(None),
        ~exists().where(replicas.c.id == outbox.c.owner),
    ),
)
_DOUBTED = (
    update(outbox)
    .where(
        _unsent,
        _nobodys,
        outbox.c.status == "sending",
        # Repeating an edit or the answer to a tap shows nobody anything twice.
        outbox.c.kind.in_(["message", "staff"]),
    )
    .values(status="pending", owner=None, uncertain=outbox.c.uncertain + 1)
    .returning(outbox.c.id)
)
_ORPHANED = (
    update(outbox)
    .where(_unsent, _nobodys)
    .values(status="pending", owner=None)
    .returning(outbox.c.id)
)
_LEFT = (
    select(outbox.c.id, outbox.c.lane)
    .where(nobody_has_it, outbox.c.id > bindparam("after"))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_other = outbox.alias()
_in_other_hands: ColumnElement[bool] = exists().where(
    spelled_out(_other.c.status, "pending", "sending"),
    _other.c.lane == outbox.c.lane,
    _other.c.owner.is_distinct_from(bindparam("me")),
    or_(_other.c.owner.is_not(None), _other.c.id < outbox.c.id),
)
_PURPOSE: ColumnElement[str] = literal_column("'out:'")
_is_first = outbox.c.id.in_(bindparam("firsts", expanding=True))
_LOCKED = select(outbox.c.id).where(
    _is_first,
    # In this order: what is locked in vain keeps its rightful taker off.
    case((~_in_other_hands, alone_with(_PURPOSE, outbox.c.lane)), else_=false()),
)
_FREE = select(outbox.c.lane).where(
    _is_first,
    # Row by row: as a join it would read all that waits.
    case((~_in_other_hands, true()), else_=false()),
)
_TAKE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)), nobody_has_it)
    .values(owner=bindparam("me"))
    .returning(outbox.c.id)
)
_KEPT = select(outbox.c.id).where(
    outbox.c.id.in_(bindparam("ids", expanding=True)),
    _mine,
    outbox.c.status == "pending",
)
_NOT_MINE = (
    select(outbox.c.lane)
    .distinct()
    .where(
        _unsent,
        outbox.c.lane.in_(bindparam("lanes", expanding=True)),
        outbox.c.owner.is_distinct_from(bindparam("me")),
    )
)
_ALONE = select(alone_with(_PURPOSE, bindparam("lane")))
_WRITTEN = select(outbox.c.key).where(
    _unsent, _mine, outbox.c.key.in_(bindparam("keys", expanding=True))
)
_ROWS = (
    select(
        outbox.c.id,
        outbox.c.key,
        outbox.c.lane,
        outbox.c.about_person,
        people.c.key_id,
        outbox.c.method,
        outbox.c.body,
        outbox.c.refers_to,
        outbox.c.kind,
        outbox.c.report,
        outbox.c.urgent,
        outbox.c.attempts,
        outbox.c.not_before,
        outbox.c.created_at,
    )
    .select_from(outbox.outerjoin(people))
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.id)
)
_SENDING = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(status="sending")
    .execution_options(**UNANSWERED)
)
# An outcome may be written down twice, where the first commit was not confirmed.
_SENT = (
    update(outbox)
    .where(_unsent, outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        status="sent",
        owner=None,
        body=None,
        message_id=given_for("messages", outbox.c.id),
        sent_at=bindparam("moment"),
        attempts=outbox.c.attempts + 1,
        uncertain=outbox.c.uncertain
        + func.coalesce(given_for("doubts", outbox.c.id), 0),
    )
    .execution_options(**UNANSWERED)
)
_FAILED = (
    update(outbox)
    .where(_unsent, outbox.c.id == bindparam("row"))
    .values(
        status="failed",
        owner=None,
        body=None,
        reason=bindparam("why"),
        attempts=outbox.c.attempts + 1,
        uncertain=outbox.c.uncertain + bindparam("doubts"),
    )
    .execution_options(**UNANSWERED)
)
_PUT_OFF = (
    update(outbox)
    .where(outbox.c.status == "sending", outbox.c.id == bindparam("row"))
    .values(
        status="pending",
        not_before=bindparam("moment"),
        attempts=outbox.c.attempts + 1,
        uncertain=outbox.c.uncertain + bindparam("doubts"),
    )
    .execution_options(**UNANSWERED)
)
_LET_GO = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(status="pending", owner=None)
)
_MESSAGE = select(outbox.c.message_id).where(outbox.c.key == bindparam("named"))
_ABOUT = (
    select(outbox.c.about_person, outbox.c.key)
    .where(
        spelled_out(outbox.c.kind, "staff"),
        outbox.c.lane == bindparam("room"),
        outbox.c.message_id == bindparam("message"),
    )
    # A note whose outcome was in doubt came twice; the later one is known.
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_LEAVE_BEHIND = (
    update(outbox)
    .where(outbox.c.lane == bindparam("room"), outbox.c.message_id > 0)
    .values(message_id=-outbox.c.message_id)
)
_ON_ITS_WAY = (
    select(outbox.c.id).where(_unsent, outbox.c.lane == bindparam("room")).limit(1)
)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Row numbers of the calls stored, in the order given."""
    if connection.dialect.name != "sqlite":
        return list(connection.execute(_ADD, rows).scalars())
    # One writer counts up by one: the last number tells the others, and the rows are
    # stored in two thirds of the time it takes to have each number told.
    connection.execute(_ADD_ALONE, rows)
    last = connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one()
    return list(range(last - len(rows) + 1, last + 1))


def lanes_not_mine(
    connection: Connection, me: int, lanes: Collection[str], contested: Collection[str]
) -> set[str]:
    """Those of `lanes` and `contested` whose new rows must be left in the table.

    Args:
        lanes: to which no other replica can add a row meanwhile.
        contested: to which any may; each that is not named in the result is this
            replica's alone until the transaction ends.
    """
    others = {
        lane for lane in contested if not connection.scalar(_ALONE, {"lane": lane})
    }
    given = {"lanes": padded([*lanes, *contested]), "me": me}
    return others.union(connection.execute(_NOT_MINE, given).scalars())


def written(connection: Connection, me: int, keys: Collection[str]) -> set[str]:
    """Which of these rows, whose commit was not confirmed, are there and mine."""
    return set(connection.execute(_WRITTEN, {"keys": padded(keys), "me": me}).scalars())


def release_orphans(connection: Connection) -> tuple[int, int]:
    """Leave to any what belongs to no replica that is at work.

    Returns:
        How many rows, and how many of these are messages that may now come twice
        because their owner may have sent them; they are marked so.
    """
    doubted = len(connection.execute(_DOUBTED).all())
    return doubted + len(connection.execute(_ORPHANED).all()), doubted


def take_left(
    connection: Connection,
    me: int,
    after: int,
    most: int,
    before: Collection[int] = (),
) -> TakenRows:
    """Take what lies in the table and whose lane is in no other hand.

    Args:
        after: rows up to this one were looked at.
        most: rows looked at.
        before: rows that may have been taken by a commit that was not confirmed.
    """
    seen = connection.execute(_LEFT, {"after": after, "most": most}).all()
    firsts: dict[str, int] = {}
    for row, lane in seen:
        firsts.setdefault(lane, row)
    given = {"firsts": padded(firsts.values()), "me": me}
    locked = list(connection.execute(_LOCKED, given).scalars()) if seen else []
    # Asked again, now that nobody else can take from these lanes.
    given = {"firsts": padded(locked), "me": me}
    free = set(connection.execute(_FREE, given).scalars()) if locked else set()
    ids = [row for row, lane in seen if lane in free]
    if ids:
        ids = list(connection.execute(_TAKE, {"ids": padded(ids), "me": me}).scalars())
    if before:
        ids += connection.execute(_KEPT, {"ids": padded(before), "me": me}).scalars()
    found = connection.execute(_ROWS, {"ids": padded(ids)}) if ids else ()
    return TakenRows(
        tuple(OutboxRow(*tuple[Any, ...](row)) for row in found),
        seen[-1][0] if seen else after,
        len(seen) == most,
        len(free) < len(firsts),
    )


def mark_sending(connection: Connection, ids: Collection[int]) -> None:
    """From here on a death leaves their outcome unknown."""
    connection.execute(_SENDING, {"ids": padded(ids)})


def mark_sent(
    connection: Connection, rows: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """Telegram confirmed these; their bodies are erased.

    Args:
        rows: each with `row`, `message` and `doubts`; Telegram does not number all.
    """
    given = {
        "ids": padded([one["row"] for one in rows]),
        "messages": {one["row"]: one["message"] for one in rows if one["message"]},
        "doubts": {one["row"]: one["doubts"] for one in rows if one["doubts"]},
        "moment": now,
    }
    connection.execute(_SENT, given)


def mark_failed(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """These will never arrive; their bodies are erased."""
    connection.execute(_FAILED, rows)


def put_off(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """These are to be tried again, not before a moment."""
    connection.execute(_PUT_OFF, rows)


def let_go(connection: Connection, ids: Collection[int]) -> None:
    """These were in hand, and never tried."""
    connection.execute(_LET_GO, {"ids": padded(ids)})


def message_id(connection: Connection, key: str) -> int | None:
    """Telegram's number of the message that this row became, if it still can be found.

    What a group left behind when it became a supergroup cannot.
    """
    number: int | None = connection.scalar(_MESSAGE, {"named": key})
    return number if number is not None and number > 0 else None


def leave_behind(connection: Connection, lane: str) -> None:
    """The chat has moved: what was sent there so far is known below zero."""
    connection.execute(_LEAVE_BEHIND, {"room": lane})


def note_behind(
    connection: Connection, lane: str, message: int
) -> tuple[int, str] | None:
    """The person a message in the staff chat is about, and the key of its row."""
    row = connection.execute(_ABOUT, {"room": lane, "message": message}).first()
    if row is None or row.about_person is None:
        return None
    return row.about_person, row.key


def key_behind(connection: Connection, lane: str, message: int) -> str:
    """The key of the row that a message in the staff chat is; empty where unknown."""
    row = connection.execute(_ABOUT, {"room": lane, "message": message}).first()
    return row.key if row is not None else ""


def on_its_way(connection: Connection, lane: str) -> bool:
    """Whether something is being sent there whose number is not known yet."""
    return connection.scalar(_ON_ITS_WAY, {"room": lane}) is not None
