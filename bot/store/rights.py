"""Statements about a person's data as a whole: all of it, its silence, its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
)

from bot.store.tables import (
    adverse_events,
    clinic_records,
    consents,
    faq_labels,
    inbox,
    misses,
    outbox,
    people,
    reminders,
    sessions,
    sessions_set_aside,
    spelled_out,
    topics,
    visits,
)

#: In this order, so that nothing is left that refers to what is gone. Alarms go with
#: their visits.
_ABOUT = (
    (sessions, sessions.c.person_id),
    (sessions_set_aside, sessions_set_aside.c.person_id),
    (consents, consents.c.person_id),
    (adverse_events, adverse_events.c.person_id),
    (faq_labels, faq_labels.c.person_id),
    (misses, misses.c.person_id),
    (topics, topics.c.person_id),
    (inbox, inbox.c.person_id),
    (outbox, outbox.c.about_person),
    (reminders, reminders.c.person_id),
    (visits, visits.c.person_id),
    (clinic_records, clinic_records.c.person_id),
    (people, people.c.id),
)


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """A consent given or withdrawn."""

    purpose: str
    granted: bool
    text_version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AdverseRow:
    """Something that went badly, as staff wrote it down."""

    id: int
    person_id: int
    key_id: str  #: of the key that opens it
    at: datetime
    by: bytes  #: keyed hash of who wrote it down
    body: bytes  #: sealed


@dataclass(frozen=True, slots=True)
class WordsRow:
    """A question of a person's that is kept apart from their chat."""

    table: str  #: whose column `body` it is
    key: str  #: names the place of the seal
    why: str  #: unanswered, wrong, or labelled with what it asks
    entry: str  #: which was wrong, or what it asks; empty: nothing of ours
    body: bytes | None  #: sealed; None: the words were not to be kept
    at: datetime


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A chat of another release that could not be read, put aside whole."""

    generation: int
    body: bytes  #: sealed as in sessions
    at: datetime


_LAST_SEEN = func.coalesce(sessions.c.updated_at, people.c.created_at)
_AWAITED = exists().where(
    visits.c.person_id == people.c.id, visits.c.starts_at >= bindparam("before")
) | exists().where(
    reminders.c.person_id == people.c.id, spelled_out(reminders.c.status, "pending")
)
_WITH_EVENT = exists().where(adverse_events.c.person_id == people.c.id)
_ADVERSE = select(
    adverse_events.c.id,
    adverse_events.c.person_id,
    people.c.key_id,
    adverse_events.c.at,
    adverse_events.c.by,
    adverse_events.c.body,
).select_from(adverse_events.join(people))


def current_key(connection: Connection, person: int) -> str | None:
    """The key of this person; nobody else changes their row until this is committed."""
    found: str | None = connection.scalar(
        select(people.c.key_id).where(people.c.id == person).with_for_update()
    )
    return found


def known_since(connection: Connection, person: int) -> datetime:
    """When this person first wrote."""
    since: datetime = connection.execute(
        select(people.c.created_at).where(people.c.id == person)
    ).scalar_one()
    return since


def consents_of(connection: Connection, person: int) -> list[ConsentRow]:
    """Every consent this person gave or withdrew, in order."""
    found = connection.execute(
        select(
            consents.c.purpose,
            consents.c.granted,
            consents.c.text_version,
            consents.c.at,
        )
        .where(consents.c.person_id == person)
        .order_by(consents.c.id)
    )
    return [ConsentRow(*row) for row in found]


def words_of(connection: Connection, person: int) -> list[WordsRow]:
    """Every question of this person's that is kept apart from their chat."""
    missed = select(
        literal("misses"),
        misses.c.key,
        misses.c.kind,
        misses.c.entry,
        misses.c.body,
        misses.c.at,
    ).where(misses.c.person_id == person)
    labelled = select(
        literal("faq_labels"),
        faq_labels.c.key,
        literal("labelled"),
        faq_labels.c.entry,
        faq_labels.c.body,
        faq_labels.c.at,
    ).where(faq_labels.c.person_id == person)
    found = [*connection.execute(missed), *connection.execute(labelled)]
    return sorted((WordsRow(*row) for row in found), key=lambda one: one.at)


def aside_of(connection: Connection, person: int) -> list[AsideRow]:
    """Every chat of this person's that was put aside, in order."""
    found = connection.execute(
        select(
            sessions_set_aside.c.generation,
            sessions_set_aside.c.body,
            sessions_set_aside.c.at,
        )
        .where(sessions_set_aside.c.person_id == person)
        .order_by(sessions_set_aside.c.id)
    )
    return [AsideRow(*row) for row in found]


def waits_behind(connection: Connection, lane: str, row: int) -> bool:
    """Whether this lane has more to handle after this row of the inbox."""
    found = select(inbox.c.id).where(
        inbox.c.status == "pending", inbox.c.lane == lane, inbox.c.id > row
    )
    return connection.scalar(found.limit(1)) is not None


def silent(
    connection: Connection, before: datetime, above: int, most: int
) -> list[tuple[int, str]]:
    """Row number and key of people numbered above `above` of whom nothing was heard.

    Whoever has an adverse event on record is left alone: that is the clinic's to end.
    So is whoever has a visit since or to come, or is still to be reminded of something.
    """
    found = connection.execute(
        select(people.c.id, people.c.key_id)
        .select_from(people.outerjoin(sessions))
        .where(people.c.id > above, before > _LAST_SEEN, ~_WITH_EVENT, ~_AWAITED)
        .order_by(people.c.id)
        .limit(most),
        {"before": before},
    )
    return [(person, key_id) for person, key_id in found]


def is_silent(connection: Connection, person: int, before: datetime) -> bool:
    """Whether that still holds for this person."""
    first = silent(connection, before, person - 1, 1)
    return bool(first) and first[0][0] == person


def erase(connection: Connection, person: int) -> None:
    """Delete every row about this person."""
    for table, column in _ABOUT:
        connection.execute(delete(table).where(column == person))


def record_adverse(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down what went badly."""
    connection.execute(insert(adverse_events), rows)


def adverse(connection: Connection, person: int | None = None) -> list[AdverseRow]:
    """What went badly for this person, or for anybody, in order."""
    asked = _ADVERSE.order_by(adverse_events.c.id)
    if person is not None:
        asked = asked.where(adverse_events.c.person_id == person)
    return [AdverseRow(*row) for row in connection.execute(asked)]
