"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId, Utc

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("chat_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("contact", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("blocked_at", Utc),
        sa.Column("created_at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("updated_at", Utc, nullable=False),
    )
    op.create_table(
        "sessions_set_aside",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "consents",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("text_version", sa.String(64), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consents_person_id", "consents", ["person_id"])
    op.create_table(
        "inbox",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id")),
        sa.Column("body", sa.LargeBinary),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Utc),
        sa.Column("reason", sa.String(200)),
        sa.Column("received_at", Utc, nullable=False),
        sa.Column("done_at", Utc),
        sa.CheckConstraint("status IN ('pending', 'done', 'set_aside')", name="status"),
        sqlite_autoincrement=True,
    )
    _partial_index("ix_inbox_pending", "inbox", ["id"], "status = 'pending'")
    _partial_index(
        "ix_inbox_pending_lane", "inbox", ["lane", "id"], "status = 'pending'"
    )
    op.create_table(
        "outbox",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("key", sa.String(96), nullable=False, unique=True),
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("about_person", RowId, sa.ForeignKey("people.id")),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.Column("refers_to", sa.String(96)),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("report", sa.Boolean, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("uncertain", sa.Integer, nullable=False),
        sa.Column("not_before", Utc),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("reason", sa.String(200)),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("sent_at", Utc),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'failed')", name="status"
        ),
        sa.CheckConstraint(
            "kind IN ('message', 'edit', 'strip', 'toast', 'staff')", name="kind"
        ),
        sqlite_autoincrement=True,
    )
    _partial_index(
        "ix_outbox_unsent", "outbox", ["id"], "status IN ('pending', 'sending')"
    )
    _partial_index(
        "ix_outbox_staff_message", "outbox", ["lane", "message_id"], "kind = 'staff'"
    )
    op.create_table(
        "bot_settings",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    some = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=some, postgresql_where=some)
