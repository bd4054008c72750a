"""Questions that the team answers at run time, and questions labelled by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId, Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "faq_entries",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("key", sa.String(96), nullable=False, unique=True),
        sa.Column("entry", sa.String(16), nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("written_by", sa.LargeBinary),
        sa.Column("written_at", Utc, nullable=False),
        sa.Column("approved_by", sa.LargeBinary),
        sa.Column("approved_at", Utc),
        sa.Column("retired_at", Utc),
        sa.CheckConstraint("status IN ('draft', 'approved', 'retired')", name="status"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "faq_labels",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("key", sa.String(96), nullable=False, unique=True),
        sa.Column("entry", sa.String(16), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column(
            "person_id",
            RowId,
            # So that a replica of the release before can still erase somebody.
            sa.ForeignKey("people.id", ondelete="CASCADE"),
            index=True,
        ),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("labelled_by", sa.LargeBinary),
        sa.Column("at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
