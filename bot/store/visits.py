"""Statements about visits, and about whom the clinic expects."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    or_,
    select,
    update,
)

from bot.store.tables import clinic_records, people, spelled_out, visits
from dialogs.visits import FREE_BEFORE, TIME_TO_ANSWER


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit as stored."""

    id: int
    person_id: int | None  #: None: its patient has not joined
    record_id: int | None
    starts_at: datetime
    zone: str
    status: str
    revision: int
    booked_at: datetime
    changed_at: datetime
    body: bytes  #: sealed
    key_id: str  #: of the key that seals the body


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A proposed visit that nobody has answered in time."""

    visit_id: int
    revision: int
    person_id: int
    key_id: str  #: of the person's data key


@dataclass(frozen=True, slots=True)
class RecordRow:
    """Somebody whom the clinic knows under a reference of its own."""

    id: int
    person_id: int | None  #: None: they have not joined
    key_id: str | None  #: of the key that seals the name; None once they have
    body: bytes | None


#: That a visit is expected to take place, as its index has it.
stands = spelled_out(visits.c.status, "booked", "confirmed")

_KEY = func.coalesce(people.c.key_id, clinic_records.c.key_id)
_VISITS = select(
    visits.c.id,
    visits.c.person_id,
    visits.c.record_id,
    visits.c.starts_at,
    visits.c.zone,
    visits.c.status,
    visits.c.revision,
    visits.c.booked_at,
    visits.c.changed_at,
    visits.c.body,
    _KEY,
).select_from(
    visits.outerjoin(people, visits.c.person_id == people.c.id).outerjoin(
        clinic_records, visits.c.record_id == clinic_records.c.id
    )
)
_OF_PERSON = (
    _VISITS.where(visits.c.person_id == bindparam("person"))
    .order_by(visits.c.starts_at, visits.c.id)
    .with_for_update(of=visits)
)
_BY_ID = _VISITS.where(
    visits.c.id.in_(bindparam("ids", expanding=True))
).with_for_update(of=visits)
_BY_UID = (
    _VISITS.add_columns(visits.c.uid_hash)
    .where(visits.c.uid_hash.in_(bindparam("hashes", expanding=True)))
    .with_for_update(of=visits)
)
_TO_COME = (
    _VISITS.where(
        stands,
        visits.c.starts_at >= bindparam("begins"),
        visits.c.starts_at < bindparam("ends"),
    )
    .order_by(visits.c.starts_at, visits.c.id)
    .limit(bindparam("most"))
)
_PROPOSED = (
    _VISITS.where(
        spelled_out(visits.c.status, "proposed"),
        visits.c.starts_at > bindparam("begins"),
        visits.c.person_id.is_not(None),
    )
    .order_by(visits.c.starts_at, visits.c.id)
    .limit(bindparam("most"))
)
_UNANSWERED = (
    select(visits.c.id, visits.c.revision, visits.c.person_id, people.c.key_id)
    .select_from(visits.join(people, visits.c.person_id == people.c.id))
    .where(
        spelled_out(visits.c.status, "proposed"),
        visits.c.starts_at <= bindparam("soon"),
        or_(
            visits.c.starts_at <= bindparam("now"),
            visits.c.booked_at <= bindparam("long_ago"),
        ),
    )
    .order_by(visits.c.starts_at, visits.c.id)
    .limit(bindparam("most"))
)
_ADD = insert(visits).returning(visits.c.id, sort_by_parameter_order=True)
_CHANGE = (
    update(visits)
    .where(visits.c.id == bindparam("visit"))
    .values(
        starts_at=bindparam("new_start"),
        zone=bindparam("new_zone"),
        status=bindparam("new_status"),
        revision=bindparam("new_revision"),
        booked_at=bindparam("new_booking"),
        changed_at=bindparam("new_change"),
        body=bindparam("new_body"),
    )
)
_RECORDS = select(
    clinic_records.c.ref_hash,
    clinic_records.c.id,
    clinic_records.c.person_id,
    clinic_records.c.key_id,
    clinic_records.c.body,
).where(clinic_records.c.ref_hash.in_(bindparam("hashes", expanding=True)))
_ADD_RECORDS = insert(clinic_records).returning(
    clinic_records.c.id, sort_by_parameter_order=True
)
_OUTCOMES = (
    select(visits.c.status, func.count())
    .where(
        visits.c.starts_at >= bindparam("begins"),
        visits.c.starts_at < bindparam("ends"),
    )
    .group_by(visits.c.status)
)


def of_person(connection: Connection, person: int) -> list[VisitRow]:
    """Every visit of this person, by their beginning; they stay as they are until the
    transaction ends."""
    return [
        VisitRow(*row) for row in connection.execute(_OF_PERSON, {"person": person})
    ]


def by_id(connection: Connection, ids: Collection[int]) -> dict[int, VisitRow]:
    """These visits; they stay as they are until the transaction ends."""
    found = connection.execute(_BY_ID, {"ids": list(ids)})
    return {row[0]: VisitRow(*row) for row in found}


def by_uid(connection: Connection, hashes: Collection[bytes]) -> dict[bytes, VisitRow]:
    """The visits that the clinic's own calendar knows under these."""
    found = connection.execute(_BY_UID, {"hashes": list(hashes)})
    return {row[-1]: VisitRow(*row[:-1]) for row in found}


