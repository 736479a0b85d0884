"""merges of persons that a job carries out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_merges",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("distinct_id", sa.Text(), nullable=False),
        sa.Column("previous_id", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "project_id", "distinct_id", "previous_id", name="pk_pending_merges"
        ),
    )


def downgrade() -> None:
    op.drop_table("pending_merges")
