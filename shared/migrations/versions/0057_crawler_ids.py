"""Event ids of crawlers by kind of key, and whole counts of what crawlers sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "crawler_events",
        sa.Column("key_kind", sa.Text(), nullable=False, server_default="unknown"),
    )
    op.alter_column("crawler_events", "key_kind", server_default=None)
    op.drop_constraint("pk_crawler_events", "crawler_events")
    op.create_primary_key(
        "pk_crawler_events", "crawler_events", ["project_id", "event_id", "key_kind"]
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
