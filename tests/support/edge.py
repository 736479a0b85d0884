"""The edge alone: real auth and ingest processes on servers of their own, without a processor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal

import psycopg2
import requests
from psycopg2 import sql
from psycopg2.extras import Json
from redis import Redis

from deploy.local.children import free_port
from deploy.local.valkey import Valkey
from services.auth.projects.publication import invalidate_policies
from shared.auth.api_keys import key_hash, new_key, shown_prefix
from shared.events.envelope import Batch, decode
from shared.events.stream import BATCH_FIELD, STREAM
from tests.conftest import ROOT, SECRET_KEY, plain_url

INGEST = "/api/v1/events/ingest"
_SERVICES = ("auth", "ingest")
_APPS = {"live": "server:create_server()"}


@dataclass(frozen=True)
class Project:
    """A project and its public key."""

    id: int
    key: str


@dataclass
class Edge:
    """The processes, and how to look at what they did."""

    database_url: str
    cache: Valkey
    stream: Valkey
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=lambda: {n: free_port() for n in _SERVICES})
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, service: str) -> None:
        """Start a service, and wait until it answers."""
        port = self.ports[service]
        with (self.folder / f"{service}.log").open("ab") as log:
            self.processes[service] = subprocess.Popen(
                [
                    Path(sys.executable).parent / "gunicorn",
                    "-c", f"services/{service}/gunicorn.conf.py",
                    "--bind", f"127.0.0.1:{port}",
                    f"services.{service}.{_APPS.get(service, 'app:create_app()')}",
                ],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + 90
        while True:
            try:
                requests.get(f"http://127.0.0.1:{port}/healthz", timeout=1)
            except requests.RequestException:
                assert time.monotonic() < deadline, self.log(service)
                assert self.processes[service].poll() is None, self.log(service)
                time.sleep(0.05)
            else:
                return

    def stop(self, service: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End a service; answers its exit code."""
        process = self.processes.pop(service)
        process.send_signal(how)
        return process.wait(30)

    @property
    def environment(self) -> dict[str, str]:
        """What the services are told."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.cache.url,
            "CACHE_REDIS_URL": self.cache.url,
            "STREAM_REDIS_URL": self.stream.url,
            "SECRET_KEY": SECRET_KEY,
            "AUTH_URL": f"http://127.0.0.1:{self.ports['auth']}",
            "COOKIE_SECURE": "false",
            "LOG_FORMAT": "text",
            **self.settings,
        }

    @property
    def url(self) -> str:
        """Where ingest listens."""
        return f"http://127.0.0.1:{self.ports['ingest']}"

    def log(self, service: str) -> str:
        """What a service said."""
        return (self.folder / f"{service}.log").read_text()[-4000:]

    def execute(
        self, statement: str | sql.Composable, values: Sequence[Any] | dict[str, Any] = ()
    ) -> list[Any]:
        """Run a statement; answers its rows."""
        connection = psycopg2.connect(plain_url(self.database_url))
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def project(self, **settings: Any) -> Project:
        """A project with these settings (columns of the table projects)."""
        columns = {"name": "Edge", "slug": uuid.uuid4().hex, **settings}
        [[project_id]] = self._insert("projects", columns)
        return self._with_key(project_id, "public")

    def server_of(self, project: Project) -> Project:
        """Return this project with a secret key in place of its public key."""
        return self._with_key(project.id, "secret")

    def _with_key(self, project_id: int, kind: Literal["public", "secret"]) -> Project:
        key = new_key(kind)
        self._insert(
            "api_keys",
            {
                "project_id": project_id,
                "kind": kind,
                "key_hash": key_hash(key),
                "prefix": shown_prefix(key),
                "public_key": key if kind == "public" else None,
                "created_at": datetime.now(timezone.utc),
            },
        )
        return Project(project_id, key)

    def add_source(self, project: Project, name: str, **settings: Any) -> None:
        """What a project has decided about a source."""
        self._insert("event_sources", {"project_id": project.id, "name": name, **settings})

    def change(self, project: Project, **settings: Any) -> None:
        """Change settings of a project, as auth does; in force when this returns."""
        names = sql.SQL(", ").join(
            sql.SQL("{} = %s").format(sql.Identifier(name)) for name in settings
        )
        self.execute(
            sql.SQL("UPDATE projects SET {} WHERE id = %s").format(names),
            [*settings.values(), project.id],
        )
        with Redis.from_url(self.cache.url) as cache:
            invalidate_policies(cache, [key_hash(project.key)])
        time.sleep(2.5)

    def revoke(self, project: Project) -> None:
        """Take the project's key back, as auth does when a key is rotated."""
        self.execute("UPDATE api_keys SET revoked_at = now() WHERE project_id = %s", [project.id])
        with Redis.from_url(self.cache.url) as cache:
            invalidate_policies(cache, [key_hash(project.key)])

    def _insert(self, table: str, columns: dict[str, Any]) -> list[Any]:
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
        )
        values = [Json(v) if isinstance(v, list) else v for v in columns.values()]
        return self.execute(statement, values)

    def send(
        self, project: Project, body: Any, path: str = INGEST, **headers: str
    ) -> requests.Response:
        """Send JSON with the project's key; header names with _ for -."""
        return requests.post(
            self.url + path,
            json=body,
            headers={
                "X-API-Key": project.key,
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
            timeout=30,
        )

    def batches(self, project: Project) -> list[Batch]:
        """What the stream holds of a project, in order."""
        with Redis.from_url(self.stream.url) as client:
            found = [decode(entry[1][BATCH_FIELD]) for entry in client.xrange(STREAM)]
        return [batch for batch in found if batch.project_id == project.id]

    def spooled(self, project: Project) -> list[Batch]:
        """What the spool holds of a project, in order."""
        rows = self.execute(
            "SELECT envelope FROM spool WHERE project_id = %s ORDER BY id", [project.id]
        )
        return [decode(bytes(row[0])) for row in rows]


@contextmanager
def running_edge(database_url: str, folder: Path) -> Iterator[Edge]:
    """An edge with Redises of its own, until the end of the block."""
    with ExitStack() as stack:
        cache, stream = Valkey(folder / "cache"), Valkey(folder / "stream")
        for server in (cache, stream):
            server.start()
            stack.callback(server.stop)
        made = Edge(database_url, cache, stream, folder)
        try:
            for service in _SERVICES:
                made.start(service)
            yield made
        finally:
            for service in list(made.processes):
                made.stop(service)
