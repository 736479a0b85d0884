"""who identified a person, and what cancelling a pending merge needs to know"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_KEY = ("project_id", "distinct_id", "previous_id")
_BY_KEY = (
    ("persons", "identified_by_public_key"),
    ("pending_persons", "is_known_by_secret_key"),
)


def upgrade() -> None:
    for table, name in _BY_KEY:
        op.add_column(
            table, sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.execute("UPDATE pending_persons SET is_known_by_secret_key = is_known")
    for name in ("identified_at", "begun_at"):
        op.add_column("pending_merges", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "pending_merges",
        sa.Column("left_person_id", sa.Integer(), server_default="0", nullable=False),
    )
    # Whether the merges that wait have begun was not noted.
    op.execute("UPDATE pending_merges SET begun_at = requested_at")
    op.drop_constraint("pk_pending_merges", "pending_merges", type_="primary")
    op.create_primary_key("pk_pending_merges", "pending_merges", [*_KEY, "left_person_id"])


def downgrade() -> None:
    op.execute("DELETE FROM pending_merges WHERE left_person_id <> 0")
    op.drop_constraint("pk_pending_merges", "pending_merges", type_="primary")
    op.create_primary_key("pk_pending_merges", "pending_merges", _KEY)
    for name in ("left_person_id", "begun_at", "identified_at"):
        op.drop_column("pending_merges", name)
    for table, name in _BY_KEY:
        op.drop_column(table, name)
