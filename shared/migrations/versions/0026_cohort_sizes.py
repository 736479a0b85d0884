"""count the members of cohorts anew: their sizes did not follow deleted and merged persons"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        UPDATE cohorts SET size = counted.members FROM (
            SELECT c.project_id, c.id, count(m.person_id) AS members
            FROM cohorts c LEFT JOIN cohort_members m
                ON m.project_id = c.project_id AND m.cohort_id = c.id
            GROUP BY c.project_id, c.id
        ) counted
        WHERE cohorts.project_id = counted.project_id AND cohorts.id = counted.id
            AND cohorts.size <> counted.members
        """
    )


def downgrade() -> None:
    """Keep the sizes, which are right."""
