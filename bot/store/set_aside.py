"""Statements about turns that failed for good: looked at, taken again, dropped."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.store.tables import inbox, spelled_out

_ASIDE = spelled_out(inbox.c.status, "set_aside")
_these = inbox.c.id.in_(bindparam("ids", expanding=True))
_LIST = (
    select(
        inbox.c.id,
        inbox.c.key,
        inbox.c.lane,
        inbox.c.attempts,
        inbox.c.reason,
        inbox.c.received_at,
        inbox.c.done_at,
    )
    .where(_ASIDE)
    .order_by(inbox.c.id)
)
_NUMBERS = select(inbox.c.id).where(_ASIDE)
_REPLAY = (
    update(inbox)
    .where(_ASIDE, _these)
    .values(status="pending", attempts=0, not_before=None, done_at=None)
    .returning(inbox.c.id)
)
_DROP = (
    update(inbox)
    .where(_ASIDE, _these)
    .values(status="done", body=None, done_at=bindparam("moment"))
    .returning(inbox.c.id)
)


@dataclass(frozen=True, slots=True)
class Aside:
    """A turn that failed for good. Nothing of what was written is here."""

    id: int
    key: str
    lane: str
    attempts: int
    reason: str | None
    received_at: datetime
    set_aside_at: datetime | None


def every(connection: Connection) -> list[Aside]:
    """All that are set aside, oldest first."""
    return [Aside(*row) for row in connection.execute(_LIST)]


def numbers(connection: Connection) -> list[int]:
    """Row numbers of these."""
    return list(connection.execute(_NUMBERS).scalars())


def replay(connection: Connection, ids: Collection[int]) -> set[int]:
    """Let these be tried again, as if for the first time; those that were aside."""
    return set(connection.execute(_REPLAY, {"ids": list(ids)}).scalars())


def drop(connection: Connection, ids: Collection[int], now: datetime) -> set[int]:
    """Give these up and erase what was written; those that were aside."""
    given = {"ids": list(ids), "moment": now}
    return set(connection.execute(_DROP, given).scalars())
