"""Statements about sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert  # SQLite reads it too

from bot.store.across import UNANSWERED
from bot.store.tables import sessions, sessions_set_aside

_new = insert(sessions).inline()
_KEEP = _new.on_conflict_do_update(
    index_elements=[sessions.c.person_id],
    set_={
        "generation": _new.excluded.generation,
        "body": _new.excluded.body,
        "updated_at": _new.excluded.updated_at,
    },
).execution_options(**UNANSWERED)
_SET_ASIDE = insert(sessions_set_aside)


def keep(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store each person's session in place of the one before."""
    connection.execute(_KEEP, rows)


def set_aside(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep sessions that this release cannot read, with the reason."""
    connection.execute(_SET_ASIDE, rows)
