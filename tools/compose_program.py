"""Find Docker Compose 2, or fetch Debian's program without installing it.

Debian 12 has only Compose 1, which cannot read the Compose files. The package of Debian 13 contains
a single program that depends on the C library only.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from tools.debian import Archive

ROOT = Path(__file__).resolve().parent.parent
_OURS = ROOT / "build" / "compose" / "docker-compose"
_PLUGIN = "usr/libexec/docker/cli-plugins/docker-compose"
# The first version with several --env-file, `up --wait` and `!reset`.
_MIN_VERSION = (2, 24)

HOW_TO = (
    "Install Docker Compose 2.24 or newer (https://docs.docker.com/compose/install; on Debian 13: "
    "apt-get install docker-compose)"
)


def compose_command() -> list[str] | None:
    """Return the command of a recent Docker Compose, or None if there is none."""
    docker, program = shutil.which("docker"), shutil.which("docker-compose")
    candidates = [[docker, "compose"]] if docker else []
    candidates += [[program]] if program else []
    candidates.append([str(_OURS)])
    for command in candidates:
        if _is_recent(command):
            return command
    return [str(_OURS)] if _fetch() and _is_recent([str(_OURS)]) else None


def _is_recent(command: list[str]) -> bool:
    try:
        shown = subprocess.run(  # noqa: S603
            [*command, "version", "--format", "json"], capture_output=True, text=True, check=False
        )
        version = json.loads(shown.stdout)["version"].lstrip("v")
        major, minor = version.split(".")[:2]
        return shown.returncode == 0 and (int(major), int(minor)) >= _MIN_VERSION
    except (OSError, ValueError, KeyError):
        return False


def _fetch() -> bool:
    """Fetch the program from the package of Debian 13, and return whether that worked."""
    if not Archive.is_known():
        return False
    print("tidemark: fetching Docker Compose from Debian 13 …", flush=True)
    _OURS.parent.mkdir(parents=True, exist_ok=True)
    with Archive("trixie") as archive:
        unpacked = archive.unpack("docker-compose")
        if unpacked is None:
            return False
        shutil.copy2(unpacked / _PLUGIN, _OURS)
    return True
