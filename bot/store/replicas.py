"""Statements about the processes that work on this database.

A replica owns what it has in hand for as long as its row is here. Others may strike it
off once its lease has run out, and then what it owned is theirs to take. So whoever
writes down what became of something owned locks its own row first: while that lock is
held, nobody strikes it off.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Interval,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from bot.store.tables import nobody_has_it, outbox, replicas

_me = replicas.c.id == bindparam("me")
_CLOCK: ColumnElement[Any] = func.clock_timestamp(type_=DateTime(timezone=True))
_LEASE_END = _CLOCK + bindparam("lease", type_=Interval())
_ENTER = insert(replicas).returning(replicas.c.id)
_RENEW = (
    update(replicas).where(_me).values(lease_until=_LEASE_END).returning(replicas.c.id)
)
_every = replicas.alias()
_STANDING = (
    select(
        select(func.count()).select_from(_every).scalar_subquery(),
        exists().select_from(outbox).where(nobody_has_it),
    )
    .select_from(replicas)
    .where(_me)
    .with_for_update(read=True, key_share=True, of=replicas)
)
_STRIKE_OFF = (
    delete(replicas)
    .where(
        replicas.c.id.in_(
            select(replicas.c.id)
            .where(
                or_(
                    replicas.c.lease_until < _CLOCK,
                    replicas.c.id.in_(bindparam("gone", expanding=True)),
                ),
                ~_me,
            )
            .with_for_update(skip_locked=True)
        )
    )
    .returning(replicas.c.id)
)
#: Ends what a silent replica has open. Frozen between statements it sends together, it
#: leaves a session that counts as busy, so that no time-out ends it, and its locks with
#: it. Takes no lock: the row of that replica may be among what it holds.
END_SESSIONS = """
    SELECT pg_terminate_backend(session.pid)
    FROM replicas
    JOIN pg_stat_activity AS session ON session.application_name = replicas.sessions
    WHERE replicas.lease_until < clock_timestamp()
        AND replicas.sessions <> current_setting('application_name')
        AND session.usename = session_user AND session.datname = current_database()
"""
_END_SESSIONS = text(END_SESSIONS)
_PROCESSES = select(replicas.c.id, replicas.c.process).where(
    ~_me, replicas.c.process.is_not(None)
)
_OTHERS = delete(replicas).where(~_me)
_LEAVE = delete(replicas).where(_me)
_COUNT = select(func.count()).select_from(replicas)


def enter(
    connection: Connection,
    now: datetime,
    process: str | None,
    lease: timedelta | None,
    sessions: str | None = None,
) -> int:
    """The number of a new replica, never given before.

    Args:
        process: where it runs; None where that cannot be told.
        sessions: what it calls its sessions with the server; None where there is none.
        lease: how long it is taken to be alive without another sign; None where no
            other can be at work, so that all others are known to be dead.
    """
    new = _ENTER.values(started_at=now, process=process, sessions=sessions)
    if lease is not None:
        new = new.values(lease_until=_LEASE_END)
        return int(connection.execute(new, {"lease": lease}).scalar_one())
    number = int(connection.execute(new).scalar_one())
    connection.execute(_OTHERS, {"me": number})
    return number


def renew(connection: Connection, me: int, lease: timedelta) -> bool:
    """Give a sign of life; False where this replica was struck off."""
    given = {"me": me, "lease": lease}
    return connection.execute(_RENEW, given).scalar() is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a replica stands at one moment."""

    owns: bool  #: what it has is its own, and will be until the transaction ends
    alone: bool  #: every call that is not sent yet is in its hand


def standing(connection: Connection, me: int) -> Standing:
    """How this replica stands."""
    found = connection.execute(_STANDING, {"me": me}).first()
    if found is None:
        return Standing(False, False)
    count, some_are_left = found
    return Standing(True, count == 1 and not some_are_left)


def processes(connection: Connection, me: int) -> dict[int, str]:
    """Where each other replica runs, as far as that is known."""
    found = connection.execute(_PROCESSES, {"me": me}).all()
    return {row.id: row.process for row in found}


def strike_off(connection: Connection, me: int, gone: Collection[int]) -> int:
    """How many own nothing from here on.

    Those that gave no sign of life in time, and those of `gone`, known to be dead. One
    that still holds its row is passed over; its sessions end, so that it lets go soon.
    """
    connection.execute(_END_SESSIONS)
    given = {"me": me, "gone": list(gone)}
    return len(connection.execute(_STRIKE_OFF, given).all())


def leave(connection: Connection, me: int) -> None:
    """Own nothing from here on."""
    connection.execute(_LEAVE, {"me": me})


def count(connection: Connection) -> int:
    """How many are at work, this one included."""
    return int(connection.scalar(_COUNT) or 0)
