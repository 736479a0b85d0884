"""The servers that tests stand on: real ones, started once for all of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
from alembic import command
from alembic.config import Config
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends, running_backends
from deploy.local.children import free_port
from tests.support.module_order import folder_of, spread
from tests.support.prepared_cluster import lay_cluster
from tests.support.sweeps import add_option, share
from tools.browser import HOW_TO, find_browser

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a pass phrase of tests"
SECRET_KEY = "3b1f0c5d9a7e4f62" * 4
_WAIT_FOR_PROCESSES = {"clients", "contracts", "deploy", "e2e", "integration"}
"""Folders of tests whose processes, browsers and servers take turns on a busy machine."""
_DISABLED_FEATURES = (
    # The suggestions of the address bar are pages of their own, made for each window: 0.6 of the
    # 0.9 core-seconds that a new window takes.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    # What Playwright disables, which this list replaces.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "OptimizationHints"),
    *("PaintHolding", "ThirdPartyStoragePartitioning", "NetworkTimeServiceQuerying", "AimEnabled"),
    *("AvoidCorsURLLoaderRestartOnRedirect", "PreconnectToSearch"),
)
_BROWSER_ARGUMENTS = [
    f"--disable-features={','.join(_DISABLED_FEATURES)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

if not os.environ.get("CI"):
    # As Hypothesis does by itself in CI: that a machine is busy is no failure.
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run take a share of the sweeps."""
    add_option(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give this run temporary folders apart from every other run's.

    pytest takes the rights of others away from the folder that runs of a user share, whenever one
    starts; PostgreSQL of a run by root, which has an account of its own, stands in it.
    """
    if not config.option.basetemp and not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="tidemark-tests-run-")
        config.add_cleanup(folder.cleanup)
        config.option.basetemp = Path(folder.name) / "pytest"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take this run's share of the sweeps, spread the modules, and repeat failures in CI.

    In CI, a failed test that waits for processes runs once more.
    It is then named as ``RERUN``. Machines of CI pause for seconds, and so end what a test waits
    for. A fault that shows each time fails the run as before. Tests of crashes, where one failure
    in many runs is a lost event, and tests without processes are never run again.
    """
    items[:], of_other_parts = share(items, *config.getoption("sweep_part"))
    config.hook.pytest_deselected(items=of_other_parts)
    items[:] = spread(items)
    if not os.environ.get("CI"):
        return
    for item in items:
        if folder_of(item.path) in _WAIT_FOR_PROCESSES:
            item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=2))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: a green run must mean that everything ran."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped") and not exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a value that differs from run to run, as bytes of gzip do, by its parameter.

    Processes that share the tests must agree on their names.
    """
    return argname if isinstance(val, bytes) or callable(val) else None


@pytest.fixture(scope="session")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backends]:
    """PostgreSQL and three Valkeys, migrated, and this process's settings pointing at them."""
    folder = tmp_path_factory.mktemp("backends")
    lay_cluster(folder / "postgres", migrated=True)
    with running_backends(folder) as servers:
        os.environ.update(
            servers.environment, SECRET_KEY=SECRET_KEY, COOKIE_SECURE="false", LOG_FORMAT="text"
        )
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        yield servers


@pytest.fixture
def database(backends: Backends) -> Iterator[Connection]:
    """A connection of the test's own."""
    connection = psycopg2.connect(plain_url(backends.database_url))
    yield connection
    connection.close()


