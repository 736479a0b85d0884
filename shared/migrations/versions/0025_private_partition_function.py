"""the function that creates partitions is its owner's alone, until a role is given it"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A function may be called by everybody unless that is taken away, and with a single role
    # nothing else does so. It runs with its owner's rights.
    op.execute("REVOKE ALL ON FUNCTION make_events_partition(date) FROM PUBLIC")


def downgrade() -> None:
    op.execute("GRANT EXECUTE ON FUNCTION make_events_partition(date) TO PUBLIC")
