"""Events of crawlers, apart from people's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crawler_counts",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.DateTime(timezone=True), nullable=False),
        sa.Column("crawler_class", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "project_id", "bucket", "crawler_class", "operator", name="pk_crawler_counts"
        ),
    )
    op.create_table(
        "crawler_events",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_name", sa.Text(), nullable=False),
        sa.Column("page_url", sa.Text()),
        sa.Column("user_agent", sa.Text()),
        sa.Column("crawler_class", sa.Text(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("sample_weight", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "event_id", name="pk_crawler_events"),
    )
    op.create_index(
        "ix_crawler_events_project_id_timestamp", "crawler_events", ["project_id", "timestamp"]
    )


def downgrade() -> None:
    op.drop_table("crawler_events")
    op.drop_table("crawler_counts")
