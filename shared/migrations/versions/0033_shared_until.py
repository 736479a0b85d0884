"""when the public link of a dashboard expires"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "dashboards", sa.Column("share_expires_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    # Versions before have no texts on dashboards.
    op.execute(
        "UPDATE dashboards SET tiles = jsonb_build_object('items', coalesce((SELECT"
        " jsonb_agg(tile - 'text' ORDER BY place) FROM jsonb_array_elements(tiles -> 'items')"
        " WITH ORDINALITY AS item (tile, place) WHERE tile ->> 'insight_id' IS NOT NULL), '[]'))"
    )
    op.drop_column("dashboards", "share_expires_at")
