"""Statements about what waits, for whoever watches over the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, func, literal, select

from bot.store import settings
from bot.store.tables import in_order, inbox, outbox, spelled_out, topics

MAX_COUNTED_DESK = 1_000_000  #: rows; a group is sent twenty a minute, so many may wait
MAX_COUNTED = 10_000  #: rows; more are not counted, so that looking stays cheap


@dataclass(frozen=True, slots=True)
class Waiting:
    """One queue."""

    rows: int  #: at most MAX_COUNTED
    since: datetime | None  #: when the oldest came; None where nothing waits


@dataclass(frozen=True, slots=True)
class Backlog:
    """Everything that waits, of all processes that share the database."""

    inbox: Waiting
    outbox: Waiting  #: without what waits for the staff chat
    desk: Waiting  #: calls that wait for the staff chat, at most MAX_COUNTED_DESK
    cards: int  #: of the team, that show something old
    set_aside: int  #: turns that failed for good, at most MAX_COUNTED


_TURNS = spelled_out(inbox.c.status, "pending")
_CALLS = spelled_out(outbox.c.status, "pending", "sending")
_ASIDE = spelled_out(inbox.c.status, "set_aside")


#: A group has a limit of its own: what waits for it says nothing about the rest.
_OF_THE_DESK = func.substr(outbox.c.lane, 1, 2) == "s:"


def _counted(rows: Select[int], most: int = MAX_COUNTED) -> Select[int]:
    some = rows.limit(most).subquery()
    return select(func.count()).select_from(some)


_INBOX_ROWS = _counted(select(literal(1)).select_from(inbox).where(_TURNS))
_OUTBOX_ROWS = _counted(
    select(literal(1)).select_from(outbox).where(_CALLS, ~_OF_THE_DESK)
)
_DESK_ROWS = _counted(
    select(literal(1)).select_from(outbox).where(_CALLS, _OF_THE_DESK),
    MAX_COUNTED_DESK,
)
_DESK_SINCE = (
    select(outbox.c.created_at)
    .where(_CALLS, _OF_THE_DESK, in_order(outbox))
    .order_by(outbox.c.id)
    .limit(1)
)
_CARDS = select(func.count()).where(topics.c.card_due_at.is_not(None))
_ASIDE_ROWS = _counted(select(literal(1)).select_from(inbox).where(_ASIDE))
_INBOX_SINCE = (
    select(inbox.c.received_at)
    .where(_TURNS, in_order(inbox))
    .order_by(inbox.c.id)
    .limit(1)
)
_OUTBOX_SINCE = (
    select(outbox.c.created_at)
    .where(_CALLS, ~_OF_THE_DESK, in_order(outbox))
    .order_by(outbox.c.id)
    .limit(1)
)


def backlog(connection: Connection) -> Backlog:
    """What waits now."""
    return Backlog(
        inbox=Waiting(
            connection.scalar(_INBOX_ROWS) or 0, connection.scalar(_INBOX_SINCE)
        ),
        outbox=Waiting(
            connection.scalar(_OUTBOX_ROWS) or 0, connection.scalar(_OUTBOX_SINCE)
        ),
        desk=Waiting(
            connection.scalar(_DESK_ROWS) or 0, connection.scalar(_DESK_SINCE)
        ),
        cards=connection.scalar(_CARDS) or 0,
        set_aside=connection.scalar(_ASIDE_ROWS) or 0,
    )


def note_look(connection: Connection, now: datetime) -> None:
    """Leave a mark: a database that is only read may be full."""
    settings.remember(connection, "looked_at", now.isoformat())
