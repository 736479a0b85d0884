"""how a saved insight is shown, and whether it is pinned"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "saved_insights",
        sa.Column("view", postgresql.JSONB(), server_default="{}", nullable=False),
    )
    op.add_column(
        "saved_insights",
        sa.Column("is_favourite", sa.Boolean(), server_default="false", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("saved_insights", "is_favourite")
    op.drop_column("saved_insights", "view")
