"""time of first receipt in the ledger"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("event_ledger", "stored_at", new_column_name="received_at")


def downgrade() -> None:
    op.alter_column("event_ledger", "received_at", new_column_name="stored_at")
