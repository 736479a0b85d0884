"""owner and verification of documented events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("definitions", sa.Column("owner", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "definitions", sa.Column("verified", sa.Boolean(), server_default="false", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("definitions", "verified")
    op.drop_column("definitions", "owner")
