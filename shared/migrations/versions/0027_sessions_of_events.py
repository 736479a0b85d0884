"""seal all days again, so that their tables count sessions by inactivity too"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE sealed_days SET version = version + 1 WHERE expired_at IS NULL")


def downgrade() -> None:
    """Leave the days as they are: earlier versions read them too."""
