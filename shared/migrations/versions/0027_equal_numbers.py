"""sealed days that hold one number under two texts (10 and 10.0) are sealed again"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Until they are sealed again, raw rows answer. Of expired days the rows are gone: they stay.
    op.execute(
        """
        UPDATE sealed_days d
        SET version = version + 1,
            dirtied_at = CASE WHEN version = sealed_version THEN now() ELSE dirtied_at END
        WHERE sealed_version IS NOT NULL AND expired_at IS NULL AND EXISTS (
            SELECT FROM sealed_values v
            WHERE v.project_id = d.project_id AND v.day = d.day
              AND v.dimension LIKE 'properties.%' AND v.value ~ '^-?[0-9]+[.][0-9]*0$'
        )
        """
    )


def downgrade() -> None:
    pass  # the earlier version seals them again in its own way, or reads them as they are
