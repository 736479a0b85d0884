"""approval of changes of feature flags by a second person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "projects",
        sa.Column("flag_approval", sa.Boolean(), nullable=False, server_default="false"),
    )
    op.add_column("feature_flag_versions", sa.Column("approved_by", sa.Integer()))
    op.add_column("feature_flag_versions", sa.Column("approved_by_email", sa.Text()))
    op.create_table(
        "proposed_flag_changes",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_by_email", sa.Text(), nullable=False),
        sa.Column(
            "proposed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_proposed_flag_changes")),
        sa.UniqueConstraint(
            "project_id", "flag_id", name=op.f("uq_proposed_flag_changes_project_id_flag_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("proposed_flag_changes")
    op.drop_column("feature_flag_versions", "approved_by_email")
    op.drop_column("feature_flag_versions", "approved_by")
    op.drop_column("projects", "flag_approval")
