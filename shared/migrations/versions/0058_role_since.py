"""Say since when members have their roles, so that a project counts for its earliest owner.

Revision ID: 0058
Revises: 0057
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column without rewriting the table; who created a project comes first."""
    op.add_column(
        "memberships",
        sa.Column(
            "role_since", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    op.execute(
        "UPDATE memberships m SET role_since = p.created_at FROM projects p, audit_log a "
        "WHERE p.id = m.project_id AND a.project_id = p.id AND a.action = 'project.created' "
        "AND a.actor_id = m.user_id AND m.role = 'owner'"
    )


def downgrade() -> None:
    """Remove the column."""
    op.drop_column("memberships", "role_since")
