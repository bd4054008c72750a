"""Patients' conversations with the team, and how helpful people found them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId, Utc

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column("id", RowId, primary_key=True),
        sa.Column(
            "person_id", RowId, sa.ForeignKey("people.id"), nullable=False, unique=True
        ),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("title", sa.LargeBinary),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("claimed_by", sa.LargeBinary),
        sa.Column("claimer", sa.LargeBinary),
        sa.Column("snoozed_until", Utc),
        sa.Column("asked_at", Utc),
        sa.Column("opened_at", Utc, nullable=False),
        sa.Column("first_reply_at", Utc),
        sa.Column("closed_at", Utc),
        sa.Column("card_due_at", Utc),
        sa.CheckConstraint(
            "status IN ('open', 'claimed', 'snoozed', 'closed')", name="status"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_topics_thread_id", "topics", ["thread_id"])
    for name, column, where in [
        ("ix_topics_card_due_at", "card_due_at", "card_due_at IS NOT NULL"),
        ("ix_topics_asked_at", "asked_at", "asked_at IS NOT NULL"),
        ("ix_topics_snoozed", "snoozed_until", "status = 'snoozed'"),
    ]:
        some = sa.text(where)
        op.create_index(
            name, "topics", [column], sqlite_where=some, postgresql_where=some
        )
    op.create_table(
        "ratings",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("at", Utc, nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sqlite_autoincrement=True,
    )
