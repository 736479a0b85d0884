"""Bring an installation up to date: migrate, create partitions, create the owner.

One process does all three, because starting Python and SQLAlchemy takes longer than the work. It
retries until PostgreSQL answers.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from pathlib import Path

import psycopg2
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import OperationalError

from deploy.demo_config import wants_demos, write_demo_config
from services.auth.accounts.bootstrap import bootstrap
from services.processor.jobs.tasks import make_partitions_ahead
from shared.errors import Unavailable

_ROOT = Path(__file__).resolve().parent.parent.parent
_RETRIED = (OperationalError, psycopg2.OperationalError, Unavailable)
_QUIET_SECONDS = 10.0
"""The time in which no message is printed: the embedded PostgreSQL is starting."""
_MAX_PAUSE_SECONDS = 5.0


def main(credentials: Path, url: str, demo_config: Path) -> int:
    """Migrate, create the partitions of the coming days, and the owner at the first start.

    Returns:
        0: done; 1: failed for a reason that a retry does not remove; it was printed.
    """
    logging.basicConfig(level=logging.WARNING)
    started, pause = time.monotonic(), 0.1
    while True:
        try:
            _bring_up_to_date(credentials, url)
            break
        except _RETRIED as error:
            if time.monotonic() - started > _QUIET_SECONDS:
                print(
                    "tidemark: waiting for PostgreSQL; until it answers, events are accepted but "
                    f"nothing can be queried: {_cause(error)}",
                    flush=True,
                )
            time.sleep(pause)
            pause = min(pause * 2, _MAX_PAUSE_SECONDS)
        except Exception:  # noqa: BLE001 (every kind of error must reach the terminal)
            print(
                "tidemark: the database could not be brought up to date. Mend the cause, then "
                f"start Tidemark again:\n{traceback.format_exc()[-4000:].strip()}",
                flush=True,
            )
            return 1
    write_demo_config(demo_config, credentials)
    return 0


def _bring_up_to_date(credentials: Path, url: str) -> None:
    command.upgrade(Config(_ROOT / "alembic.ini"), "head")
    make_partitions_ahead()
    bootstrap(credentials, url, email=None, project=None, with_demo=wants_demos())


def _cause(error: BaseException) -> str:
    cause = error.orig if isinstance(error, OperationalError) else error.__cause__ or error
    return " ".join(str(cause).split())[:300]


if __name__ == "__main__":
    data_dir = Path(os.environ["DATA_DIR"])
    sys.exit(
        main(
            data_dir / "credentials.json",
            os.environ["PUBLIC_URL"],
            data_dir / "run" / "gateway" / "demo" / "config.json",
        )
    )
