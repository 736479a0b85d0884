"""Servers from wheels, and how a test runs one as its child: started, waited for, stopped, killed.

Under ``make run`` the supervisor starts them (``supervision.py``) by the same commands.
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

from deploy.local.problems import CannotStart

_LAST_LOG_LINES = 5


def package_folder(package: str) -> Path:
    """Where an installed package lies, without importing it."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise CannotStart(f"The package {package} is not installed; run make again.")
    return Path(found.origin).parent


_LOWEST_PORT = 10_000
_EPHEMERAL_FROM = 32_768
"""Where the ports begin that a kernel hands to outgoing connections, on Linux; macOS: higher."""


def free_port() -> int:
    """Return a loopback port that nobody listens on at the moment.

    It is none that outgoing connections are given. A server keeps its port over restarts, and
    while it is away its clients knock again and again: one of them could be given that very port,
    and would keep the server from coming back.
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


Account = tuple[int, int]
"""User id and group id."""


def as_account(account: Account | None) -> dict[str, Any]:
    """How ``subprocess`` runs something as another account, with that account's rights alone."""
    if account is None:
        return {}
    user, group = account
    return {"user": user, "group": group, "extra_groups": []}


class Child:
    """One server. In a session of its own, so that Ctrl-C reaches it through us, in order."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id, while it runs."""
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
        """Start it and return once it is ready.

        Raises:
            CannotStart: it ended, or was not ready in time; with the end of its log.
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
                raise CannotStart(f"{self.name} ended at once. Its log says:\n{self.last_lines()}")
            if time.monotonic() > deadline:
                self.kill()
                raise CannotStart(
                    f"{self.name} was not ready within {seconds:g} seconds. Its log says:\n"
                    f"{self.last_lines()}"
                )
            time.sleep(0.05)

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def stop(self, how: signal.Signals, seconds: float) -> None:
        """Ask it to end; kill it when it takes too long."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, and wait for it: a dead postmaster nobody waits for blocks its restart."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def last_lines(self) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return "(nothing)"
        lines = self.log.read_text(errors="replace").splitlines()[-_LAST_LOG_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "(nothing)"


class EmbeddedServer(ABC):
    """A server from a wheel: a folder of the installation, a port kept over restarts."""

    name: str
    """What people call it."""
    stop_signal: signal.Signals
    """Asks it to write everything down and end."""
    stop_seconds: float
    """How long that may take."""
    start_seconds = 60.0

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._password_file = folder / "password"
        self._port = free_port()
        self._child = Child(self.name, folder / f"{self.name.lower()}.log")

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it listens, with its password; known once it is laid out."""

    @property
    @abstractmethod
    def command(self) -> list[str]:
        """What starts it in the foreground."""

    @property
    def account(self) -> Account | None:
        """Whom it runs as; None: as whoever starts it."""
        return None

    @abstractmethod
    def lay_out(self) -> None:
        """Make everything on disk that it needs to start.

        Raises:
            CannotStart: that cannot be made.
        """

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes commands."""

    def start(self) -> None:
        """Start it as a child of this process; what was in it is there again.

        Raises:
            CannotStart: with the end of its log.
        """
        self.lay_out()
        self._child.start(
            self.command, self.answers, seconds=self.start_seconds, account=self.account
        )

    def stop(self) -> None:
        """Have it write everything down and end."""
        self._child.stop(self.stop_signal, self.stop_seconds)

    @property
    def pid(self) -> int:
        """The server's process id, while it runs."""
        return self._child.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._child.is_running

    @property
    def log(self) -> Path:
        """Its log."""
        return self._child.log

    def kill(self) -> None:
        """Kill it as a crash would."""
        self._child.kill()
