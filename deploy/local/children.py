"""Run servers from wheels, for tests as children of the test process.

Under ``make run`` the supervisor (``supervision.py``) starts the servers by the same commands.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deploy.local.permissions import Account
from deploy.local.problems import CannotStart

_LAST_LOG_LINES = 5


def package_folder(package: str) -> Path:
    """Return the folder of an installed package without importing the package."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise CannotStart(f"The package {package} is not installed. Run make again to install it.")
    return Path(found.origin).parent


_LOWEST_PORT = 10_000
_EPHEMERAL_FROM = 32_768
"""The first ephemeral port (of outgoing connections) by default on Linux; macOS begins higher."""


def free_port() -> int:
    """Return a loopback port that no process listens on, below the ephemeral ports.

    A server keeps its port over restarts, and its clients try to reconnect while it is away. The
    kernel could give an ephemeral port to one of these connections, and the server could then not
    listen on that port again.
    """
    highest = min(_first_ephemeral_port(), _EPHEMERAL_FROM) - 1
    while True:
        port = random.SystemRandom().randint(_LOWEST_PORT, highest)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _first_ephemeral_port() -> int:
    try:
        first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return _EPHEMERAL_FROM
    return first if first > 2 * _LOWEST_PORT else _EPHEMERAL_FROM


def as_account(account: Account | None) -> dict[str, Any]:
    """Return the arguments by which ``subprocess`` runs a command with an account's rights only."""
    if account is None:
        return {}
    user, group = account
    return {"user": user, "group": group, "extra_groups": []}


class Child:
    """A server process in a process group of its own, which Ctrl-C at the terminal does not reach.

    The parent stops its servers in order instead.
    """

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; only after ``start``."""
        assert self._process is not None
        return self._process.pid

    def start(
        self,
        command: Sequence[str | Path],
        ready: Callable[[], bool],
        *,
        seconds: float,
        account: Account | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the server and return once it is ready.

        Raises:
            CannotStart: the server exited or was not ready in time; with the end of its log.
        """
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 (our own servers)
                [str(part) for part in command],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **as_account(account),
                cwd="/",
                env={**(environment or os.environ), "LC_ALL": "C.UTF-8"},
            )
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None:
                raise CannotStart(
                    f"{self.name} exited at once. The end of {self.log}:\n{self.last_lines()}"
                )
            if time.monotonic() > deadline:
                self.kill()
                raise CannotStart(
                    f"{self.name} was not ready within {seconds:g} seconds. The end of "
                    f"{self.log}:\n{self.last_lines()}"
                )
            time.sleep(0.05)

    @property
    def is_running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, stop_signal: signal.Signals, seconds: float) -> None:
        """Send the signal, and kill the process if it still runs after these seconds."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(stop_signal)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the process and wait for it: an unreaped postmaster blocks its own restart."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def last_lines(self) -> str:
        """Return the last lines of the log."""
        if not self.log.exists():
            return "(nothing)"
        lines = self.log.read_text(errors="replace").splitlines()[-_LAST_LOG_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "(nothing)"


class EmbeddedServer(ABC):
    """A server from a wheel: its data folder, and a port that stays the same over restarts."""

    name: str
    """The product name, for messages."""
    stop_signal: signal.Signals
    """The signal that makes the server flush its data and exit."""
    stop_seconds: float
    """The time to exit before the server is killed."""
    start_seconds = 60.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._password_file = folder / "password"
        self._port = free_port()
        self._child = Child(self.name, folder / f"{self.name.lower()}.log")

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL with the password; known after ``lay_out``."""

    @property
    @abstractmethod
    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""

    @property
    def account(self) -> Account | None:
        """The account that the server runs under; None: the account of its parent."""
        return None

    @abstractmethod
    def lay_out(self) -> None:
        """Create the files and folders that the server needs to start.

        Raises:
            CannotStart: a file or folder cannot be created.
        """

    @abstractmethod
    def answers(self) -> bool:
        """Return whether the server accepts commands."""

    def start(self) -> None:
        """Start the server, with the data of its folder, as a child of this process.

        Raises:
            CannotStart: the server did not become ready; with the end of its log.
        """
        self.lay_out()
        self._child.start(
            self.command, self.answers, seconds=self.start_seconds, account=self.account
        )

    def stop(self) -> None:
        """Stop the server; its data stays in its folder."""
        self._child.stop(self.stop_signal, self.stop_seconds)

    @property
    def pid(self) -> int:
        """The server's process id; only after ``start``."""
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Whether the server's process runs."""
        return self._child.is_running

    @property
    def log(self) -> Path:
        """The path of the log."""
        return self._child.log

    def kill(self) -> None:
        """Kill the server to imitate a crash."""
        self._child.kill()
