"""index of sessions by inactivity"""

from __future__ import annotations

from alembic import op

from shared.migrations.indexes import create_index

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_index(
        "ix_sessions_by_inactivity",
        "sessions",
        "(project_id, person_id, started_at) WHERE by_inactivity",
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_by_inactivity", table_name="sessions")
