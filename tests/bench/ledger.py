"""What the database holds at the end, read by another program."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts of rows, by what they mean."""

    updates: int  #: stored, whatever became of them
    turns_done: int
    turns_waiting: int
    turns_set_aside: int
    sent: int
    unsent: int
    failed: int
    uncertain: int  #: tries to send whose outcome is unknown
    people: int
    sessions: int
    consents: int
    consents_doubled: int  #: the same, written down again


_COUNTS = {
    "updates": "SELECT COUNT(*) FROM inbox WHERE key LIKE 'tg:%'",
    "turns_done": "SELECT COUNT(*) FROM inbox WHERE status = 'done'",
    "turns_waiting": "SELECT COUNT(*) FROM inbox WHERE status = 'pending'",
    "turns_set_aside": "SELECT COUNT(*) FROM inbox WHERE status = 'set_aside'",
    "sent": "SELECT COUNT(*) FROM outbox WHERE status = 'sent'",
    "unsent": "SELECT COUNT(*) FROM outbox WHERE status NOT IN ('sent', 'failed')",
    "failed": "SELECT COUNT(*) FROM outbox WHERE status = 'failed'",
    "uncertain": "SELECT COALESCE(SUM(uncertain), 0) FROM outbox",
    "people": "SELECT COUNT(*) FROM people",
    "sessions": "SELECT COUNT(*) FROM sessions",
    "consents": "SELECT COUNT(*) FROM consents",
    "consents_doubled": "SELECT (SELECT COUNT(*) FROM consents) - (SELECT COUNT(*) FROM"
    " (SELECT DISTINCT person_id, purpose, granted FROM consents) AS once)",
}


def read_ledger(database_url: str) -> Ledger:
    """Count everything that a promise is about."""
    driven = database_url.replace("postgresql://", "postgresql+psycopg://")
    engine = sqlalchemy.create_engine(driven)
    try:
        with engine.connect() as connection:
            counts = {
                name: int(connection.execute(sqlalchemy.text(statement)).scalar_one())
                for name, statement in _COUNTS.items()
            }
    finally:
        engine.dispose()
    return Ledger(**counts)
