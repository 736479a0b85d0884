"""properties of persons and groups that a secret key has written"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("persons", "groups"):
        op.add_column(
            table, sa.Column("secret_properties", JSONB(), server_default="[]", nullable=False)
        )


def downgrade() -> None:
    for table in ("groups", "persons"):
        op.drop_column(table, "secret_properties")
