"""the state of an alert before its latest evaluation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("prior_status", sa.Text()))
    op.add_column("alerts", sa.Column("prior_streak", sa.Integer()))


def downgrade() -> None:
    op.drop_column("alerts", "prior_streak")
    op.drop_column("alerts", "prior_status")
