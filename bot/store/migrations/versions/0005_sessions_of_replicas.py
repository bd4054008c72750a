"""What a replica calls its sessions, so that others may end them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("replicas", sa.Column("sessions", sa.String(64)))
