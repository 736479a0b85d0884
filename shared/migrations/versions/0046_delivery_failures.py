"""the kind and the detail of why a message failed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("error_code", sa.Text()))
    op.add_column("deliveries", sa.Column("error_detail", sa.Text()))


def downgrade() -> None:
    op.drop_column("deliveries", "error_detail")
    op.drop_column("deliveries", "error_code")
