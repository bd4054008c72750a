"""Alarms about visits that nothing reminds of, and proposed visits found quickly."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId, Utc

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", RowId, primary_key=True),
        sa.Column(
            "visit_id",
            RowId,
            # So that a replica of the release before can still erase somebody.
            sa.ForeignKey("visits.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("raised_at", Utc, nullable=False),
        sa.Column("ended_at", Utc),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_alarms_visit", "alarms", ["visit_id", "revision"], unique=True)
    stands = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_alarms_standing",
        "alarms",
        ["id"],
        sqlite_where=stands,
        postgresql_where=stands,
    )
    proposed = sa.text("status = 'proposed'")
    op.create_index(
        "ix_visits_proposed",
        "visits",
        ["starts_at"],
        sqlite_where=proposed,
        postgresql_where=proposed,
    )
