"""whether ingest warns of or refuses events that do not fit their schema"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "definitions",
        sa.Column("schema_mode", sa.Text(), nullable=False, server_default="off"),
    )
    op.create_check_constraint(
        op.f("ck_definitions_schema_mode"),
        "definitions",
        "schema_mode IN ('off', 'warn', 'refuse')",
    )


def downgrade() -> None:
    op.drop_column("definitions", "schema_mode")
