"""Run a Docker engine for the test and remove all of it, or use the engine of the machine."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.compose_program import HOW_TO, compose_command
from tools.debian import Archive, install

_MNT_DETACH = 2
_START_SECONDS = 60
_DISK_BYTES = 30 << 30
# The daemon writes here whatever its settings say.
_TRACES = (Path("/etc/docker"), Path("/run/docker"), Path("/run/containerd"))
_STOP_SECONDS = 60


class CannotRun(Exception):
    """The test cannot run on this machine; the message says what to do."""


class Engine:
    """A running dockerd, the Compose client for it, and the folder that holds both."""

    def __init__(self, folder: Path, compose: list[str]) -> None:
        self.folder = folder
        self.disk = folder / "disk"
        self.compose_program = compose
        self._daemon: subprocess.Popen[bytes] | None = None
        self._log = folder / "dockerd.log"
        self.environment = {
            **_without_docker(os.environ),
            "DOCKER_HOST": f"unix://{folder}/docker.sock",
            "DOCKER_CONFIG": str(folder / "client"),
            "DOCKER_BUILDKIT": "1",
            "BUILDKIT_PROGRESS": "plain",
        }

    def start(self) -> None:
        """Start the daemon.

        Raises:
            AssertionError: with the end of its log.
        """
        self._make_disk()
        settings = self.folder / "daemon.json"
        # Containers talk over bridges and the published port goes through docker-proxy: the
        # machine's own packet filter, forwarding and networks stay as they are.
        settings.write_text(
            json.dumps(
                {
                    "data-root": str(self.disk / "data"),
                    "exec-root": str(self.folder / "exec"),
                    "pidfile": str(self.folder / "dockerd.pid"),
                    "hosts": [self.environment["DOCKER_HOST"]],
                    "bridge": "none",
                    "iptables": False,
                    "ip6tables": False,
                    "ip-masq": False,
                    "ip-forward": False,
                }
            )
        )
        with self._log.open("wb") as log:
            self._daemon = subprocess.Popen(
                ["dockerd", "--config-file", str(settings)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                # A Ctrl-C is for the test, which still needs the daemon to clean up.
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_SECONDS
        while self.docker("version", check=False).returncode:
            assert self._daemon.poll() is None, self._log.read_text()[-3000:]
            assert time.monotonic() < deadline, self._log.read_text()[-3000:]
            time.sleep(0.2)

    def _make_disk(self) -> None:
        """Mount a sparse file for images and containers.

        They are a hundred thousand files. Where the file system discards what is deleted,
        removing them one by one takes minutes, and removing one file a moment.
        """
        self.disk.mkdir()
        image = self.folder / "disk.img"
        with image.open("wb") as file:
            file.truncate(_DISK_BYTES)
        # Without a journal: nothing on it outlives the test.
        options = ("-q", "-O", "^has_journal", "-E", "nodiscard,lazy_itable_init=1")
        run(["mkfs.ext4", *options, str(image)], os.environ)
        run(["mount", "-o", "loop,noatime", str(image), str(self.disk)], os.environ)

    def docker(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the docker client."""
        return run(["docker", *arguments], self.environment, check=check)

    def compose(
        self,
        *arguments: str,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run Docker Compose in a folder."""
        filled = {**self.environment, **(environment or {})}
        return run([*self.compose_program, *arguments], filled, folder=folder, check=check)

    def inspect(self, name: str) -> dict[str, Any]:
        """Return the engine's description of a container or image."""
        [found] = json.loads(self.docker("inspect", name).stdout)
        known: dict[str, Any] = found
        return known

    def remove_everything(self) -> None:
        """Remove containers and networks; images and volumes are removed with the folder."""
        containers = self.docker("ps", "--all", "--quiet").stdout.split()
        if containers:
            self.docker("rm", "--force", "--volumes", *containers)
        self.docker("network", "prune", "--force")

    def stop(self) -> None:
        """End the daemon and everything it started, and unmount its file systems."""
        if self._daemon is not None:
            self._daemon.send_signal(signal.SIGTERM)
            try:
                self._daemon.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._daemon.kill()
                self._daemon.wait()
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        libc = ctypes.CDLL(None, use_errno=True)
        for mount in self.mounts():
            libc.umount2(mount.encode(), _MNT_DETACH)

    def processes(self) -> list[int]:
        """Return the ids of processes whose command line names the folder."""
        return [pid for pid, line in _command_lines() if str(self.folder) in line]

    def mounts(self) -> list[str]:
        """Return the mount points in the folder, the innermost first."""
        points = (line.split()[1] for line in Path("/proc/mounts").read_text().splitlines())
        return sorted((p for p in points if p.startswith(f"{self.folder}/")), reverse=True)


def wants_own_engine() -> bool:
    """Return whether to start an engine; ``COMPOSE_TEST_ENGINE=system`` uses the machine's."""
    return os.environ.get("COMPOSE_TEST_ENGINE", "own") != "system"


@contextlib.contextmanager
def machines_engine() -> Iterator[Engine]:
    """Use the engine that the docker client talks to; it pulls the real base images."""
    with tempfile.TemporaryDirectory(prefix="tidemark-compose-") as folder:
        engine = Engine(Path(folder), prepare_machine())
        engine.environment = {**os.environ, "BUILDKIT_PROGRESS": "plain"}
        engine.disk.mkdir()
        yield engine


@contextlib.contextmanager
def own_engine() -> Iterator[Engine]:
    """Run an engine in a temporary folder, and fail if anything is left afterwards.

    Raises:
        CannotRun: with what is missing.
    """
    compose = prepare_machine()
    before, absent = network_interfaces(), [path for path in _TRACES if not path.exists()]
    engine = Engine(Path(tempfile.mkdtemp(prefix="tidemark-compose-")), compose)
    try:
        engine.start()
        yield engine
    finally:
        # Whatever this cannot remove ends with the daemon, and is reported below.
        with contextlib.suppress(AssertionError):
            engine.remove_everything()
        engine.stop()
        for folder in (engine.folder, *absent):
            shutil.rmtree(folder, ignore_errors=True)
    left = {
        "processes": engine.processes(),
        "mounts": engine.mounts(),
        "folders": [str(path) for path in (engine.folder, *absent) if path.exists()],
        "networks": sorted(network_interfaces() - before),
    }
    assert not any(left.values()), f"left behind: {left}"


def prepare_machine() -> list[str]:
    """Install the engine if there is none; return the command that runs Compose.

    Raises:
        CannotRun: with what is missing.
    """
    if not wants_own_engine():
        return _compose()
    if os.geteuid() != 0:
        raise CannotRun("Run it as root: it starts a Docker engine of its own.")
    if not sys.platform.startswith("linux") or not Archive.is_known():
        raise CannotRun("Run it on Debian: it makes its base images from Debian's packages.")
    wanted = {"dockerd": "docker.io", "docker": "docker-cli", "debootstrap": "debootstrap"}
    for program, package in wanted.items():
        if not shutil.which(program):
            print(f"tidemark: installing {package} for compose-test …", flush=True)
            if not install(package) or not shutil.which(program):
                raise CannotRun(f"Install {package} first; apt-get could not.")
    return _compose()


def _compose() -> list[str]:
    compose = compose_command()
    if compose is None:
        raise CannotRun(HOW_TO)
    return compose


def network_interfaces() -> set[str]:
    """Return the names of this machine's network interfaces."""
    return {path.name for path in Path("/sys/class/net").iterdir()}


def run(
    command: list[str],
    environment: Mapping[str, str],
    *,
    folder: Path | None = None,
    check: bool = True,
) -> subprocess.CompletedProcess[str]:
    """Run a command.

    Raises:
        AssertionError: it failed; with the end of what it wrote.
    """
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    written = f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert not check or not done.returncode, f"{' '.join(command)}\n{written}"
    return done


def _without_docker(environment: Mapping[str, str]) -> dict[str, str]:
    """Remove variables that select another engine or another compose file."""
    prefixes = ("DOCKER_", "COMPOSE_", "BUILDKIT_", "BUILDX_")
    return {name: value for name, value in environment.items() if not name.startswith(prefixes)}


def _command_lines() -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                yield int(entry.name), line.decode(errors="replace")
