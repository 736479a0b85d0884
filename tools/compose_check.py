"""Check ``docker-compose.yml`` and the files on top of it: ``make compose-check``.

Docker Compose parses the files; no Docker engine is needed. ``make compose-test`` runs them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.compose_program import HOW_TO, compose_command

ROOT = Path(__file__).resolve().parent.parent

SECRETS = (
    "SECRET_KEY",
    "GATEWAY_TOKEN",
    "REDIS_PASSWORD",
    "POSTGRES_PASSWORD",
    "POSTGRES_OWNER_PASSWORD",
    "POSTGRES_WRITE_PASSWORD",
    "POSTGRES_READ_PASSWORD",
)

# Compose refuses to fill in the file without these; their values do not matter here.
_SECRETS = dict.fromkeys(SECRETS, "0" * 64)


def main() -> int:
    """Check the files with and without their secrets; return the exit status."""
    command = compose_command()
    if command is None:
        print(
            f"tidemark: Docker Compose 2 was not found. {HOW_TO}, then run make compose-check "
            "again.",
            file=sys.stderr,
        )
        return 1
    bare = {key: value for key, value in os.environ.items() if key not in _SECRETS}
    for added in ([], ["docker-compose.dev.yml"], ["docker-compose.games.yml"]):
        named = [part for name in ("docker-compose.yml", *added) for part in ("-f", name)]
        filled = subprocess.run(  # noqa: S603
            [*command, *named, "config", "-q"], cwd=ROOT, env={**bare, **_SECRETS}, check=False
        )
        if filled.returncode:
            return filled.returncode
    with tempfile.NamedTemporaryFile() as no_secrets:
        empty = subprocess.run(  # noqa: S603
            [*command, "--env-file", no_secrets.name, "-f", "docker-compose.yml", "config", "-q"],
            cwd=ROOT,
            env=bare,
            capture_output=True,
            text=True,
            check=False,
        )
    if not empty.returncode or "in .env" not in empty.stderr:
        print(
            "tidemark: docker-compose.yml starts without its secrets. Mark each of them as "
            "required (${NAME:?…}).",
            file=sys.stderr,
        )
        return 1
    print("The Compose files are valid and refuse to start without secrets.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
