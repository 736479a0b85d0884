"""Write a migration for changed models: ``make migration m='what it does'``.

The models are compared with a temporary database that is migrated first; no installation has to
run.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from deploy.local.backends import running_backends

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Write the next migration; return the exit status."""
    message = " ".join(arguments).strip()
    if not message:
        print(
            "tidemark: the message is missing. Describe the change: "
            "make migration m='add a table of …'",
            file=sys.stderr,
        )
        return 1
    alembic = Config(ROOT / "alembic.ini")
    number = next_number(alembic)
    with tempfile.TemporaryDirectory() as folder, running_backends(Path(folder)) as servers:
        os.environ.update(servers.environment)
        command.upgrade(alembic, "head")
        command.revision(alembic, message, autogenerate=True, rev_id=number)
    print("Review the new file: the migration must be compatible with the previous code.")
    return 0


def next_number(alembic: Config) -> str:
    """Return the number after that of the last migration, with four digits."""
    last = ScriptDirectory.from_config(alembic).get_current_head() or "0"
    return f"{int(last) + 1:04}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
