"""Count how often flags were evaluated, by hour, value and what the request says of their need.

Revision ID: 0059
Revises: 0058
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "flag_evaluations",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flag_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("evaluations", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "project_id", "hour", "flag_id", "request", "value", name=op.f("pk_flag_evaluations")
        ),
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("flag_evaluations")
