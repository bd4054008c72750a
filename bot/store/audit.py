"""Statements about the audit trail: a chain in which every row holds the one before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select

from bot.store.across import wait_for_lock
from bot.store.tables import audit

#: What stands before the first row.
BEGINNING = bytes(32)

#: Turns what a row says into 32 bytes that nobody makes without our keys.
Keyed = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did, or tried to do. Never what it was about in words."""

    at: datetime
    actor: bytes | None  #: keyed hash of their Telegram id; None: the program itself
    role: str  #: at that moment: owner, clinician, desk, group, patient, none, program
    action: str  #: one word, such as "clear"
    outcome: str  #: done or refused
    subject: bytes | None = None  #: keyed hash of the patient's key; None: no patient


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it stands in the chain."""

    id: int
    entry: Entry
    previous: bytes
    hash: bytes


_LAST = select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
_ALL = select(
    audit.c.id,
    audit.c.at,
    audit.c.actor,
    audit.c.role,
    audit.c.action,
    audit.c.outcome,
    audit.c.subject,
    audit.c.previous,
    audit.c.hash,
)
_COUNT = select(func.count()).select_from(audit)


def append(connection: Connection, keyed: Keyed, entries: Sequence[Entry]) -> None:
    """Add these to the end of the chain."""
    if not entries:
        return
    wait_for_lock(connection, "audit")  # two replicas must not follow the same row
    previous = connection.scalar(_LAST) or BEGINNING
    rows = []
    for entry in entries:
        link = keyed(_said(entry, previous))
        rows.append(
            {
                "at": entry.at,
                "actor": entry.actor,
                "role": entry.role,
                "action": entry.action,
                "outcome": entry.outcome,
                "subject": entry.subject,
                "previous": previous,
                "hash": link,
            }
        )
        previous = link
    connection.execute(insert(audit), rows)


def first_broken(connection: Connection, keyed: Keyed) -> int | None:
    """The first row that was changed or follows a missing one; None: all is whole."""
    previous = BEGINNING
    for row in _rows(connection):
        if row.previous != previous or row.hash != keyed(_said(row.entry, previous)):
            return row.id
        previous = row.hash
    return None


def latest(connection: Connection, most: int) -> list[Row]:
    """The newest rows, oldest of them first."""
    found = connection.execute(_ALL.order_by(audit.c.id.desc()).limit(most))
    return [_row(values) for values in found][::-1]


def count(connection: Connection) -> int:
    """How many rows there are."""
    return connection.scalar(_COUNT) or 0


def _rows(connection: Connection) -> Iterator[Row]:
    for values in connection.execute(_ALL.order_by(audit.c.id)):
        yield _row(values)


def _row(values: Sequence[object]) -> Row:
    number, at, actor, role, action, outcome, subject, previous, link = values
    entry = Entry(at, actor, role, action, outcome, subject)  # type: ignore[arg-type]
    return Row(number, entry, previous, link)  # type: ignore[arg-type]


def _said(entry: Entry, previous: bytes) -> str:
    """Everything a row says, in one way only."""
    return "audit:" + json.dumps(
        [
            previous.hex(),
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor.hex() if entry.actor else None,
            entry.role,
            entry.action,
            entry.outcome,
            entry.subject.hex() if entry.subject else None,
        ]
    )
