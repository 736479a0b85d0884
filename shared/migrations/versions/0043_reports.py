"""reports by mail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dashboard_id", sa.Integer()),
        sa.Column("insight_id", sa.Integer()),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("month_day", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, server_default="en"),
        sa.Column("recipients", postgresql.JSONB(), nullable=False),
        sa.Column("unsubscribed", postgresql.JSONB(), nullable=False, server_default="[]"),
        sa.Column("is_paused", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("attempted_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text()),
        sa.Column("last_sent_at", sa.DateTime(timezone=True)),
        sa.Column("last_period", sa.Date()),
        sa.Column("created_by", sa.Integer()),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.CheckConstraint(
            "(dashboard_id IS NULL) <> (insight_id IS NULL)", name=op.f("ck_reports_one_subject")
        ),
        sa.CheckConstraint(
            "frequency IN ('daily', 'weekly', 'monthly')", name=op.f("ck_reports_frequency")
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_reports")),
    )


def downgrade() -> None:
    op.drop_table("reports")
