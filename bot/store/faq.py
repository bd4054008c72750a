"""Statements about questions that the team answers at run time, and labelled ones.

An entry ("C7") is never changed: a new wording is a new revision, a row of its own,
that waits as a draft until somebody approves it and takes the place of the one before.
Whatever changes what is answered moves the version on, and calls out to the replicas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bot.store import settings
from bot.store.across import call_out, wait_for_lock
from bot.store.tables import faq_entries, faq_labels, people

#: What replicas call out when the questions have changed.
CHANGED = "faq"

#: Stands before the entry of a label that tells what is not asked.
NOT = "-"

#: So many labels that nobody waits for are learned together: it takes a second or two.
LEARNED_TOGETHER = 10

#: Where it is counted how often they have.
_VERSION = "faq_version"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One revision of an entry, as stored."""

    id: int
    key: str  #: of what brought it about; it names the place of the seal
    entry: str  #: "C7"
    revision: int
    language: str
    body: bytes  #: sealed by the house
    status: str  #: draft, approved or retired
    written_by: bytes | None  #: keyed hash; None: the command line
    written_at: datetime
    approved_by: bytes | None
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A question somebody labelled with the entry it asks, as stored."""

    key: str
    entry: str  #: "" where no entry answers it
    key_id: str | None  #: of the person whose words they are; None: the house's
    body: bytes  #: sealed


_ROW = select(
    faq_entries.c.id,
    faq_entries.c.key,
    faq_entries.c.entry,
    faq_entries.c.revision,
    faq_entries.c.language,
    faq_entries.c.body,
    faq_entries.c.status,
    faq_entries.c.written_by,
    faq_entries.c.written_at,
    faq_entries.c.approved_by,
    faq_entries.c.approved_at,
).order_by(faq_entries.c.id)


def version(connection: Connection) -> int:
    """Grows with every change of what is answered."""
    return int(settings.value(connection, _VERSION) or 0)


def _changed(connection: Connection) -> None:
    wait_for_lock(connection, _VERSION)
    settings.remember(connection, _VERSION, str(version(connection) + 1))
    call_out(connection, CHANGED)


def add(connection: Connection, row: Mapping[str, Any], entry: str = "") -> str:
    """Keep a draft; the id of its entry.

    The same `key` a second time changes nothing: a turn may be taken again.

    Args:
        row: key, language, body, written_by, written_at.
        entry: of which it is a new revision; empty for a new one.
    """
    known = select(faq_entries.c.entry).where(faq_entries.c.key == row["key"])
    if (found := connection.scalar(known)) is not None:
        return str(found)
    last = connection.scalar(
        select(func.max(faq_entries.c.revision)).where(faq_entries.c.entry == entry)
    )
    new = {**row, "entry": entry, "revision": (last or 0) + 1, "status": "draft"}
    number = connection.scalar(
        insert(faq_entries).values(new).returning(faq_entries.c.id)
    )
    if entry:
        return entry
    named = f"C{number}"
    connection.execute(
        update(faq_entries).where(faq_entries.c.id == number).values(entry=named)
    )
    return named


def entries(connection: Connection, *status: str) -> list[EntryRow]:
    """Every revision that stands so, the oldest first; all of them unless said."""
    asked = _ROW.where(faq_entries.c.status.in_(status)) if status else _ROW
    return [EntryRow(*row) for row in connection.execute(asked)]


def revision(connection: Connection, entry: str, number: int) -> EntryRow | None:
    """One revision of an entry; nobody else changes it until this is committed."""
    row = connection.execute(
        _ROW.where(
            faq_entries.c.entry == entry, faq_entries.c.revision == number
        ).with_for_update()
    ).first()
    return None if row is None else EntryRow(*row)


def approve(connection: Connection, row: int, by: bytes | None, now: datetime) -> bool:
    """Serve a draft in place of the revision before; False where it is no draft."""
    entry: str | None = connection.scalar(
        update(faq_entries)
        .where(faq_entries.c.id == row, faq_entries.c.status == "draft")
        .values(status="approved", approved_by=by, approved_at=now)
        .returning(faq_entries.c.entry)
    )
    if entry is None:
        return False
    _end(connection, now, faq_entries.c.entry == entry, faq_entries.c.id < row)
    return True


def drop(connection: Connection, entry: str, now: datetime) -> bool:
    """Drop the drafts of an entry; False where there were none."""
    ended = connection.execute(
        update(faq_entries)
        .where(faq_entries.c.entry == entry, faq_entries.c.status == "draft")
        .values(status="retired", retired_at=now)
    )
    return ended.rowcount > 0


def retire(connection: Connection, entry: str, now: datetime) -> bool:
    """Serve and offer an entry no more; False where none of it was left."""
    return _end(connection, now, faq_entries.c.entry == entry) > 0


def _end(connection: Connection, now: datetime, *which: Any) -> int:
    ended = connection.execute(
        update(faq_entries)
        .where(faq_entries.c.status != "retired", *which)
        .values(status="retired", retired_at=now)
    )
    _changed(connection)
    return ended.rowcount


def add_label(
    connection: Connection, row: Mapping[str, Any], at_once: bool = True
) -> bool:
    """Keep a labelled question; False where this `key` was kept before.

    Args:
        row: key, entry, language, person_id, body, labelled_by, at.
        at_once: have it learned now; else with the next that are.
    """
    known = select(faq_labels.c.id).where(faq_labels.c.key == row["key"])
    if connection.scalar(known) is not None:
        return False
    connection.execute(insert(faq_labels).values(row))
    count = connection.scalar(select(func.count()).select_from(faq_labels)) or 0
    if at_once or count % LEARNED_TOGETHER == 0:
        _changed(connection)
    return True


def deny_label(connection: Connection, person: int, entry: str) -> bool:
    """The last question of theirs that was said to ask this does not; False: none was.

    It is learned with the next change.
    """
    last = select(func.max(faq_labels.c.id)).where(
        faq_labels.c.person_id == person, faq_labels.c.entry == entry
    )
    changed = connection.execute(
        update(faq_labels)
        .where(faq_labels.c.id == last.scalar_subquery())
        .values(entry=f"{NOT}{entry}")
    )
    return changed.rowcount > 0


def labels(connection: Connection, language: str) -> list[LabelRow]:
    """Every labelled question of a language, in order."""
    found = connection.execute(
        select(faq_labels.c.key, faq_labels.c.entry, people.c.key_id, faq_labels.c.body)
        .select_from(faq_labels.outerjoin(people))
        .where(faq_labels.c.language == language)
        .order_by(faq_labels.c.id)
    )
    return [LabelRow(*row) for row in found]
