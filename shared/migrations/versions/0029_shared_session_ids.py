"""sessions beside others with the same client's id"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.migrations.indexes import create_index

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The column may be there from an attempt whose index was not finished.
    op.add_column(
        "sessions", sa.Column("client_session_id", sa.Text(), nullable=True), if_not_exists=True
    )
    create_index(
        "ix_sessions_client_session_id",
        "sessions",
        "(project_id, person_id, client_session_id) WHERE client_session_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_column("sessions", "client_session_id")
