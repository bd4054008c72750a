"""Who belongs to the team, what the team did, and what went badly for a patient."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.append_only import forbid_changes
from bot.store.tables import RowId, Utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("user_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("since", Utc, nullable=False),
        sa.Column("removed_at", Utc),
        sa.CheckConstraint("role IN ('owner', 'clinician', 'desk')", name="role"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_invites",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("expires_at", Utc, nullable=False),
        sa.Column("used_at", Utc),
        sa.CheckConstraint("role IN ('owner', 'clinician', 'desk')", name="role"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("at", Utc, nullable=False),
        sa.Column("actor", sa.LargeBinary),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("subject", sa.LargeBinary),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    forbid_changes(op.get_bind(), "audit")
    op.create_table(
        "adverse_events",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sa.Column("by", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_adverse_events_person_id", "adverse_events", ["person_id"])
