"""A Tidemark of the command's own, with demo data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from deploy.local.children import free_port
from tools.demo_data.__main__ import STORIES

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 180
_STOP_SECONDS = 60
_TIMEOUT_SECONDS = 30
_OWN_SETTINGS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


@dataclass
class OwnTidemark:
    """A running installation, its owner, and the demo data's projects by name."""

    data_dir: Path
    url: str
    email: str
    password: str
    projects: dict[str, int] = field(default_factory=dict)

    def add_demo_data(self) -> None:
        """Send the events of the sample projects and what their teams have saved."""
        subprocess.run(
            [sys.executable, "-m", "tools.demo_data"],
            cwd=_ROOT,
            env={**os.environ, "DATA_DIR": str(self.data_dir), "ONLY": ",".join(STORIES)},
            check=True,
        )
        session = requests.Session()
        owner = {"email": self.email, "password": self.password}
        self._post(session, "/auth/login", owner)
        answer = session.get(f"{self.url}/api/v1/projects/?limit=200", timeout=_TIMEOUT_SECONDS)
        ids = {project["name"]: project["id"] for project in answer.json()["items"]}
        self.projects = {story.name: ids[story.name] for story in STORIES.values()}

    def _post(self, session: requests.Session, path: str, body: object) -> dict[str, Any]:
        answer = session.post(f"{self.url}/api/v1{path}", json=body, timeout=_TIMEOUT_SECONDS)
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
        made: dict[str, Any] = answer.json()
        return made


@contextmanager
def running_tidemark(data_dir: Path) -> Iterator[OwnTidemark]:
    """Start an installation in the folder, and stop it in the end.

    Raises:
        RuntimeError: it did not start; the message ends with its log.
    """
    log = data_dir / "run.log"
    environment = {
        name: value for name, value in os.environ.items() if not name.endswith(_OWN_SETTINGS)
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local"],
            cwd=_ROOT,
            env={**environment, "PORT": str(free_port()), "DATA_DIR": str(data_dir)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, log)
        credentials = json.loads((data_dir / "credentials.json").read_text())
        owner = (credentials[name] for name in ("url", "email", "password"))
        yield OwnTidemark(data_dir, *owner)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while "Tidemark is ready" not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Tidemark did not start: {log.read_text()[-3000:]}")
        time.sleep(0.2)
