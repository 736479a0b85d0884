"""Steps of a start that need the servers: migrations, the owner, and the environment."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.local.problems import CannotStart

ROOT = Path(__file__).resolve().parent.parent.parent


def stored_secret(path: Path) -> str:
    """The signing secret of this installation; made once, readable by its owner only."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


def write_private(path: Path, content: Mapping[str, str]) -> None:
    """Write a JSON file that only its owner can read."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)


def prepare(environment: Mapping[str, str], credentials: Path, url: str) -> dict[str, Any]:
    """Bring tables, partitions and the owner up to date.

    Returns:
        The credentials; empty when the file is gone.

    Raises:
        CannotStart: with what the step said.
    """
    command = [sys.executable, "-m", "deploy.local.prepare", str(credentials), url]
    done = subprocess.run(  # noqa: S603 (our own command)
        command, cwd=ROOT, env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CannotStart(
            f"The database could not be brought up to date:\n{done.stderr[-4000:].strip()}"
        )
    if not credentials.exists():
        return {}
    known: dict[str, Any] = json.loads(credentials.read_text())
    return known
