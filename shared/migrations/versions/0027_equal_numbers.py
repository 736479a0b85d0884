"""sealed days that hold one number under two texts (10 and 10.0) are sealed again"""

from __future__ import annotations

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do nothing here: 0029 makes every day be sealed again, these among them."""


def downgrade() -> None:
    """Leave the days as they are: earlier versions read them too."""
