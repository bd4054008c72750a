"""Visits, whom the clinic expects, and the reminders of both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId, Utc

revision = "0007"
down_revision = "0006"

_STATUSES = (
    "status IN ('proposed', 'booked', 'confirmed', 'attended', 'missed', "
    "'cancelled', 'cancelled_late')"
)


def upgrade() -> None:
    op.add_column("people", sa.Column("zone", sa.String(64)))
    op.create_table(
        "clinic_records",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("ref_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id", ondelete="CASCADE")),
        sa.Column("key_id", sa.String(64)),
        sa.Column("body", sa.LargeBinary),
        sa.Column("link_hash", sa.LargeBinary, unique=True),
        sa.Column("link_until", Utc),
        sa.Column("created_at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clinic_records_person_id", "clinic_records", ["person_id"])
    op.create_table(
        "visits",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("person_id", RowId, sa.ForeignKey("people.id", ondelete="CASCADE")),
        sa.Column("record_id", RowId, sa.ForeignKey("clinic_records.id")),
        sa.Column("uid_hash", sa.LargeBinary, unique=True),
        sa.Column("starts_at", Utc, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("booked_at", Utc, nullable=False),
        sa.Column("changed_at", Utc, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.CheckConstraint(_STATUSES, name="status"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visits_person_id", "visits", ["person_id"])
    op.create_index("ix_visits_record_id", "visits", ["record_id"])
    _partial_index(
        "ix_visits_to_come",
        "visits",
        ["starts_at"],
        "status IN ('booked', 'confirmed')",
    )
    op.create_table(
        "reminders",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("visit_id", RowId, sa.ForeignKey("visits.id", ondelete="CASCADE")),
        sa.Column(
            "person_id",
            RowId,
            sa.ForeignKey("people.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("due_at", Utc),
        sa.Column("useful_until", Utc),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("ended_at", Utc),
        sa.CheckConstraint(
            "status IN ('pending', 'fired', 'sent', 'skipped', 'void')", name="status"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reminders_person_id", "reminders", ["person_id"])
    op.create_index(
        "uq_reminders_visit",
        "reminders",
        ["visit_id", "revision", "kind"],
        unique=True,
    )
    _partial_index(
        "uq_reminders_person",
        "reminders",
        ["person_id", "kind"],
        "visit_id IS NULL",
        unique=True,
    )
    _partial_index(
        "ix_reminders_due", "reminders", ["rank", "due_at"], "status = 'pending'"
    )


def _partial_index(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    some = sa.text(where)
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=some, postgresql_where=some
    )
