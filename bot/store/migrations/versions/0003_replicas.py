"""Several processes at work on one database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.tables import RowId, Utc

revision = "0003"
down_revision = "0002"

_UNSENT = "status IN ('pending', 'sending')"
_LEFT = "status = 'pending' AND owner IS NULL"


def upgrade() -> None:
    op.create_table(
        "replicas",
        sa.Column("id", RowId, primary_key=True),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("process", sa.String(128)),
        sa.Column("lease_until", Utc),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "gate_slots",
        sa.Column("gate", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("free_at", Utc, nullable=False),
    )
    op.add_column("outbox", sa.Column("owner", sa.BigInteger))
    _partial_index("ix_outbox_unsent_lane", ["lane", "id"], _UNSENT)
    _partial_index("ix_outbox_left", ["id"], _LEFT)
    if op.get_bind().dialect.name == "postgresql":
        # Queues: what is done with is swept up by the thousand, not by the fifth of
        # all that was ever stored.
        for table in ("inbox", "outbox"):
            op.execute(
                f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.01, "
                "autovacuum_vacuum_threshold = 2000)"
            )


def _partial_index(name: str, columns: list[str], where: str) -> None:
    some = sa.text(where)
    op.create_index(name, "outbox", columns, sqlite_where=some, postgresql_where=some)
