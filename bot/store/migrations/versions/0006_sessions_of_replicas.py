"""What a replica calls its sessions, so that others may end them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("replicas", sa.Column("sessions", sa.String(64)))
