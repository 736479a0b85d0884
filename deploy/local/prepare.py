"""Brings an installation up to date: tables, partitions, the owner.

One process for all three, because starting Python and SQLAlchemy takes longer than the work:
``python -m deploy.local.prepare CREDENTIALS URL``.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from services.auth.bootstrap import bootstrap
from services.processor.jobs.tasks import make_partitions_ahead

_ROOT = Path(__file__).resolve().parent.parent.parent


def main(credentials: Path, url: str) -> None:
    """Migrate, make the coming days' partitions, and make the owner at the first start."""
    logging.basicConfig(level=logging.WARNING)
    command.upgrade(Config(_ROOT / "alembic.ini"), "head")
    make_partitions_ahead()
    bootstrap(credentials, url, email=None, project=None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
