"""A timetable → visits: what is new, moved, cancelled or as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from bot.store import visits as stored
from bot.store.visits import VisitRow
from bot.timetable import Listed, Refused
from bot.visits import Visits, Wanted, Whose
from dialogs.visits import OPEN, NotPossible, Status, Visit

AT_ONCE = 500  # rows in one transaction


@dataclass(slots=True)
class Outcome:
    """What became of rows, or would."""

    new: int = 0
    moved: int = 0
    cancelled: int = 0
    changed: int = 0  #: another place, area or number
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)


def take_in(
    connection: Connection,
    visits: Visits,
    rows: Sequence[Listed],
    now: datetime,
    outcome: Outcome,
    *,
    write: bool,
) -> None:
    """Take in some rows of a timetable.

    Args:
        write: False only counts what would be done.
    """
    hashes = {row.uid: visits.uid_hash(row.uid) for row in rows}
    known = stored.by_uid(connection, hashes.values())
    new: list[Listed] = []
    for row in rows:
        there = known.get(hashes[row.uid])
        if there is not None:
            _update(connection, visits, row, there, now, outcome, write=write)
        elif row.cancelled:
            outcome.unchanged += 1  # cancelled before it was ever here
        elif row.starts_at <= now:
            outcome.refused.append(Refused(row.line, "start: is past"))
        else:
            new.append(row)
    outcome.new += len(new)
    if write and new:
        people = visits.expect(connection, {r.patient: r.name for r in new}, now)
        visits.book_all(connection, _wanted(new, people), now)


def _wanted(
    rows: Iterable[Listed], people: dict[str, Whose]
) -> list[tuple[Whose, Wanted]]:
    return [
        (
            people[row.patient],
            Wanted(row.starts_at, row.area, row.number, row.place, uid=row.uid),
        )
        for row in rows
    ]


def _update(
    connection: Connection,
    visits: Visits,
    row: Listed,
    there: VisitRow,
    now: datetime,
    outcome: Outcome,
    *,
    write: bool,
) -> None:
    visit = visits.opened(there)
    try:
        if row.cancelled:
            if visit.status in (Status.CANCELLED, Status.CANCELLED_LATE):
                outcome.unchanged += 1
                return
            visit.done("cancel", now)
            outcome.cancelled += 1
            if write:
                visits.act(connection, there, "cancel", now)
        elif row.starts_at != visit.starts_at:
            if row.starts_at <= now:
                raise NotPossible("start: is past")
            visit.moved(row.starts_at, now)
            outcome.moved += 1
            if write:
                about = _about(row, visit)
                visits.move(connection, there, row.starts_at, now, **about)
        elif visit.status in OPEN and (about := _about(row, visit)):
            outcome.changed += 1
            if write:
                visits.change_about(connection, there, **about)
        else:
            outcome.unchanged += 1
    except NotPossible as fault:
        outcome.refused.append(Refused(row.line, str(fault)))


def _about(row: Listed, visit: Visit) -> dict[str, object]:
    """What is new of a visit but its time; an empty cell leaves what is there."""
    said = {"place": row.place, "area": row.area, "number": row.number}
    return {
        name: value
        for name, value in said.items()
        if value and value != getattr(visit, name)
    }
