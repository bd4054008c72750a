"""Statements about patients' conversations with the team."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert  # SQLite reads it too

from bot.store.tables import people, ratings, spelled_out, topics


@dataclass(frozen=True, slots=True)
class Topic:
    """One patient's conversation with the team."""

    person_id: int
    key_id: str  #: of the patient's data key
    thread_id: int | None  #: Telegram's number of the topic; None: there is none now
    title: bytes | None  #: sealed with the patient's key
    status: str  #: open, claimed, snoozed or closed
    claimed_by: bytes | None  #: keyed hash of who has the chat
    claimer: bytes | None  #: their first name, sealed by the house
    snoozed_until: datetime | None
    asked_at: datetime | None  #: since when the oldest question waits
    opened_at: datetime
    first_reply_at: datetime | None
    closed_at: datetime | None


_COLUMNS = (
    topics.c.person_id,
    people.c.key_id,
    topics.c.thread_id,
    topics.c.title,
    topics.c.status,
    topics.c.claimed_by,
    topics.c.claimer,
    topics.c.snoozed_until,
    topics.c.asked_at,
    topics.c.opened_at,
    topics.c.first_reply_at,
    topics.c.closed_at,
)
_ALL = select(*_COLUMNS).select_from(topics.join(people))
_OF = _ALL.where(topics.c.person_id == bindparam("person"))
_BY_THREAD = (
    select(topics.c.person_id, people.c.key_id)
    .select_from(topics.join(people))
    .where(topics.c.thread_id == bindparam("thread"))
)
_OPEN = insert(topics)
_OPENED = _OPEN.on_conflict_do_update(
    index_elements=[topics.c.person_id],
    set_={
        "title": _OPEN.excluded.title,
        "asked_at": func.coalesce(topics.c.asked_at, _OPEN.excluded.asked_at),
        # What was closed or put off is open again; who has the chat keeps it.
        "status": case((topics.c.status == "claimed", "claimed"), else_="open"),
        "snoozed_until": None,
        "closed_at": None,
    },
)
_CHANGE = topics.c.person_id == bindparam("person")
_WAITS = (topics.c.asked_at.is_not(None)) & (topics.c.status != "closed")


def of(connection: Connection, person: int) -> Topic | None:
    """This person's conversation with the team, if there ever was one."""
    row = connection.execute(_OF, {"person": person}).first()
    return Topic(*tuple[Any, ...](row)) if row else None


def by_thread(connection: Connection, thread: int) -> tuple[int, str] | None:
    """The person a topic is about, and the key that opens what is theirs."""
    row = connection.execute(_BY_THREAD, {"thread": thread}).first()
    return (row[0], row[1]) if row else None


def open_for(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Begin these conversations, or take them up again."""
    for row in rows:
        connection.execute(_OPENED, row)


def change(connection: Connection, person: int, columns: Mapping[str, object]) -> None:
    """Change what is known of a conversation."""
    statement = update(topics).where(_CHANGE).values(**columns)
    connection.execute(statement, {"person": person})


def forget_thread(connection: Connection, person: int, thread: int) -> None:
    """The topic is gone; the next note opens another."""
    connection.execute(
        update(topics)
        .where(topics.c.person_id == person, topics.c.thread_id == thread)
        .values(thread_id=None)
    )


def redraw(connection: Connection, people_: Collection[int], now: datetime) -> None:
    """Have the cards of these drawn anew, where they have one."""
    connection.execute(
        update(topics)
        .where(topics.c.person_id.in_(people_), topics.c.card_due_at.is_(None))
        .values(card_due_at=now)
    )


def rate(connection: Connection, answers: Sequence[str], now: datetime) -> None:
    """Count how helpful conversations were."""
    rows = [{"at": now, "answer": answer} for answer in answers]
    connection.execute(insert(ratings), rows)


def next_card(connection: Connection) -> Topic | None:
    """Whose card has waited longest to be drawn."""
    row = connection.execute(
        _ALL.where(topics.c.card_due_at.is_not(None))
        .order_by(topics.c.card_due_at, topics.c.person_id)
        .limit(1)
    ).first()
    return Topic(*tuple[Any, ...](row)) if row else None


def awake(connection: Connection, now: datetime, most: int) -> list[Topic]:
    """Whose time has come, of those put off."""
    found = connection.execute(
        _ALL.where(
            spelled_out(topics.c.status, "snoozed"), topics.c.snoozed_until <= now
        )
        .order_by(topics.c.snoozed_until)
        .limit(most)
    )
    return [Topic(*tuple[Any, ...](row)) for row in found]


def waiting(connection: Connection, most: int, *, untaken: bool) -> list[Topic]:
    """Who waits for an answer, longest first.

    Args:
        untaken: only those whose chat nobody of the team has.
    """
    asked = _ALL.where(_WAITS)
    if untaken:
        asked = asked.where(topics.c.status == "open")
    found = connection.execute(
        asked.order_by(topics.c.asked_at, topics.c.person_id).limit(most)
    )
    return [Topic(*tuple[Any, ...](row)) for row in found]


def latest(connection: Connection, most: int) -> list[Topic]:
    """The conversations begun last."""
    found = connection.execute(_ALL.order_by(topics.c.id.desc()).limit(most))
    return [Topic(*tuple[Any, ...](row)) for row in found]