def to_come(
    connection: Connection, begins: datetime, ends: datetime, most: int
) -> list[VisitRow]:
    """Visits expected to begin in this stretch of time, in order."""
    asked = {"begins": begins, "ends": ends, "most": most}
    return [VisitRow(*row) for row in connection.execute(_TO_COME, asked)]


def proposed(connection: Connection, begins: datetime, most: int) -> list[VisitRow]:
    """Visits after this moment that nobody has agreed to yet, in order."""
    asked = {"begins": begins, "most": most}
    return [VisitRow(*row) for row in connection.execute(_PROPOSED, asked)]


def unanswered(connection: Connection, now: datetime, most: int) -> list[Unanswered]:
    """Proposed visits whose time to be answered is over, by their beginning.

    As `dialogs.visits.Visit.lapses_at` has it.
    """
    asked = {
        "now": now,
        "soon": now + FREE_BEFORE,
        "long_ago": now - TIME_TO_ANSWER,
        "most": most,
    }
    return [Unanswered(*row) for row in connection.execute(_UNANSWERED, asked)]


def begun_between(
    connection: Connection, begins: datetime, ends: datetime, above: int, most: int
) -> list[VisitRow]:
    """Visits that begin in this stretch of time, numbered above `above`, in order."""
    asked = (
        _VISITS.where(
            visits.c.id > above, visits.c.starts_at >= begins, visits.c.starts_at < ends
        )
        .order_by(visits.c.id)
        .limit(most)
    )
    return [VisitRow(*row) for row in connection.execute(asked)]


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Row numbers of the visits added, in the order given."""
    return list(connection.execute(_ADD, rows).scalars())


def change(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write these visits as they are now."""
    connection.execute(_CHANGE, rows)


def outcomes(
    connection: Connection, begins: datetime, ends: datetime
) -> dict[str, int]:
    """How many visits that began in this stretch of time came to each status."""
    found = connection.execute(_OUTCOMES, {"begins": begins, "ends": ends})
    return {row[0]: row[1] for row in found}


def zone_of(connection: Connection, person: int) -> str | None:
    """The time zone this person chose."""
    zone: str | None = connection.scalar(
        select(people.c.zone).where(people.c.id == person)
    )
    return zone


def choose_zone(connection: Connection, person: int, zone: str) -> None:
    """Remember the time zone this person chose."""
    connection.execute(update(people).where(people.c.id == person).values(zone=zone))


# -- whom the clinic expects -----------------------------------------------------------


