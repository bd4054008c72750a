"""Statements about what goes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, insert, select, update

from bot.store.tables import outbox, people, spelled_out


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


_ADD = insert(outbox).returning(outbox.c.id, sort_by_parameter_order=True)
_IN_DOUBT = (
    update(outbox)
    .where(
        spelled_out(outbox.c.status, "pending", "sending"),
        outbox.c.status == "sending",
    )
    .values(
        status="pending",
        # Repeating an edit or the answer to a tap shows nobody anything twice.
        uncertain=case(
            (outbox.c.kind.in_(["message", "staff"]), outbox.c.uncertain + 1),
            else_=outbox.c.uncertain,
        ),
    )
    .returning(outbox.c.uncertain)
)
_LEFT = (
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
    .where(
        spelled_out(outbox.c.status, "pending", "sending"),
        outbox.c.status == "pending",
        outbox.c.id > bindparam("after"),
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_SENDING = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(status="sending")
)
_SENT = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(
        status="sent",
        body=None,
        message_id=bindparam("message"),
        sent_at=bindparam("moment"),
        attempts=outbox.c.attempts + 1,
        uncertain=outbox.c.uncertain + bindparam("doubts"),
    )
)
_FAILED = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(
        status="failed",
        body=None,
        reason=bindparam("why"),
        attempts=outbox.c.attempts + 1,
        uncertain=outbox.c.uncertain + bindparam("doubts"),
    )
)
_PUT_OFF = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"))
    .values(
        status="pending",
        not_before=bindparam("moment"),
        attempts=outbox.c.attempts + 1,
        uncertain=outbox.c.uncertain + bindparam("doubts"),
    )
)
_LET_GO = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(status="pending")
)
_MESSAGE = select(outbox.c.message_id).where(outbox.c.key == bindparam("named"))
_ABOUT = (
    select(outbox.c.about_person)
    .where(
        spelled_out(outbox.c.kind, "staff"),
        outbox.c.lane == bindparam("room"),
        outbox.c.message_id == bindparam("message"),
    )
    # A group that grew into a supergroup counts its messages from one again.
    .order_by(outbox.c.id.desc())
    .limit(1)
)
_ON_ITS_WAY = (
    select(outbox.c.id)
    .where(
        spelled_out(outbox.c.status, "pending", "sending"),
        outbox.c.lane == bindparam("room"),
    )
    .limit(1)
)


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Row numbers of the calls stored, in the order given."""
    return list(connection.execute(_ADD, rows).scalars())


def resolve_doubts(connection: Connection) -> int:
    """At start: what was being sent when the last process died is sent again.

    Returns:
        How many of these are messages that may now come twice; they are marked so.
    """
    return sum(1 for doubt in connection.execute(_IN_DOUBT).scalars() if doubt)


def left(connection: Connection, after: int, most: int) -> list[OutboxRow]:
    """Rows numbered above `after` that no sender has in hand, in order."""
    rows = connection.execute(_LEFT, {"after": after, "most": most})
    return [OutboxRow(*tuple[Any, ...](row)) for row in rows]


def mark_sending(connection: Connection, ids: Collection[int]) -> None:
    """From here on a death leaves their outcome unknown."""
    connection.execute(_SENDING, {"ids": list(ids)})


def mark_sent(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Telegram confirmed these; their bodies are erased."""
    connection.execute(_SENT, rows)


def mark_failed(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """These will never arrive; their bodies are erased."""
    connection.execute(_FAILED, rows)


def put_off(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """These are to be tried again, not before a moment."""
    connection.execute(_PUT_OFF, rows)


def let_go(connection: Connection, ids: Collection[int]) -> None:
    """These were in hand, and never tried."""
    connection.execute(_LET_GO, {"ids": list(ids)})


def message_id(connection: Connection, key: str) -> int | None:
    """Telegram's number of the message that this row became, if it did."""
    number: int | None = connection.scalar(_MESSAGE, {"named": key})
    return number


def person_behind(connection: Connection, lane: str, message: int) -> int | None:
    """The person a message in the staff chat is about."""
    person: int | None = connection.scalar(_ABOUT, {"room": lane, "message": message})
    return person


def on_its_way(connection: Connection, lane: str) -> bool:
    """Whether something is being sent there whose number is not known yet."""
    return connection.scalar(_ON_ITS_WAY, {"room": lane}) is not None
