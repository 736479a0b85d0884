"""Event ids of crawlers by kind of key, and whole counts of what crawlers sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.migrations.indexes import create_index

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The index commits what comes before it, so a second attempt finds the column.
    op.execute(
        "ALTER TABLE crawler_events ADD COLUMN IF NOT EXISTS key_kind text NOT NULL "
        "DEFAULT 'unknown'"
    )
    create_index(
        "ix_crawler_events_key",
        "crawler_events",
        "(project_id, event_id, key_kind)",
        is_unique=True,
    )
    op.drop_constraint("pk_crawler_events", "crawler_events")
    op.execute(
        "ALTER TABLE crawler_events ALTER COLUMN key_kind DROP DEFAULT, "
        "ADD CONSTRAINT pk_crawler_events PRIMARY KEY USING INDEX ix_crawler_events_key"
    )
    op.alter_column("crawler_counts", "weight", new_column_name="events", type_=sa.BigInteger())


def downgrade() -> None:
    op.alter_column("crawler_counts", "events", new_column_name="weight", type_=sa.Double())
    # One row of an id has to remain.
    op.execute(
        "DELETE FROM crawler_events a USING crawler_events b WHERE a.project_id = b.project_id "
        "AND a.event_id = b.event_id AND a.key_kind > b.key_kind"
    )
    op.drop_constraint("pk_crawler_events", "crawler_events")
    op.create_primary_key("pk_crawler_events", "crawler_events", ["project_id", "event_id"])
    op.drop_column("crawler_events", "key_kind")
