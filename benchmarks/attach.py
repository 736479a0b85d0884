"""Find the Tidemark that runs on this machine."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import requests


class NotRunning(Exception):
    """No installation runs; the message says where it was expected and how to start one."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running Tidemark: its address, its owner, its first project, its servers."""

    url: str
    email: str
    password: str
    project_id: int
    public_key: str
    database_url: str
    admin_database_url: str
    """The URL of a role that may create schemas."""
    stream_redis_url: str
    auth_url: str
    live_url: str
    secret_key: str

    def login(self) -> requests.Session:
        """Return a session with the owner logged in."""
        session = requests.Session()
        session.post(
            f"{self.url}/api/v1/auth/login",
            json={"email": self.email, "password": self.password},
            timeout=10,
        ).raise_for_status()
        return session


def attach() -> Running:
    """Return the installation with its state in ``DATA_DIR`` (default ``.data``).

    Raises:
        NotRunning: there is none, or it does not answer.
    """
    data_dir = Path(os.environ.get("DATA_DIR") or ".data")
    try:
        credentials = json.loads((data_dir / "credentials.json").read_text())
        environment = json.loads((data_dir / "run" / "environment.json").read_text())
        requests.get(f"{credentials['url']}/api/v1/health/ready", timeout=10).raise_for_status()
    except (OSError, ValueError, requests.RequestException) as error:
        raise NotRunning(
            f"no running Tidemark was found by {data_dir} ({error}); start one with `make run`, "
            "or name its folder: DATA_DIR=/path"
        ) from error
    return Running(
        url=credentials["url"],
        email=credentials["email"],
        password=credentials["password"],
        project_id=credentials["project_id"],
        public_key=credentials["public_key"],
        database_url=environment["DATABASE_URL"],
        admin_database_url=environment.get("DATABASE_ADMIN_URL", environment["DATABASE_URL"]),
        stream_redis_url=environment["STREAM_REDIS_URL"],
        auth_url=environment["AUTH_URL"],
        live_url=environment["LIVE_URL"],
        secret_key=environment["SECRET_KEY"],
    )


def attach_or_exit() -> Running:
    """Return what ``attach`` returns; end the program with the reason where nothing runs."""
    try:
        return attach()
    except NotRunning as problem:
        sys.exit(f"tidemark: {problem}")
