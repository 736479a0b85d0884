"""experiment outcomes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("experiments", sa.Column("outcome", sa.Text()))
    op.add_column("experiments", sa.Column("shipped_variant", sa.Text()))
    op.add_column("experiments", sa.Column("decided_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in ("decided_at", "shipped_variant", "outcome"):
        op.drop_column("experiments", name)