@pytest.fixture
def stream(backends: Backends) -> Iterator[Redis]:
    """The stream's Redis, empty."""
    client = Redis.from_url(backends.stream_redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def project_id(database: Connection) -> int:
    """A project of the test's own, in UTC."""
    return make_project(database, "UTC")


def make_project(connection: Connection, zone: str) -> int:
    """Insert a project without members; answers its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects (name, slug, timezone) VALUES ('Test', gen_random_uuid(), %s) "
            "RETURNING id",
            (zone,),
        )
        (made,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(made)


def plain_url(database_url: str) -> str:
    """The URL as psycopg2 itself reads it."""
    return database_url.replace("postgresql+psycopg2://", "postgresql://", 1)


_OWNERS: dict[str, requests.Session] = {}
"""The login of the owner of each installation, by its address."""


@dataclass(frozen=True)
class Installation:
    """A running Tidemark, as `make run` starts it."""

    url: str
    data_dir: Path
    credentials: dict[str, Any]
    environment: dict[str, str]
    log: Path

    @property
    def project_id(self) -> int:
        """The first project."""
        return int(self.credentials["project_id"])

    @property
    def public_headers(self) -> dict[str, str]:
        """Headers of an app that sends events."""
        return {"X-API-Key": self.credentials["public_key"]}

    @property
    def secret_headers(self) -> dict[str, str]:
        """Headers of a server that reads."""
        return {"X-API-Key": self.credentials["secret_key"]}

    def login(self) -> requests.Session:
        """A browser, as it were, with the owner logged in."""
        session = requests.Session()
        answer = session.post(
            f"{self.url}/api/v1/auth/login",
            json={key: self.credentials[key] for key in ("email", "password")},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        return session

    def owner(self) -> requests.Session:
        """The owner, logged in, for what only sets something up.

        One login serves many tests: each takes the server a quarter of a second of processor time,
        on purpose.
        """
        known = _OWNERS.get(self.url)
        if known is None or known.get(f"{self.url}/api/v1/auth/me", timeout=10).status_code != 200:
            known = _OWNERS[self.url] = self.login()
        return known

    def new_user(
        self, email: str, *, project_id: int | None = None, role: str = "viewer"
    ) -> requests.Session:
        """An account of the test's own, by invitation and logged in; a member of a project."""
        owner = self.owner()
        place = f"projects/{project_id}/invitations/" if project_id else "invitations/"
        body = {"email": email, **({"role": role} if project_id else {})}
        invited = owner.post(f"{self.url}/api/v1/{place}", json=body, timeout=10)
        assert invited.status_code == 201, invited.text
        session = requests.Session()
        made = session.post(
            f"{self.url}/api/v1/auth/register",
            json={
                "email": email,
                "password": PASSWORD,
                "invitation": invited.json()["link"].partition("#")[2],
            },
            timeout=10,
        )
        assert made.status_code == 201, made.text
        return session

    def new_project(self, name: str) -> dict[str, Any]:
        """A project of the test's own, with both keys."""
        answer = self.owner().post(f"{self.url}/api/v1/projects/", json={"name": name}, timeout=10)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def ingest(self, key: str, body: Any) -> requests.Response:
        """Send events as JSON with a key."""
        return requests.post(
            f"{self.url}/api/v1/events/ingest", json=body, headers={"X-API-Key": key}, timeout=30
        )

    def wait_until_stored(self, seconds: float = 30) -> None:
        """Return once the stream is empty: everything sent was committed."""
        deadline = time.monotonic() + seconds
        with Redis.from_url(self.environment["STREAM_REDIS_URL"]) as client:
            while client.xlen("events:ingest"):
                assert time.monotonic() < deadline, "the processor did not keep up"
                time.sleep(0.05)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Tidemark as a person starts it, in a folder whose name has a space."""
    data_dir = tmp_path_factory.mktemp("a tidemark")
    lay_cluster(data_dir / "postgres")
    # For a receiver of webhooks; nothing else of this machine may be sent to.
    hook = f"127.0.0.1:{free_port()}"
    process, log = start_installation(data_dir, free_port(), OUTGOING_ALLOWED=hook)
    try:
        yield read_installation(process, data_dir, log)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()[-3000:]


def environment_without_servers() -> dict[str, str]:
    """Return this process's environment without the servers that ``backends`` has put there."""
    return {
        key: value
        for key, value in os.environ.items()
        if not key.endswith(("DATABASE_URL", "REDIS_URL", "SECRET_KEY"))
    }


def start_installation(
    data_dir: Path, port: int, **settings: str
) -> tuple[subprocess.Popen[bytes], Path]:
    """Start the runner of `make run`; answers the process and its log."""
    log = data_dir / "run.log"
    environment = environment_without_servers()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local"],
            cwd=ROOT,
            env={
                **environment,
                "PORT": str(port),
                "DATA_DIR": str(data_dir),
                "TIDEMARK_MINIMUM_FREE_MB": "100",
                # All tests come from one address; tests of the limits start their own services.
                "LOGIN_FAILURES_PER_MINUTE": "1000",
                "REGISTRATIONS_PER_MINUTE": "1000",
                "CLIENT_REQUESTS_PER_SECOND": "100000",
                "PROJECTS_PER_HOUR": "10000",
                "PROJECTS_PER_ACCOUNT": "10000",
                **settings,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process, log


def read_installation(
    process: subprocess.Popen[bytes], data_dir: Path, log: Path, seconds: float = 120
) -> Installation:
    """Wait until it says that it is ready."""
    deadline = time.monotonic() + seconds
    while "Tidemark is ready" not in log.read_text():
        assert process.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)
    credentials = json.loads((data_dir / "credentials.json").read_text())
    environment = json.loads((data_dir / "run" / "environment.json").read_text())
    return Installation(credentials["url"], data_dir, credentials, environment, log)


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The browser; what a test opens in it is closed after the test, so that it stops working."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chrome or Chromium, as installed on this machine."""
    path = find_browser()
    assert path, f"There is no Chrome or Chromium for this test. {HOW_TO}"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=_BROWSER_ARGUMENTS)
        yield launched
        launched.close()
