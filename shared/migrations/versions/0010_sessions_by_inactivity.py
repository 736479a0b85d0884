"""index of sessions by inactivity"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_sessions_by_inactivity', 'sessions', ['project_id', 'person_id', 'started_at'], unique=False, postgresql_where=sa.text('by_inactivity'))


def downgrade() -> None:
    op.drop_index('ix_sessions_by_inactivity', table_name='sessions', postgresql_where=sa.text('by_inactivity'))
