"""quotas of bytes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_COLUMNS = ("daily_quota_bytes", "monthly_quota_bytes")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("projects", sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("projects", name)
