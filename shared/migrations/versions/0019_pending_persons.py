"""persons with pending merges, by group"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_persons",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("is_known", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "person_id", name="pk_pending_persons"),
    )
    op.create_index(
        "ix_pending_merges_project_id_requested_at",
        "pending_merges",
        ["project_id", "requested_at"],
    )
    op.create_index(
        "ix_pending_merges_project_id_previous_id", "pending_merges", ["project_id", "previous_id"]
    )


def downgrade() -> None:
    op.drop_index("ix_pending_merges_project_id_previous_id", "pending_merges")
    op.drop_index(
        "ix_pending_merges_project_id_requested_at", "pending_merges"
    )
    op.drop_table("pending_persons")
