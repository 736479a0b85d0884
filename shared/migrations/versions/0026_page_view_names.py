"""seal days again that have page views under names that were not known as such"""

from __future__ import annotations

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do nothing here: 0029 makes every day be sealed again, these among them."""


def downgrade() -> None:
    """Leave the days as they are: earlier versions read them too."""
