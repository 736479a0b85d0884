"""what a public link asks for and allows: password, dates, pages that embed it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dashboards", sa.Column("share_password_hash", sa.Text(), nullable=True))
    op.add_column("dashboards", sa.Column("share_period", sa.Text(), nullable=True))
    op.add_column("dashboards", sa.Column("share_earliest", sa.Date(), nullable=True))
    op.add_column(
        "dashboards",
        sa.Column("share_origins", postgresql.JSONB(), nullable=False, server_default="[]"),
    )


def downgrade() -> None:
    for name in ("share_origins", "share_earliest", "share_period", "share_password_hash"):
        op.drop_column("dashboards", name)
