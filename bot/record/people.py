"""What is kept of people, one after the other, as a clinic takes it away."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from bot.errors import KeyDestroyed, SealBroken
from bot.keys import KeyStore, place
from bot.roles import Roles
from bot.store import people, rights
from bot.store.people import PersonRow
from bot.turn import session_place
from bot.visits import Visits
from dialogs.errors import UnreadableSession
from dialogs.house import House
from dialogs.intake import cleared_flags, intake_of
from dialogs.session import Session
from dialogs.visits import Visit
from exoplan import ExoplanError, Plan, make_plan

#: People opened at one time: an export of a whole chain holds no more in memory.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """One person, opened."""

    key_id: str
    subject: str  #: what they are known by in the audit trail and in every export
    telegram: int
    name: str
    known_since: str  #: ISO, UTC
    consents: tuple[Mapping[str, object], ...]
    visits: tuple[Visit, ...]
    #: one for each area with answers, where they show them to the team; a held one has
    #: no number
    plans: tuple[Plan, ...]
    readable: bool  #: False: the session is of another release, and left out


def opened_of(
    connection: Connection,
    ids: Collection[int],
    keys: KeyStore,
    roles: Roles,
    house: House,
    visits: Visits,
) -> Iterator[Kept]:
    """These people, but for those who were erased."""
    rows = people.by_id(connection, ids)
    for number in ids:
        row = rows[number]
        try:
            at = place("people", "contact", row.key_id)
            contact = orjson.loads(keys.open(row.key_id, at, row.contact))
        except KeyDestroyed:
            continue  # erased
        plans = _plans(keys, row, house)
        yield Kept(
            key_id=row.key_id,
            subject=roles.subject(row.key_id).hex()[:16],
            telegram=contact["chat_id"],
            name=contact["name"],
            known_since=rights.known_since(connection, number).isoformat(),
            consents=tuple(
                {
                    "purpose": one.purpose,
                    "granted": one.granted,
                    "text_version": one.text_version,
                    "at": one.at.isoformat(),
                }
                for one in rights.consents_of(connection, number)
            ),
            visits=visits.of(connection, number),
            plans=plans or (),
            readable=plans is not None,
        )


def _plans(keys: KeyStore, row: PersonRow, house: House) -> tuple[Plan, ...] | None:
    if row.session is None or row.generation is None:
        return ()
    at = session_place(row.id, row.generation)
    try:
        stored: Any = orjson.loads(keys.open(row.key_id, at, row.session))
        session = Session.from_json(stored)
        if session.consent != "team":
            return ()  # what they answered is not for the clinic's eyes
        return tuple(
            _plan(one, house) for one in _areas(session) if one.area in house.book.areas
        )
    except (SealBroken, UnreadableSession, ExoplanError):
        return None


def _areas(session: Session) -> Iterator[Session]:
    """The session once for each area with answers."""
    if session.area and (session.answers or session.health):
        yield session
    for area, answers in session.done.items():
        yield session.with_(area=area, answers=answers)


def _plan(session: Session, house: House) -> Plan:
    """The plan as the chat may show it: what was told in words closes it as well."""
    plan = make_plan(
        intake_of(session, house), house.book, lifted=cleared_flags(session)
    )
    return plan.without_numbers() if session.area in session.closed() else plan
