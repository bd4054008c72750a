"""Statements about reminders.

A row is pending until it falls due, then fired: that is an input in its patient's lane,
in the same transaction. The turn writes what became of it: sent, or skipped and why. A
row of a visit that was moved or cancelled meanwhile is void.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # SQLite reads it too

from bot.store.tables import (
    PATIENTS,
    inbox,
    outbox,
    people,
    reminders,
    spelled_out,
    visits,
)
from bot.store.visits import stands
from dialogs.reminders import Reason


@dataclass(frozen=True, slots=True)
class DueRow:
    """A reminder whose time has come."""

    id: int
    person_id: int
    key_id: str  #: of the person's data key
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """A reminder as stored."""

    id: int
    visit_id: int | None  #: None: it is about no visit
    person_id: int
    revision: int  #: of the visit it was planned for
    kind: str
    due_at: datetime | None  #: None: it was never to be sent
    useful_until: datetime | None
    status: str  #: pending, fired, sent, skipped or void
    reason: str | None
    ended_at: datetime | None


#: The kind that only says that a visit was booked.
RECEIPT = "receipt"

#: Kinds that only ask whether a date may be booked: of a visit they remind nobody.
ASKING = ("proposal", "proposal_again")

_pending = spelled_out(reminders.c.status, "pending")
_ALL: tuple[ColumnElement[Any], ...] = (
    reminders.c.id,
    reminders.c.visit_id,
    reminders.c.person_id,
    reminders.c.revision,
    reminders.c.kind,
    reminders.c.due_at,
    reminders.c.useful_until,
    reminders.c.status,
    reminders.c.reason,
    reminders.c.ended_at,
)
_ONCE = insert(reminders).on_conflict_do_nothing()
_new = insert(reminders)
# What is void may be planned again: staff put a slip of theirs right.
_PLAN = _new.on_conflict_do_update(
    index_elements=[reminders.c.visit_id, reminders.c.revision, reminders.c.kind],
    set_={
        "due_at": _new.excluded.due_at,
        "useful_until": _new.excluded.useful_until,
        "status": _new.excluded.status,
        "reason": _new.excluded.reason,
        "ended_at": None,
    },
    where=reminders.c.status == "void",
)
# Rank by rank: in order of urgency a walk over all that waits would not end.
_DUE = (
    select(reminders.c.id, reminders.c.person_id, people.c.key_id, reminders.c.due_at)
    .select_from(reminders.join(people))
    .where(
        _pending,
        reminders.c.rank == bindparam("rank"),
        reminders.c.due_at <= bindparam("now"),
    )
    .order_by(reminders.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=reminders)
)
_FIRE = (
    update(reminders)
    .where(reminders.c.id.in_(bindparam("ids", expanding=True)))
    .values(status="fired")
)
_END = (
    update(reminders)
    .where(reminders.c.id == bindparam("row"), reminders.c.status == "fired")
    .values(
        status=bindparam("became"),
        reason=bindparam("why"),
        ended_at=bindparam("moment"),
    )
)
_PUT_OFF = (
    update(reminders)
    .where(reminders.c.id == bindparam("row"), reminders.c.status == "fired")
    .values(status="pending", due_at=bindparam("moment"))
)
_VOID = (
    update(reminders)
    .where(
        reminders.c.visit_id == bindparam("visit"),
        reminders.c.status.in_(("pending", "fired")),
    )
    .values(status="void", reason=bindparam("why"), ended_at=bindparam("moment"))
)
_AFRESH = (
    update(reminders)
    .where(
        reminders.c.visit_id == bindparam("visit"),
        reminders.c.revision == bindparam("version"),
        reminders.c.kind == bindparam("sort"),
        _pending,
    )
    .values(
        due_at=bindparam("due"),
        useful_until=bindparam("until"),
        status=bindparam("became"),
        reason=bindparam("why"),
    )
)
_BY_ID = select(*_ALL).where(reminders.c.id == bindparam("row"))
_OF_VISIT = (
    select(*_ALL)
    .where(reminders.c.visit_id == bindparam("visit"))
    .order_by(reminders.c.revision, reminders.c.due_at, reminders.c.id)
)
_NEXT = (
    select(*_ALL)
    .where(
        _pending,
        reminders.c.rank == bindparam("rank"),
        reminders.c.due_at >= bindparam("begins"),
        reminders.c.due_at < bindparam("ends"),
    )
    .order_by(reminders.c.due_at)
    .limit(bindparam("most"))
)
_other = reminders.alias()
_later_one_failed = exists().where(
    _other.c.visit_id == reminders.c.visit_id,
    _other.c.revision == reminders.c.revision,
    _other.c.status == "skipped",
    _other.c.kind.not_in(ASKING),
    _other.c.ended_at.is_not(None),  # when its time had come, not when it was planned
)
#: That something goes out about a visit, or did. A receipt of long ago is not enough
#: where what was to follow it was kept back.
has_one = exists().where(
    reminders.c.visit_id == visits.c.id,
    reminders.c.revision == visits.c.revision,
    or_(
        reminders.c.status.in_(("pending", "fired")),
        and_(
            reminders.c.status == "sent",
            reminders.c.kind.not_in(ASKING),
            or_(reminders.c.kind != RECEIPT, ~_later_one_failed),
        ),
    ),
)
_MISSING = (
    select(visits.c.id)
    .where(
        stands,
        visits.c.starts_at >= bindparam("begins"),
        visits.c.starts_at < bindparam("ends"),
        ~has_one,
    )
    .order_by(visits.c.starts_at)
    .limit(bindparam("most"))
)


def plan(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store planned reminders of visits; one that is here already stays as it is."""
    connection.execute(_PLAN, rows)


