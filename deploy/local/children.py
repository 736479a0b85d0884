"""Server processes that are direct children: started, waited for, stopped or killed by pid."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from deploy.local.problems import CannotStart

_LAST_LOG_LINES = 5


def package_folder(package: str) -> Path:
    """Where an installed package lies, without importing it."""
    found = find_spec(package)
    if found is None or found.origin is None:
        raise CannotStart(f"The package {package} is not installed; run make again.")
    return Path(found.origin).parent


def free_port() -> int:
    """A loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
        user_id: int | None = None,
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
                user=user_id,
                group=user_id,
                extra_groups=None if user_id is None else [],
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
        """The end of its log."""
        if not self.log.exists():
            return "(nothing)"
        lines = self.log.read_text(errors="replace").splitlines()[-_LAST_LOG_LINES:]
        return "\n".join(f"  {line}" for line in lines) or "(nothing)"


class EmbeddedServer:
    """A server from a wheel: a folder of the installation, a port kept over restarts, a child."""

    def __init__(self, name: str, folder: Path, log: str) -> None:
        self._folder = folder
        self._password_file = folder / "password"
        self._port = free_port()
        self._child = Child(name, folder / log)

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
