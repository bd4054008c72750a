"""Statements about visits of which nothing reminds anybody, and what was said of them.

A visit without a reminder is told of once a revision, whichever replica finds it. The
alarm stands until something reminds of the visit again, it is moved, called off or
begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Connection,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert  # SQLite reads it too

from bot.store.reminders import has_one
from bot.store.tables import (
    RowId,
    Utc,
    alarms,
    clinic_records,
    people,
    reminders,
    visits,
)
from bot.store.visits import stands
from dialogs.reminders import Reason

#: Why nobody is reminded, where no reminder says so itself.
NOT_JOINED: Reason = "not_joined"
NONE_PLANNED: Reason = "none_planned"


@dataclass(frozen=True, slots=True)
class Unreminded:
    """A visit that nothing reminds of."""

    visit_id: int
    revision: int
    starts_at: datetime
    person_id: int | None  #: None: its patient has not joined
    key_id: str  #: of the key that seals what is known of them
    reason: str  #: a word of reasons in templates/<lang>/visits.toml
    alarm_id: int = 0  #: of the alarm that stands; 0: none yet


# Why the one nearest to the visit was kept back; what was never to go out says least.
_why = (
    select(reminders.c.reason)
    .where(
        reminders.c.visit_id == visits.c.id,
        reminders.c.revision == visits.c.revision,
        reminders.c.status == "skipped",
    )
    .order_by(
        case((reminders.c.ended_at.is_(None), 1), else_=0),
        reminders.c.due_at.desc(),
        case((reminders.c.reason == "off", 1), else_=0),
        reminders.c.id.desc(),
    )
    .limit(1)
    .scalar_subquery()
)
_KEY = func.coalesce(people.c.key_id, clinic_records.c.key_id)
_WITH_KEYS = visits.outerjoin(people, visits.c.person_id == people.c.id).outerjoin(
    clinic_records, visits.c.record_id == clinic_records.c.id
)
# So many at a time, with or without a reminder: a look costs the same however many
# visits there are.
_SOME = (
    select(visits.c.id)
    .where(
        stands,
        tuple_(visits.c.starts_at, visits.c.id)
        > tuple_(bindparam("after", type_=Utc), bindparam("above", type_=RowId)),
        visits.c.starts_at < bindparam("ends"),
    )
    .order_by(visits.c.starts_at, visits.c.id)
    .limit(bindparam("most"))
)
_told = exists().where(
    alarms.c.visit_id == visits.c.id, alarms.c.revision == visits.c.revision
)
_LOOKED_AT = select(
    visits.c.id,
    visits.c.revision,
    visits.c.starts_at,
    visits.c.person_id,
    _KEY,
    case(
        (visits.c.person_id.is_(None), NOT_JOINED),
        else_=func.coalesce(_why, NONE_PLANNED),
    ),
    or_(has_one, _told),
).select_from(_WITH_KEYS)
_RAISE = (
    insert(alarms)
    .on_conflict_do_nothing(index_elements=[alarms.c.visit_id, alarms.c.revision])
    .returning(alarms.c.visit_id)
)
_standing_alarms = (
    select(
        visits.c.id,
        alarms.c.revision,
        visits.c.starts_at,
        visits.c.person_id,
        _KEY,
        alarms.c.reason,
        alarms.c.id,
    )
    .select_from(_WITH_KEYS.join(alarms, alarms.c.visit_id == visits.c.id))
    .where(alarms.c.ended_at.is_(None))
)
_OVER = (
    _standing_alarms.where(
        or_(
            visits.c.revision != alarms.c.revision,
            ~stands,
            visits.c.starts_at <= bindparam("now"),
            has_one,
        )
    )
    .order_by(alarms.c.id)
    .limit(bindparam("most"))
)
_STANDS = _standing_alarms.order_by(visits.c.starts_at, visits.c.id).limit(
    bindparam("most")
)


def some_to_come(
    connection: Connection, after: datetime, above: int, ends: datetime, most: int
) -> tuple[list[Unreminded], tuple[datetime, int] | None]:
    """Of some visits to come: those that nothing reminds of, and nobody was told of.

    Args:
        after: where the look before ended, and `above` the visit it ended with.

    Returns:
        These visits, and where this look ended; None where it was the last.
    """
    asked = {"after": after, "above": above, "ends": ends, "most": most}
    ids = list(connection.execute(_SOME, asked).scalars())
    if not ids:
        return [], None
    rows = connection.execute(
        _LOOKED_AT.where(visits.c.id.in_(ids)).order_by(visits.c.starts_at, visits.c.id)
    ).all()
    found = [Unreminded(*row[:-1]) for row in rows if not row[-1]]
    end = (rows[-1][2], rows[-1][0]) if len(ids) == most else None
    return found, end


def raise_for(
    connection: Connection, found: Sequence[Unreminded], now: datetime
) -> set[int]:
    """Write down that these are told of; the visits of which nobody had told before."""
    rows = [
        {
            "visit_id": one.visit_id,
            "revision": one.revision,
            "reason": one.reason,
            "raised_at": now,
        }
        for one in found
    ]
    fresh: set[int] = set()
    for row in rows:  # one by one: what was there already returns nothing
        fresh |= {*connection.execute(_RAISE, row).scalars()}
    return fresh


def over(connection: Connection, now: datetime, most: int) -> list[Unreminded]:
    """Alarms that need not stand any more."""
    return [
        Unreminded(*row)
        for row in connection.execute(_OVER, {"now": now, "most": most})
    ]


def end(connection: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    """These are over; those of them that stood until now."""
    ended = (
        update(alarms)
        .where(alarms.c.id.in_(ids), alarms.c.ended_at.is_(None))
        .values(ended_at=now)
        .returning(alarms.c.id)
    )
    return {*connection.execute(ended).scalars()}


def standing(connection: Connection, most: int) -> list[Unreminded]:
    """What the team was told of and is still so, by the visit's beginning."""
    return [Unreminded(*row) for row in connection.execute(_STANDS, {"most": most})]
