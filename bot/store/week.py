"""Statements about what the last days were like. Nothing is counted in advance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Result, func, select

from bot.store.tables import people, ratings, sessions, topics, visits


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat in which something happened, sealed."""

    person_id: int
    key_id: str
    generation: int
    body: bytes
    begun: datetime  #: when this person first wrote


def first_replies(
    connection: Connection, begin: datetime, end: datetime, most: int
) -> list[tuple[datetime, datetime]]:
    """When conversations were opened and first answered, of those answered then."""
    found = connection.execute(
        select(topics.c.opened_at, topics.c.first_reply_at)
        .where(topics.c.first_reply_at >= begin, topics.c.first_reply_at <= end)
        .order_by(topics.c.id.desc())
        .limit(most)
    )
    return [(opened, replied) for opened, replied in found]


def topics_by_status(connection: Connection) -> dict[str, int]:
    """How many conversations stand how; "waiting" counts those that wait for a word."""
    found = connection.execute(
        select(topics.c.status, func.count()).group_by(topics.c.status)
    )
    waiting = connection.scalar(
        select(func.count())
        .select_from(topics)
        .where(topics.c.asked_at.is_not(None), topics.c.status != "closed")
    )
    return {**_counted(found), "waiting": waiting or 0}


def ratings_between(
    connection: Connection, begin: datetime, end: datetime
) -> dict[str, int]:
    """How helpful people found it: answers by word."""
    found = connection.execute(
        select(ratings.c.answer, func.count())
        .where(ratings.c.at >= begin, ratings.c.at <= end)
        .group_by(ratings.c.answer)
    )
    return _counted(found)


def visits_between(
    connection: Connection, begin: datetime, end: datetime
) -> dict[str, int]:
    """How visits of that time stand, by status."""
    found = connection.execute(
        select(visits.c.status, func.count())
        .where(visits.c.starts_at >= begin, visits.c.starts_at < end)
        .group_by(visits.c.status)
    )
    return _counted(found)


def chats_since(connection: Connection, begin: datetime, most: int) -> list[Chat]:
    """The chats in which something happened since then, the latest first."""
    found = connection.execute(
        select(
            sessions.c.person_id,
            people.c.key_id,
            sessions.c.generation,
            sessions.c.body,
            people.c.created_at,
        )
        .select_from(sessions.join(people))
        .where(sessions.c.updated_at >= begin)
        .order_by(sessions.c.updated_at.desc())
        .limit(most)
    )
    return [Chat(*row) for row in found]


def _counted(found: Result[str, int]) -> dict[str, int]:
    return dict(found.all())
