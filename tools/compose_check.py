"""Checks ``docker-compose.yml`` with Docker Compose itself: ``make compose-check``.

Only the file is read; no engine has to run. Where there is no Compose and we may (root on Debian
or Ubuntu), the distribution's is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Compose refuses to fill in the file without these; their values do not matter here.
_SECRETS = dict.fromkeys(("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"), "0" * 64)


def compose_command() -> list[str] | None:
    """The Docker Compose of this machine, as plug-in or program."""
    docker = shutil.which("docker")
    if docker and _works([docker, "compose", "version"]):
        return [docker, "compose"]
    program = shutil.which("docker-compose")
    return [program] if program else None


def main() -> int:
    """Check the file with and without its secrets; answers the exit code."""
    command = compose_command() or _install()
    if command is None:
        print(
            "tidemark: there is no Docker Compose to check docker-compose.yml with. Install it "
            "(Debian: apt-get install docker-compose) and run make compose-check again.",
            file=sys.stderr,
        )
        return 1
    bare = {key: value for key, value in os.environ.items() if key not in _SECRETS}
    filled = subprocess.run(  # noqa: S603
        [*command, "-f", "docker-compose.yml", "config", "-q"],
        cwd=ROOT,
        env={**bare, **_SECRETS},
        check=False,
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
        print("tidemark: docker-compose.yml starts without its secrets", file=sys.stderr)
        return 1
    print("docker-compose.yml is valid, and refuses to start without its secrets")
    return 0


def _install() -> list[str] | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    print("tidemark: installing Docker Compose to check docker-compose.yml …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update", "-qq"],
        ["install", "-qq", "-y", "--no-install-recommends", "docker-compose"],
    ):
        subprocess.run(  # noqa: S603
            ["apt-get", *arguments],  # noqa: S607
            check=False,
            env=quiet,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return compose_command()


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
