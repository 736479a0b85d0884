"""how long received events wait until they are stored"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intake_counts", sa.Column("waited_ms", sa.BigInteger(), nullable=True))
    op.add_column("intake_counts", sa.Column("max_wait_ms", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("intake_counts", "max_wait_ms")
    op.drop_column("intake_counts", "waited_ms")
