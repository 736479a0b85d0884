"""Tenants of the attacked installation, and the addresses that requests come from."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg2
import requests
from requests.adapters import HTTPAdapter

from benchmarks.attach import Running
from benchmarks.ingest import fresh_project, wait_until_drained

ATTACKER, OTHER = "127.0.0.2", "127.0.0.1"
"""Source addresses: the gateway's limits for one client must not help the measured tenant."""
_BATCH = 1_000
_TIMEOUT_SECONDS = 70


@dataclass(frozen=True, slots=True)
class Figure:
    """What an attack did to others."""

    name: str
    value: float
    bar: float
    unit: str
    at_least: bool = False
    """Whether the value must reach the bar; otherwise it must not exceed it."""

    @property
    def holds(self) -> bool:
        """Return whether the bar is met."""
        return self.value >= self.bar if self.at_least else self.value <= self.bar


class _FromAddress(HTTPAdapter):
    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **options)


def client(address: str) -> requests.Session:
    """Return a session whose requests come from a loopback address."""
    session = requests.Session()
    session.mount("http://", _FromAddress(address))
    return session


def _new_account(running: Running, name: str) -> requests.Session:
    """Return the session of an account that was invited: limits of accounts tell tenants apart."""
    email = f"{name}-{uuid.uuid4().hex}@example.org".lower()
    with running.login() as owner:
        invited = owner.post(
            f"{running.url}/api/v1/invitations/", json={"email": email}, timeout=10
        )
        invited.raise_for_status()
    session = requests.Session()
    registration = {
        "email": email,
        "password": uuid.uuid4().hex,
        "invitation": invited.json()["link"].partition("#")[2],
    }
    session.post(
        f"{running.url}/api/v1/auth/register", json=registration, timeout=10
    ).raise_for_status()
    return session


class Tenant:
    """A project of an account of its own, and a client with its secret key."""

    def __init__(self, running: Running, name: str, address: str) -> None:
        self._running = running
        with _new_account(running, name) as account:
            project = fresh_project(running, account, name)
        self.project_id: int = project["id"]
        self.address = address
        self._keys = {"public": project["public_key"], "secret": project["secret_key"]}
        self._client = client(address)

    def post(self, path: str, body: object, key: str = "secret") -> requests.Response:
        """Send a request with a key of the project."""
        return self._client.post(
            f"{self._running.url}/api/v1/{path}",
            json=body,
            headers={"X-API-Key": self._keys[key]},
            timeout=_TIMEOUT_SECONDS,
        )

    def send(
        self, events: Sequence[object], path: str = "events/ingest", key: str = "secret"
    ) -> None:
        """Send events of which each must be accepted."""
        for start in range(0, len(events), _BATCH):
            answer = self.post(path, events[start : start + _BATCH], key)
            if answer.status_code != 202:
                raise SystemExit(f"{path} answered {answer.status_code}: {answer.text[:300]}")

    def load(self, events: Sequence[object]) -> None:
        """Send many events, and return when they are stored."""
        parts = [events[start : start + _BATCH] for start in range(0, len(events), _BATCH)]
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(self.send, parts))
        wait_until_drained(self._running)

    def wait(self) -> None:
        """Return when everything that was sent is stored."""
        wait_until_drained(self._running)

    def seconds_to_answer(self, at: int) -> float:
        """Ask for the most frequent events of a period that no question had; return the seconds."""
        started = time.perf_counter()
        answer = self._client.get(
            f"{self._running.url}/api/v1/analytics/{self.project_id}/top-events",
            params={"period": "30d", "limit": str(1 + at % 90)},
            headers={"X-API-Key": self._keys["secret"]},
            timeout=_TIMEOUT_SECONDS,
        )
        if answer.status_code != 200:
            raise SystemExit(f"top-events answered {answer.status_code}: {answer.text[:300]}")
        return time.perf_counter() - started

    def seconds_to_store(self, limit: float) -> float:
        """Send one event; return after how many seconds it is stored, ``limit`` if it is not."""
        event_id = str(uuid.uuid4())
        started = time.monotonic()
        self.send([{"event_name": "probe", "distinct_id": "other", "event_id": event_id}])
        while time.monotonic() - started < limit:
            if self.rows("SELECT 1 FROM events WHERE project_id = %s AND event_id = %s", event_id):
                return time.monotonic() - started
            time.sleep(0.05)
        return limit

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Ask PostgreSQL; the first ``%s`` of the statement is the project."""
        url = self._running.admin_database_url.replace("+psycopg2", "", 1)
        with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, (self.project_id, *parameters))
            found = cursor.fetchall() if cursor.description else []
            connection.commit()
        return found
