"""log of merges of persons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_merges",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_kind", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("distinct_id", sa.Text(), nullable=False),
        sa.Column("previous_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("joined_person_id", sa.Integer(), nullable=True),
        sa.Column("joined_ids", JSONB(), nullable=False),
        sa.Column("joined_profile", JSONB(), nullable=True),
        sa.Column("split_person_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_person_merges"),
    )
    for column in ("distinct_id", "previous_id"):
        op.create_index(
            f"ix_person_merges_project_id_{column}", "person_merges", ["project_id", column]
        )


def downgrade() -> None:
    op.drop_table("person_merges")
