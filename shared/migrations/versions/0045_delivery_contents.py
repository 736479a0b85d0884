"""what several mails have in common, stored once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.migrations.indexes import create_index

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_contents",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_delivery_contents")),
        if_not_exists=True,
    )
    op.execute("ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS content_id bigint")
    create_index(
        "ix_deliveries_of_content",
        "deliveries",
        "(project_id, content_id) WHERE content_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_column("deliveries", "content_id")
    op.drop_table("delivery_contents")
