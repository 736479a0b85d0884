"""seal all days again, with the sessions that begin on them"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE sealed_days SET version = version + 1 WHERE expired_at IS NULL")


def downgrade() -> None:
    pass