def plan_once(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store a reminder about no visit; a person has one of a kind, ever."""
    connection.execute(_ONCE, row)


def due(connection: Connection, now: datetime, rank: int, most: int) -> list[DueRow]:
    """Reminders of one rank whose time has come, the earliest first.

    They are the caller's until the transaction ends; those of another replica's are
    passed over.
    """
    rows = connection.execute(_DUE, {"now": now, "rank": rank, "most": most})
    return [DueRow(*row) for row in rows]


def under_way(connection: Connection, now: datetime, most: int) -> int:
    """How much waits to be answered, or sent to patients, counted up to `most`.

    Not what was put off, nor what waits for a group: that may take hours.
    """
    waits = (
        select(literal(1))
        .where(spelled_out(inbox.c.status, "pending"), _not_put_off(inbox, now))
        .limit(most)
        .subquery()
    )
    unsent = (
        select(literal(1))
        .where(
            spelled_out(outbox.c.status, "pending", "sending"),
            outbox.c.lane.startswith(PATIENTS),
            _not_put_off(outbox, now),
        )
        .limit(most)
        .subquery()
    )
    turns = connection.scalar(select(func.count()).select_from(waits)) or 0
    calls = connection.scalar(select(func.count()).select_from(unsent)) or 0
    return min(most, turns + calls)


def _not_put_off(table: Table, now: datetime) -> ColumnElement[bool]:
    return or_(table.c.not_before.is_(None), table.c.not_before <= now)


def fire(connection: Connection, ids: Sequence[int]) -> None:
    """Their turns have been put into the inbox."""
    connection.execute(_FIRE, {"ids": list(ids)})


def end(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what became of reminders that were fired."""
    connection.execute(_END, rows)


def put_off(connection: Connection, row: int, until: datetime) -> None:
    """A reminder that was fired may not go out now; it falls due again."""
    connection.execute(_PUT_OFF, {"row": row, "moment": until})


def void(connection: Connection, visit: int, why: Reason, now: datetime) -> None:
    """Nothing that was planned for this visit goes out any more."""
    connection.execute(_VOID, {"visit": visit, "why": why, "moment": now})


def plan_afresh(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give pending reminders another moment, as in another time zone."""
    connection.execute(_AFRESH, rows)


def by_id(connection: Connection, row: int) -> ReminderRow | None:
    """One reminder."""
    found = connection.execute(_BY_ID, {"row": row}).first()
    return None if found is None else ReminderRow(*found)


def of_visit(connection: Connection, visit: int) -> list[ReminderRow]:
    """Every reminder ever planned for a visit, by revision and time."""
    return [
        ReminderRow(*row) for row in connection.execute(_OF_VISIT, {"visit": visit})
    ]


def of_person(connection: Connection, person: int) -> list[ReminderRow]:
    """Every reminder ever planned for somebody, as they were planned."""
    asked = select(*_ALL).where(reminders.c.person_id == person)
    rows = connection.execute(asked.order_by(reminders.c.id))
    return [ReminderRow(*row) for row in rows]


def coming(
    connection: Connection, rank: int, begins: datetime, ends: datetime, most: int
) -> list[ReminderRow]:
    """Reminders of one rank that fall due in this stretch of time, in order."""
    asked = {"rank": rank, "begins": begins, "ends": ends, "most": most}
    return [ReminderRow(*row) for row in connection.execute(_NEXT, asked)]


def missing(
    connection: Connection, begins: datetime, ends: datetime, most: int
) -> list[int]:
    """Visits that begin in this stretch and of which nothing reminds anybody."""
    asked = {"begins": begins, "ends": ends, "most": most}
    return list(connection.execute(_MISSING, asked).scalars())


def how_they_ended(
    connection: Connection, begins: datetime, ends: datetime
) -> dict[tuple[str, str, str], int]:
    """How many came to each end in this stretch, by (kind, status, reason)."""
    found = connection.execute(
        select(
            reminders.c.kind,
            reminders.c.status,
            func.coalesce(reminders.c.reason, ""),
            func.count(),
        )
        .where(reminders.c.ended_at >= begins, reminders.c.ended_at < ends)
        .group_by(reminders.c.kind, reminders.c.status, reminders.c.reason)
    )
    return {(kind, status, why): number for kind, status, why, number in found}
