"""first and last active day of persons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('persons', sa.Column('first_seen_on', sa.Date(), nullable=True))
    op.add_column('persons', sa.Column('last_seen_on', sa.Date(), nullable=True))
    op.execute("""
        UPDATE persons p SET first_seen_on = e.first, last_seen_on = e.last
        FROM (
            SELECT project_id, person_id, (min(timestamp) AT TIME ZONE 'UTC')::date AS first,
                (max(timestamp) AT TIME ZONE 'UTC')::date AS last
            FROM events GROUP BY project_id, person_id
        ) e
        WHERE p.project_id = e.project_id AND p.person_id = e.person_id
    """)


def downgrade() -> None:
    op.drop_column('persons', 'last_seen_on')
    op.drop_column('persons', 'first_seen_on')
