"""feature flags and their history"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feature_flags",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_feature_flags")),
        sa.UniqueConstraint("project_id", "key", name=op.f("uq_feature_flags_project_id_key")),
    )
    op.create_table(
        "feature_flag_versions",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB()),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_by_email", sa.Text(), nullable=False),
        sa.Column(
            "changed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_feature_flag_versions")),
        sa.UniqueConstraint(
            "project_id",
            "flag_id",
            "version",
            name=op.f("uq_feature_flag_versions_project_id_flag_id_version"),
        ),
    )


def downgrade() -> None:
    op.drop_table("feature_flag_versions")
    op.drop_table("feature_flags")
