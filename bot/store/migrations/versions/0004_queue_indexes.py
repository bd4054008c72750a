"""What waits is found by its lane, and what was set aside without reading all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_INDEXES = (
    ("ix_inbox_pending", "inbox", "status = 'pending' AND id > 0"),
    ("ix_outbox_unsent", "outbox", "status IN ('pending', 'sending') AND id > 0"),
)


def upgrade() -> None:
    for name, table, where in _INDEXES:
        op.drop_index(name, table)
        _partial_index(name, table, where)
    _partial_index("ix_inbox_set_aside", "inbox", "status = 'set_aside'")


def _partial_index(name: str, table: str, where: str) -> None:
    some = sa.text(where)
    op.create_index(name, table, ["id"], sqlite_where=some, postgresql_where=some)
