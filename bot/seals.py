"""Whether a database and a key store belong together, and a sample that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Connection, Select, func, inspect, null, select

from bot.errors import KeyDestroyed, KeysOfAnother, SealBroken
from bot.keys import KeyStore, place
from bot.store import settings
from bot.store.tables import (
    adverse_events,
    clinic_records,
    faq_entries,
    faq_labels,
    inbox,
    misses,
    outbox,
    people,
    sessions,
    sessions_set_aside,
    staff,
    topics,
    visits,
)

SAMPLE = 50  # rows tried at either end of a table
_MARK = "key_store"  # in bot_settings

#: Columns of bytes that are not sealed: what is looked up, and the audit's chain.
KEYED = frozenset(
    {
        "people.chat_hash",
        "staff.user_hash",
        "staff_invites.token_hash",
        "audit.actor",
        "audit.subject",
        "audit.previous",
        "audit.hash",
        "adverse_events.by",
        "faq_entries.written_by",
        "faq_entries.approved_by",
        "faq_labels.labelled_by",
        "misses.told_by",
        "topics.claimed_by",
        "clinic_records.ref_hash",
        "clinic_records.link_hash",
        "visits.uid_hash",
    }
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed column and how one of its rows is opened."""

    column: Column[Any]
    rows: Select[Any]
    #: id of the key (None: the house's), the sealed bytes, and what names the place

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.column.table.name}.{self.column.name}"


def _of_a_person(column: Column[Any], *named: Column[Any]) -> Sealed:
    """Sealed with the key of the person a row refers to, if it refers to one."""
    rows = select(people.c.key_id, column, *named).select_from(
        column.table.outerjoin(people)
    )
    return Sealed(column, rows)


#: A visit is sealed with its patient's key, or until they join with their record's.
_of_visit = func.coalesce(people.c.key_id, clinic_records.c.key_id)

SEALED = (
    Sealed(
        people.c.contact, select(people.c.key_id, people.c.contact, people.c.key_id)
    ),
    _of_a_person(sessions.c.body, sessions.c.person_id, sessions.c.generation),
    _of_a_person(
        sessions_set_aside.c.body,
        sessions_set_aside.c.person_id,
        sessions_set_aside.c.generation,
    ),
    _of_a_person(inbox.c.body, inbox.c.key),
    _of_a_person(outbox.c.body, outbox.c.key),
    _of_a_person(
        adverse_events.c.body, adverse_events.c.person_id, adverse_events.c.at
    ),
    Sealed(faq_entries.c.body, select(null(), faq_entries.c.body, faq_entries.c.key)),
    _of_a_person(faq_labels.c.body, faq_labels.c.key),
    _of_a_person(misses.c.body, misses.c.key),
    Sealed(staff.c.name, select(null(), staff.c.name, staff.c.user_hash)),
    _of_a_person(topics.c.title, topics.c.person_id),
    Sealed(topics.c.claimer, select(null(), topics.c.claimer, topics.c.person_id)),
    Sealed(
        clinic_records.c.body,
        select(clinic_records.c.key_id, clinic_records.c.body, clinic_records.c.key_id),
    ),
    Sealed(
        visits.c.body,
        select(_of_visit, visits.c.body, _of_visit).select_from(
            visits.outerjoin(people).outerjoin(
                clinic_records, visits.c.record_id == clinic_records.c.id
            )
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What became of the rows tried in one column."""

    name: str  #: table and column
    opened: int = 0
    erased: int = 0  #: their key was destroyed
    shut: int = 0  #: sealed with a key that was replaced since, or damaged


def hold_together(connection: Connection, keys: KeyStore) -> None:
    """From here on this database is known to be sealed with these keys.

    Raises:
        KeysOfAnother: it is known to be sealed with others.
    """
    known = settings.value(connection, _MARK)
    if known is None:
        settings.remember(connection, _MARK, _mark(keys))
    else:
        _compare(known, keys)


def prove(connection: Connection, keys: KeyStore) -> list[Sample]:
    """Open some rows of every sealed column: the oldest and the newest.

    A few may stay shut: what was sealed for somebody before they were erased and wrote
    again. Where nothing opens at all, the copy or the keys are wrong.

    Raises:
        KeysOfAnother: the keys are another database's.
        SealBroken: what should open does not.
    """
    if (known := settings.value(connection, _MARK)) is not None:
        _compare(known, keys)
    there = set(inspect(connection).get_table_names())  # an earlier release had fewer
    samples = [
        _try(connection, keys, one) for one in SEALED if one.column.table.name in there
    ]
    for sample in samples:
        if sample.shut and not sample.opened:
            raise SealBroken(f"{sample.name}, in each of {sample.shut} rows tried")
    return samples


def _try(connection: Connection, keys: KeyStore, sealed: Sealed) -> Sample:
    (number,) = sealed.column.table.primary_key.columns
    some = sealed.rows.where(sealed.column.is_not(None)).limit(SAMPLE)
    opened = erased = shut = 0
    rows = {
        tuple(row)
        for order in (number.asc(), number.desc())
        for row in connection.execute(some.order_by(order))
    }
    for key_id, body, *named in rows:
        at = place(
            sealed.column.table.name,
            sealed.column.name,
            ":".join(map(_spelled, named)),
        )
        try:
            keys.open(key_id or keys.house, at, body)
            opened += 1
        except KeyDestroyed:
            erased += 1
        except SealBroken:
            shut += 1
    return Sample(sealed.name, opened, erased, shut)


def _spelled(part: object) -> str:
    """A column's value as places name it."""
    if isinstance(part, datetime):
        return part.astimezone(UTC).isoformat(timespec="microseconds")
    return part.hex() if isinstance(part, bytes) else str(part)


def _compare(known: str, keys: KeyStore) -> None:
    if known != _mark(keys):
        raise KeysOfAnother("the key store that belongs to it is needed")


def _mark(keys: KeyStore) -> str:
    return keys.lookup_hash("key store").hex()
