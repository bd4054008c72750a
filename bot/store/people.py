"""Statements about people and their consents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.store.across import UNANSWERED
from bot.store.many import padded
from bot.store.tables import consents, people, sessions


class PersonRow(NamedTuple):
    """A person together with their session, as stored."""

    id: int
    key_id: str  #: of the data key that opens what is sealed here
    contact: bytes  #: sealed: chat id and first name
    language: str  #: as Telegram gave it ("en", "pt-br")
    blocked_at: datetime | None
    generation: int | None  #: of the session; None where there is none yet
    session: bytes | None  #: sealed


_FOUND = select(people.c.chat_hash, people.c.id, people.c.key_id).where(
    people.c.chat_hash.in_(bindparam("hashes", expanding=True))
)
_BY_ID = (
    select(
        people.c.id,
        people.c.key_id,
        people.c.contact,
        people.c.language,
        people.c.blocked_at,
        sessions.c.generation,
        sessions.c.body,
    )
    .select_from(people.outerjoin(sessions))
    .where(people.c.id.in_(bindparam("ids", expanding=True)))
)
_ADD = insert(people).returning(people.c.id, sort_by_parameter_order=True)
_REKEY = (
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(key_id=bindparam("new_key"), contact=bindparam("new_contact"))
)
_BLOCKED = (
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(blocked_at=bindparam("moment"))
    .execution_options(**UNANSWERED)
)
_CONSENT = insert(consents).inline().execution_options(**UNANSWERED)


def found(
    connection: Connection, hashes: Collection[bytes]
) -> dict[bytes, tuple[int, str]]:
    """Row number and key id of the people whose chats hash to these."""
    rows = connection.execute(_FOUND, {"hashes": padded(hashes)})
    return {hashed: (person, key_id) for hashed, person, key_id in rows}


def by_id(connection: Connection, ids: Collection[int]) -> dict[int, PersonRow]:
    """These people with their sessions."""
    rows = connection.execute(_BY_ID, {"ids": padded(ids)})
    return {row[0]: PersonRow(*row) for row in rows}


def count(connection: Connection) -> int:
    """How many people there are."""
    return int(connection.scalar(select(func.count()).select_from(people)) or 0)


def after(connection: Connection, last: int, most: int) -> list[int]:
    """Row numbers of the next people after this one."""
    rows = select(people.c.id).where(people.c.id > last).order_by(people.c.id)
    return list(connection.execute(rows.limit(most)).scalars())


def contacts(connection: Connection, most: int) -> list[tuple[int, str, bytes]]:
    """Row number, key and sealed contact of those who came last."""
    found = connection.execute(
        select(people.c.id, people.c.key_id, people.c.contact)
        .order_by(people.c.id.desc())
        .limit(most)
    )
    return [(person, key_id, contact) for person, key_id, contact in found]


def still_there(connection: Connection, ids: Collection[int]) -> set[int]:
    """Which of these have not been erased."""
    found = connection.execute(select(people.c.id).where(people.c.id.in_(ids)))
    return set(found.scalars())


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Row numbers of the people added, in the order given."""
    return list(connection.execute(_ADD, rows).scalars())


def give_new_key(
    connection: Connection, person: int, key_id: str, contact: bytes
) -> None:
    """A person whose key was destroyed writes again: they begin anew."""
    connection.execute(
        _REKEY, {"person": person, "new_key": key_id, "new_contact": contact}
    )


def mark_blocked(connection: Connection, marks: Mapping[int, datetime | None]) -> None:
    """Since when each cannot be reached; None: they can."""
    connection.execute(
        _BLOCKED, [{"person": who, "moment": at} for who, at in marks.items()]
    )


def record_consents(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down consents given and withdrawn."""
    connection.execute(_CONSENT, rows)
