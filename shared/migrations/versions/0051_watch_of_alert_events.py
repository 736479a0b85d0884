"""what an alert watched when it fired"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_events", sa.Column("watch", JSONB()))


def downgrade() -> None:
    op.drop_column("alert_events", "watch")
