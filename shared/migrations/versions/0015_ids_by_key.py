"""kind of key that used or joined a distinct id"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


_COLUMNS = ("by_secret_key", "joined_by_public_key")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column(
            "person_distinct_ids",
            sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False),
        )


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("person_distinct_ids", name)
