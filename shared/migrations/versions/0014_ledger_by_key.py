"""kind of key in the ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event_ledger", sa.Column("by_secret_key", sa.Boolean(), nullable=True))
    op.add_column(
        "event_ledger", sa.Column("other_received_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("event_ledger", "other_received_at")
    op.drop_column("event_ledger", "by_secret_key")
