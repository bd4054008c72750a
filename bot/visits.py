"""Visits as they are kept, and the reminders that belong to them.

Whoever changes a visit, patient, team or import, does it here: the visit and what is
planned for it change in one transaction, so that nothing is ever sent for a time that
is no more.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from bot.keys import KeyStore, place
from bot.store import reminders, visits
from bot.store.visits import VisitRow
from bot.turn import VisitEffect
from dialogs.effects import (
    ActOnVisit,
    BookVisit,
    ChooseZone,
    MoveVisit,
    Remind,
    Reminded,
)
from dialogs.inputs import ReminderDue
from dialogs.reminders import Calendar, Due, Plan, Reason
from dialogs.visits import OPEN, Status, Visit

#: What the one-time link of a clinic begins with.
LINK = "v-"

LINK_DAYS = 60  # until a link that nobody used ends
TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a visit is of: a person here, or somebody the clinic expects."""

    key_id: str  #: of the key that seals it
    person: int | None = None
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit that is to be kept."""

    starts_at: datetime  #: aware
    area: str = ""
    number: int = 0
    place: str = ""
    upkeep_months: int = 0
    status: Status = Status.BOOKED
    zone: str = ""  #: IANA name; empty: its patient's, or the clinic's
    uid: str = ""  #: what the clinic's own calendar calls it


class Visits:
    """Keeps visits and plans their reminders. Holds no state of its own.

    Args:
        calendar: the kinds this clinic sends.
        zone: IANA name of the clinic's time zone.
    """

    def __init__(self, keys: KeyStore, calendar: Calendar, zone: str) -> None:
        self._keys = keys
        self._calendar = calendar
        self._zone = zone

    # -- what there is -----------------------------------------------------------------

    def of(self, connection: Connection, person: int) -> tuple[Visit, ...]:
        """Every visit of a person, by their beginning; nobody else changes them until
        the transaction ends."""
        return tuple(map(self.opened, visits.of_person(connection, person)))

    def opened(self, row: VisitRow) -> Visit:
        """A stored visit.

        Raises:
            KeyDestroyed: its patient was erased.
        """
        plain = self._keys.open(row.key_id, _place(row.key_id), row.body)
        return Visit(
            id=row.id,
            starts_at=row.starts_at,
            zone=row.zone,
            status=Status(row.status),
            revision=row.revision,
            booked_at=row.booked_at,
            changed_at=row.changed_at,
            **orjson.loads(plain),
        )

    def planned(self, row: VisitRow) -> dict[str, Plan]:
        """What belongs to a visit as it stands, planned anew."""
        # What it is about matters to some kinds, so that it has to be opened.
        return self._calendar.plan(self.opened(row))

    def foreseen(self, row: VisitRow) -> dict[str, Due]:
        """What goes out about a visit, and went out while it was still to come.

        By its time as it is now, and by time alone: the most that there can be.
        """
        visit = self.opened(row)
        plans = self._calendar.plan(visit)
        if visit.status not in OPEN:
            lapsed = visit.status is Status.LAPSED
            stood = Status.PROPOSED if lapsed else Status.BOOKED
            before = self._calendar.plan(replace(visit, status=stood))
            ended = visit.changed_at
            plans |= {
                kind: plan
                for kind, plan in before.items()
                if isinstance(plan, Due) and plan.at < ended
            }
        return {kind: plan for kind, plan in plans.items() if isinstance(plan, Due)}

    # -- changes -----------------------------------------------------------------------

    def book(
        self, connection: Connection, whose: Whose, wanted: Wanted, now: datetime
    ) -> Visit:
        """Keep a visit and plan its reminders."""
        return self.book_all(connection, [(whose, wanted)], now)[0]

    def book_all(
        self,
        connection: Connection,
        new: Sequence[tuple[Whose, Wanted]],
        now: datetime,
    ) -> list[Visit]:
        """Keep many visits; in the order given."""
        made = [
            Visit(
                id=0,
                starts_at=wanted.starts_at,
                zone=wanted.zone or self._zone_of(connection, whose),
                status=wanted.status,
                revision=1,
                booked_at=now,
                changed_at=now,
                area=wanted.area,
                number=wanted.number,
                place=wanted.place,
                upkeep_months=wanted.upkeep_months,
            )
            for whose, wanted in new
        ]
        rows = [
            {
                "person_id": whose.person,
                "record_id": whose.record,
                "uid_hash": self.uid_hash(wanted.uid) if wanted.uid else None,
                "starts_at": visit.starts_at,
                "zone": visit.zone,
                "status": str(visit.status),
                "revision": 1,
                "booked_at": now,
                "changed_at": now,
                "body": self._sealed(whose.key_id, visit),
            }
            for (whose, wanted), visit in zip(new, made, strict=True)
        ]
        numbers = visits.add(connection, rows)
        kept = [
            replace(visit, id=number)
            for visit, number in zip(made, numbers, strict=True)
        ]
        self._plan(
            connection,
            (
                (visit, whose.person, True)
                for visit, (whose, _) in zip(kept, new, strict=True)
            ),
        )
        return kept

    def move(
        self,
        connection: Connection,
        row: VisitRow,
        starts_at: datetime,
        now: datetime,
        **about: object,
    ) -> Visit:
        """Give a visit another time; whatever was planned for the old one is void.

        Args:
            about: what else is new: place, area, number, upkeep_months.

        Raises:
            NotPossible: it is over, or was cancelled.
        """
        moved = replace(self.opened(row).moved(starts_at, now), **about)  # type: ignore[arg-type]
        reminders.void(connection, row.id, "moved", now)
        return self._changed(connection, row, moved)

    def act(
        self,
        connection: Connection,
        row: VisitRow,
        act: str,
        now: datetime,
        *,
        by_clinic: bool = True,
    ) -> Visit:
        """Do an act of `dialogs.visits.ACTS` to a visit.

        Raises:
            NotPossible: it is past that.
        """
        before = self.opened(row)
        # Of what was only proposed its patient knows nothing.
        by_clinic = by_clinic and before.status is not Status.PROPOSED
        done = before.done(act, now)
        if done.status in OPEN and before.status in OPEN and act != "book":
            self._write(connection, row, done)  # it stands as before: so do reminders
            return done
        # Only what ends a visit, or makes one of a proposal, comes here.
        reminders.void(connection, row.id, cast("Reason", str(done.status)), now)
        return self._changed(connection, row, done, by_clinic=by_clinic)

    def change_about(
        self, connection: Connection, row: VisitRow, **about: object
    ) -> Visit:
        """Put right what a visit is about; its time and its reminders stay."""
        visit = replace(self.opened(row), **about)  # type: ignore[arg-type]
        self._write(connection, row, visit)
        return visit

    def choose_zone(self, connection: Connection, person: int, zone: str) -> None:
        """Reckon a person's visits in another time zone."""
        visits.choose_zone(connection, person, zone)
        for row in visits.of_person(connection, person):
            visit = replace(self.opened(row), zone=zone)
            self._write(connection, row, visit)
            afresh = [
                {
                    "visit": visit.id,
                    "version": visit.revision,
                    "sort": kind,
                    **_moments(plan, "due", "until", "became", "why"),
                }
                for kind, plan in self._calendar.plan(visit).items()
            ]
            if afresh:
                reminders.plan_afresh(connection, afresh)

    # -- turns -------------------------------------------------------------------------

    def due(self, connection: Connection, event: ReminderDue) -> ReminderDue | None:
        """What falls due, as it was planned; None where it is void by now."""
        row = reminders.by_id(connection, event.reminder)
        if row is None or row.status != "fired":
            return None
        return ReminderDue(
            reminder=row.id,
            kind=row.kind,
            visit=row.visit_id or 0,
            revision=row.revision,
            until=row.useful_until,
        )

    def carry_out(
        self, connection: Connection, person: int, effect: VisitEffect, now: datetime
    ) -> None:
        """Do what a turn wants, in the transaction that keeps the turn."""
        match effect:
            case ActOnVisit() | MoveVisit():
                row = visits.by_id(connection, [effect.visit]).get(effect.visit)
                if row is None or row.person_id != person:
                    return
                # Decided on the visit as it is in this transaction: it is possible.
                if isinstance(effect, MoveVisit):
                    self.move(connection, row, effect.starts_at, now)
                else:
                    by_clinic = effect.by_clinic
                    self.act(connection, row, effect.act, now, by_clinic=by_clinic)
            case BookVisit():
                keys = visits.keys_of(connection, [person])
                wanted = Wanted(
                    effect.starts_at,
                    effect.area,
                    effect.number,
                    "",
                    effect.upkeep_months,
                    Status.PROPOSED if effect.proposed else Status.BOOKED,
                )
                self.book(connection, Whose(keys[person], person=person), wanted, now)
            case Reminded() if effect.again_at is not None:
                reminders.put_off(connection, effect.reminder, effect.again_at)
            case Reminded():
                became = "skipped" if effect.reason else "sent"
                end = {"row": effect.reminder, "became": became, "moment": now}
                reminders.end(connection, [{**end, "why": effect.reason or None}])
            case Remind():
                self._ask(connection, person, effect.kind, now)
            case ChooseZone():
                self.choose_zone(connection, person, effect.zone)

    def _ask(
        self, connection: Connection, person: int, name: str, now: datetime
    ) -> None:
        kind = self._calendar.kinds[name]
        zone = visits.zone_of(connection, person) or self._zone
        plan = self._calendar.asked(kind, now, ZoneInfo(zone))
        row = {
            "visit_id": None,
            "person_id": person,
            "revision": 0,
            "kind": name,
            "rank": kind.rank,
            **_moments(plan, "due_at", "useful_until", "status", "reason"),
        }
        reminders.plan_once(connection, row)

    # -- whom the clinic expects -------------------------------------------------------

    def uid_hash(self, uid: str) -> bytes:
        """What a visit of the clinic's own calendar is found by."""
        return self._keys.lookup_hash(f"visit:{uid}")

    def ref_hash(self, reference: str) -> bytes:
        """What a patient of the clinic's own records is found by."""
        return self._keys.lookup_hash(f"record:{reference}")

    def expect(
        self, connection: Connection, people: Mapping[str, str], now: datetime
    ) -> dict[str, Whose]:
        """Take up whom the clinic knows, by its own references; names by them."""
        hashes = {reference: self.ref_hash(reference) for reference in people}
        known = visits.records(connection, hashes.values())
        new = [reference for reference in people if hashes[reference] not in known]
        fresh = self._keys.new_keys(len(new)) if new else []
        rows = [
            {
                "ref_hash": hashes[reference],
                "key_id": key_id,
                "body": self._keys.seal(
                    key_id, _record_place(key_id), people[reference].encode()
                ),
                "created_at": now,
            }
            for reference, key_id in zip(new, fresh, strict=True)
        ]
        numbers = visits.add_records(connection, rows) if rows else []
        found = {
            reference: Whose(key_id, record=number)
            for reference, number, key_id in zip(new, numbers, fresh, strict=True)
        }
        keys = visits.keys_of(
            connection, [row.person_id for row in known.values() if row.person_id]
        )
        for reference, hashed in hashes.items():
            if hashed in known:
                row = known[hashed]
                found[reference] = (
                    Whose(keys[row.person_id], person=row.person_id)
                    if row.person_id
                    else Whose(row.key_id or "", record=row.id)
                )
        return found

    def link(self, connection: Connection, record: int, now: datetime) -> str:
        """The payload of a link that brings one patient here, once, within days."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        until = now + timedelta(days=LINK_DAYS)
        visits.make_link(connection, record, self._link_hash(token), until)
        return LINK + token

    def join(
        self,
        connection: Connection,
        payload: str,
        whose: Whose,
        now: datetime,
    ) -> bool:
        """Give whoever brings a good link the visits that wait for them."""
        assert whose.person is not None
        token = self._link_hash(payload.removeprefix(LINK))
        record = visits.use_link(connection, token, whose.person, now)
        if record is None:
            return False
        zone = visits.zone_of(connection, whose.person)
        adopted = []
        for row in visits.of_record(connection, record.id):
            visit = self.opened(row)
            visit = replace(visit, zone=zone or visit.zone, booked_at=now)
            adopted.append(visit)
        if adopted:
            visits.adopt(
                connection,
                [
                    {
                        "visit": visit.id,
                        "person": whose.person,
                        "new_zone": visit.zone,
                        "new_booking": visit.booked_at,
                        "new_body": self._sealed(whose.key_id, visit),
                    }
                    for visit in adopted
                ],
            )
            to_come = (v for v in adopted if v.starts_at > now)
            self._plan(connection, ((v, whose.person, False) for v in to_come))
        return True

    def _link_hash(self, token: str) -> bytes:
        return self._keys.lookup_hash(f"visit link:{token}")

    # -- the rest ----------------------------------------------------------------------

    def _zone_of(self, connection: Connection, whose: Whose) -> str:
        if whose.person is None:
            return self._zone
        return visits.zone_of(connection, whose.person) or self._zone

    def _changed(
        self,
        connection: Connection,
        row: VisitRow,
        visit: Visit,
        *,
        by_clinic: bool = True,
    ) -> Visit:
        self._write(connection, row, visit)
        self._plan(connection, [(visit, row.person_id, by_clinic)])
        return visit

    def _write(self, connection: Connection, row: VisitRow, visit: Visit) -> None:
        visits.change(
            connection,
            [
                {
                    "visit": visit.id,
                    "new_start": visit.starts_at,
                    "new_zone": visit.zone,
                    "new_status": str(visit.status),
                    "new_revision": visit.revision,
                    "new_booking": visit.booked_at,
                    "new_change": visit.changed_at,
                    "new_body": self._sealed(row.key_id, visit),
                }
            ],
        )

    def _plan(
        self,
        connection: Connection,
        changed: Iterable[tuple[Visit, int | None, bool]],
    ) -> None:
        """Plan what belongs to these visits; who has not joined is not reminded."""
        rows = [
            {
                "visit_id": visit.id,
                "person_id": person,
                "revision": visit.revision,
                "kind": kind,
                "rank": self._calendar.kinds[kind].rank,
                **_moments(plan, "due_at", "useful_until", "status", "reason"),
            }
            for visit, person, by_clinic in changed
            if person is not None
            for kind, plan in self._calendar.plan(visit, by_clinic=by_clinic).items()
        ]
        if rows:
            reminders.plan(connection, rows)

    def _sealed(self, key_id: str, visit: Visit) -> bytes:
        plain = orjson.dumps(
            {
                "area": visit.area,
                "number": visit.number,
                "place": visit.place,
                "upkeep_months": visit.upkeep_months,
            }
        )
        return self._keys.seal(key_id, _place(key_id), plain)


def _moments(
    plan: Plan, due: str, until: str, status: str, reason: str
) -> dict[str, Any]:
    """A plan as columns of these names."""
    if isinstance(plan, Due):
        return {due: plan.at, until: plan.until, status: "pending", reason: None}
    return {due: None, until: None, status: "skipped", reason: plan.reason}


def _place(key_id: str) -> bytes:
    return place("visits", "body", key_id)


def record_name(keys: KeyStore, key_id: str, body: bytes) -> str:
    """What the clinic calls somebody it expects.

    Raises:
        SealError: it does not open.
    """
    return keys.open(key_id, _record_place(key_id), body).decode()


def _record_place(key_id: str) -> bytes:
    return place("clinic_records", "body", key_id)
