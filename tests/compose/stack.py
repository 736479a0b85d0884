"""Start, scale, kill and query an installation of docker-compose.yml."""

from __future__ import annotations

import json
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from deploy.local.children import free_port
from tests.compose.engine import Engine
from tests.conftest import ROOT
from tools.compose_check import SECRETS

PROJECT = "tidemark-test"
_HEALTHY_SECONDS = 120.0
_STORED_SECONDS = 90.0
# Docker's own networks: the published port reaches the gateway from one of them.
_OWN_NETWORKS = "172.16.0.0/12 192.168.0.0/16"
# Each has to agree with the number of events that were sent.
_TOTALS = """
    SELECT (SELECT count(*) FROM events), (SELECT sum(events) FROM event_counts),
           (SELECT sum(events) FROM sessions),
           (SELECT sum(events) FROM intake_counts WHERE outcome = 'stored')
"""
_WRONG = "SELECT (SELECT count(*) FROM dead_letters), (SELECT count(*) FROM rollup_drifts)"


@dataclass(frozen=True)
class Container:
    """One container, as Compose lists it."""

    id: str
    service: str
    state: str
    health: str
    exit_code: int


class Stack:
    """One installation, and how many events it was sent so far."""

    def __init__(self, engine: Engine, folder: Path, files: list[str], project: str) -> None:
        self.engine = engine
        self.folder = folder
        self.sent = 0
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.secrets = {name: secrets.token_hex(32) for name in SECRETS}
        self.credentials: dict[str, Any] = {}
        self._old_logs = ""
        self._arguments = ["--project-name", project, "--env-file", str(self._environment())]
        self._arguments += [part for name in files for part in ("--file", name)]

    def _environment(self) -> Path:
        """Write the file that an operator calls .env."""
        path = self.engine.folder / f"{self.port}.env"
        values = {
            **self.secrets,
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "COOKIE_SECURE": "false",
            "TRUSTED_PROXIES": _OWN_NETWORKS,
        }
        path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        return path

    def compose(self, *arguments: str) -> str:
        """Run Compose on this installation; return its output."""
        return self.engine.compose(*self._arguments, *arguments, folder=self.folder).stdout

    def up(self, *arguments: str) -> None:
        """Start what is not running, and wait until all containers are healthy."""
        self.compose("up", "--detach", *arguments)
        self.wait_until_well()

    def down(self) -> None:
        """Remove the containers but not the data, and remember their logs."""
        self._old_logs += self._current_logs()
        self.compose("down")

    def logs(self) -> str:
        """Return the logs of all containers, including removed ones."""
        return self._old_logs + self._current_logs()

    def _current_logs(self) -> str:
        return self.compose("logs", "--no-color", "--no-log-prefix")

    def containers(self, service: str = "") -> list[Container]:
        """List the containers of a service, or of all services."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [
            Container(one["ID"], one["Service"], one["State"], one["Health"], one["ExitCode"])
            for one in found
            if not service or one["Service"] == service
        ]

    def wait_until_well(self) -> None:
        """Wait until all containers run, and those with a health check are healthy."""

        def ailing() -> list[Container]:
            return [one for one in self.containers() if not _is_well(one)]

        wait_for(
            lambda: not ailing(),
            _HEALTHY_SECONDS,
            lambda: f"{ailing()}\n{self._current_logs()[-6000:]}",
        )

    def kill(self, service: str) -> None:
        """Kill one container's first process from outside, as the kernel does when memory is short.

        ``docker kill`` would not do: what it ends is not started again.
        """
        victim = self.containers(service)[0]
        os.kill(self.pid(victim), signal.SIGKILL)

    def pid(self, container: Container) -> int:
        """Return the id of the container's first process on this machine."""
        return int(self.engine.inspect(container.id)["State"]["Pid"])

    def addresses(self, service: str) -> set[str]:
        """Return the addresses of the service's containers in the network `inside`."""
        networks = (
            self.engine.inspect(one.id)["NetworkSettings"]["Networks"]
            for one in self.containers(service)
        )
        return {
            network["IPAddress"]
            for one in networks
            for name, network in one.items()
            if name.endswith("_inside")
        }

    def read_credentials(self) -> None:
        """Read the credentials as deploy/README.md says."""
        text = self.compose("run", "--rm", "--no-deps", "migrate", "cat", "/state/credentials.json")
        self.credentials = json.loads(text)

    def get(self, path: str, **parameters: str) -> requests.Response:
        """Ask the API with the first project's secret key."""
        place = f"{self.url}/api/v1/analytics/{self.credentials['project_id']}/{path}"
        headers = {"X-API-Key": self.credentials["secret_key"]}
        return requests.get(place, headers=headers, params=parameters, timeout=30)

    def totals(self) -> list[int]:
        """Return the number of events, and every sum that has to equal it."""
        return self._numbers(_TOTALS)

    def assert_exact(self) -> None:
        """Wait until all sent events are stored; fail if a sum differs."""
        wait_for(
            lambda: self.totals()[0] >= self.sent,
            _STORED_SECONDS,
            lambda: f"{self.totals()} of {self.sent}\n{self._current_logs()[-6000:]}",
        )
        assert self.totals() == [self.sent] * 4
        assert self._numbers(_WRONG) == [0, 0]

    def _numbers(self, query: str) -> list[int]:
        options = ("psql", "-qtAF,", "-U", "tidemark", "-c", query)
        line = self.compose("exec", "--no-TTY", "postgres", *options)
        return [int(number or 0) for number in line.strip().split(",")]


@contextmanager
def production(engine: Engine) -> Iterator[Stack]:
    """Build and start docker-compose.yml unchanged.

    One thing is added: the engine has no network with a way out, so builds use the machine's.
    """
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    built = [name for name, service in services.items() if "build" in service]
    override = engine.folder / "override.yml"
    override.write_text(
        yaml.safe_dump({"services": {name: {"build": {"network": "host"}} for name in built}})
    )
    stack = Stack(engine, ROOT, ["docker-compose.yml", str(override)], PROJECT)
    started = time.monotonic()
    stack.compose("build")
    print(f"images built in {time.monotonic() - started:.0f} s", flush=True)
    started = time.monotonic()
    stack.up()
    print(f"all containers well in {time.monotonic() - started:.0f} s", flush=True)
    stack.read_credentials()
    yield stack
    stack.compose("down", "--volumes")


def wait_for(
    condition: Callable[[], bool], seconds: float, problem: Callable[[], str] = lambda: ""
) -> None:
    """Return once the condition holds.

    Raises:
        AssertionError: it did not in time; with what the problem is then.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, problem()
        time.sleep(0.3)


def _is_well(container: Container) -> bool:
    if container.service == "migrate":
        return container.state == "exited" and container.exit_code == 0
    return container.state == "running" and container.health in {"", "healthy"}
