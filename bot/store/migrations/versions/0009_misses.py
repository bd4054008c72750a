"""Questions that nobody answered, and answers that were wrong."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId, Utc

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "misses",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("key", sa.String(96), nullable=False, unique=True),
        sa.Column(
            "person_id",
            RowId,
            # So that a replica of the release before can still erase somebody.
            sa.ForeignKey("people.id", ondelete="CASCADE"),
            index=True,
        ),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("entry", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("told_by", sa.LargeBinary),
        sa.Column("at", Utc, nullable=False, index=True),
        sa.CheckConstraint("kind IN ('unanswered', 'wrong')", name="kind"),
        sqlite_autoincrement=True,
    )