def records(
    connection: Connection, hashes: Collection[bytes]
) -> dict[bytes, RecordRow]:
    """Whom the clinic knows under these references, by their hashes."""
    found = connection.execute(_RECORDS, {"hashes": list(hashes)})
    return {row[0]: RecordRow(*row[1:]) for row in found}


def add_records(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Row numbers of the records added, in the order given."""
    return list(connection.execute(_ADD_RECORDS, rows).scalars())


def keys_of(connection: Connection, persons: Collection[int]) -> dict[int, str]:
    """The keys of these people."""
    found = connection.execute(
        select(people.c.id, people.c.key_id).where(people.c.id.in_(persons))
    )
    return {row[0]: row[1] for row in found}


def old_keys_of(connection: Connection, person: int) -> list[str]:
    """Keys that sealed this person's visits before they joined."""
    return list(
        connection.execute(
            select(clinic_records.c.key_id).where(
                clinic_records.c.person_id == person,
                clinic_records.c.key_id.is_not(None),
            )
        ).scalars()
    )


def sealed_name(connection: Connection, record: int) -> tuple[str, bytes] | None:
    """Key and sealed name of whom the clinic expects; None once they have joined."""
    found = connection.execute(
        select(clinic_records.c.key_id, clinic_records.c.body).where(
            clinic_records.c.id == record, clinic_records.c.body.is_not(None)
        )
    ).first()
    return (found[0], found[1]) if found else None


def make_link(
    connection: Connection, record: int, link_hash: bytes, until: datetime
) -> None:
    """Give a record a link; one made before is void."""
    connection.execute(
        update(clinic_records)
        .where(clinic_records.c.id == record)
        .values(link_hash=link_hash, link_until=until)
    )


def use_link(
    connection: Connection, link_hash: bytes, person: int, now: datetime
) -> RecordRow | None:
    """The record a link is for, now this person's; None where it is no good any more.

    Of two who use it at once one gets it.
    """
    found = connection.execute(
        select(
            clinic_records.c.id,
            clinic_records.c.person_id,
            clinic_records.c.key_id,
            clinic_records.c.body,
        )
        .where(
            clinic_records.c.link_hash == link_hash, clinic_records.c.link_until > now
        )
        .with_for_update()
    ).first()
    if found is None:
        return None
    connection.execute(
        update(clinic_records)
        .where(clinic_records.c.id == found[0])
        .values(person_id=person, body=None, link_hash=None, link_until=None)
    )
    return RecordRow(*found)


def of_record(connection: Connection, record: int) -> list[VisitRow]:
    """Every visit of whom the clinic expects."""
    asked = _VISITS.where(visits.c.record_id == record).with_for_update(of=visits)
    return [VisitRow(*row) for row in connection.execute(asked)]


def adopt(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give visits that waited for a patient to who has joined."""
    connection.execute(
        update(visits)
        .where(visits.c.id == bindparam("visit"))
        .values(
            person_id=bindparam("person"),
            record_id=None,
            zone=bindparam("new_zone"),
            booked_at=bindparam("new_booking"),
            body=bindparam("new_body"),
        ),
        rows,
    )


def forgettable(
    connection: Connection, before: datetime, most: int
) -> list[tuple[int, str]]:
    """Some who never joined and have no visit since this moment: number and key."""
    waits = exists().where(
        visits.c.record_id == clinic_records.c.id, visits.c.starts_at >= before
    )
    found = connection.execute(
        select(clinic_records.c.id, clinic_records.c.key_id)
        .where(
            clinic_records.c.person_id.is_(None),
            clinic_records.c.created_at < before,
            ~waits,
        )
        .order_by(clinic_records.c.id)
        .limit(most)
    )
    return [(number, key_id) for number, key_id in found]


def forget_records(connection: Connection, records: Sequence[int]) -> None:
    """Delete these who never joined, with their visits."""
    connection.execute(delete(visits).where(visits.c.record_id.in_(records)))
    connection.execute(delete(clinic_records).where(clinic_records.c.id.in_(records)))
