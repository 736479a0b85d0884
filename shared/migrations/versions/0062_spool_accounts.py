"""whose share of the spool a batch takes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spool", sa.Column("account", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("spool", "account")
