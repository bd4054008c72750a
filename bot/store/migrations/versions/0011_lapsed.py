"""Proposed visits that nobody answered in time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_BEFORE = (
    "status IN ('proposed', 'booked', 'confirmed', 'attended', 'missed', "
    "'cancelled', 'cancelled_late')"
)
_NOW = (
    "status IN ('proposed', 'lapsed', 'booked', 'confirmed', 'attended', "
    "'missed', 'cancelled', 'cancelled_late')"
)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_visits_status"), "visits", type_="check")
        op.create_check_constraint(op.f("ck_visits_status"), "visits", _NOW)
        return
    # SQLite changes no constraint in place. A table made anew would take its reminders
    # with it when the old one goes; its own way for what no stored row is touched by is
    # to write the text of the table (sqlite.org/lang_altertable.html, section 7).
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :before, :now)"
            " WHERE type = 'table' AND name = 'visits'"
        ),
        {"before": _BEFORE, "now": _NOW},
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
