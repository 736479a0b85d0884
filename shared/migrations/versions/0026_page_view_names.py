"""seal days again that have page views under names that were not known as such"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE sealed_days d SET version = version + 1 WHERE expired_at IS NULL AND EXISTS ("
        "SELECT FROM sealed_events e WHERE e.project_id = d.project_id AND e.day = d.day "
        "AND e.event_name IN ('page_view', 'pageview', 'Page Viewed', '$mp_web_page_view', "
        "'screen_view', 'Screen Viewed'))"
    )


def downgrade() -> None:
    """Leave the days as they are: earlier versions read them too."""
