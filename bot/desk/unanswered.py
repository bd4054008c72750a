"""Proposed visits that nobody answered in time: each lapses, and the team is told once.

What is found becomes an input in its patient's lane under a name of its own, so that it
is there once however often it is found; the turn decides by what is true by then.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.errors import KeyDestroyed
from bot.keys import KeyStore
from bot.store import visits
from bot.turn import incoming_input
from dialogs.inputs import ProposalLapsed

LOOK_EVERY = timedelta(minutes=1)
AT_ONCE = 100  # visits in one look


class UnansweredProposals:
    """Looks which proposed visits lapse now."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._next: datetime | None = None  # when it looks again; None: now

    def look(self, connection: Connection, now: datetime) -> list[dict[str, Any]]:
        """What lapses now, as rows for the inbox."""
        if self._next is not None and now < self._next:
            return []
        self._next = now + LOOK_EVERY
        rows = []
        for one in visits.unanswered(connection, now, AT_ONCE):
            name = f"{one.visit_id}.{one.revision}"
            with suppress(KeyDestroyed):  # their rows are about to go as well
                rows.append(
                    incoming_input(
                        self._keys,
                        key=f"due:lapse:{name}",
                        person=one.person_id,
                        key_id=one.key_id,
                        generation=None,
                        given=ProposalLapsed(name),
                        now=now,
                    )
                )
        return rows
