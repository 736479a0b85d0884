"""Check the preconditions of a start: a free port, disk space, an unused data directory."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.problems import CannotStart

DEFAULT_MINIMUM_FREE_MB = 1024


def require_free_port(port: int, variable: str = "PORT", command: str = "make run") -> None:
    """Raise CannotStart when another process listens on a port of this machine.

    Args:
        port: to look at.
        variable: names the port in the environment, for the message.
        command: that would be given again with another port.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} is in use by another program. Stop it, or choose another port: "
                f"{variable}={port + 1 if port < 65535 else 8000} {command}"
            ) from error


def require_disk_space(data_dir: Path, minimum_mb: int) -> None:
    """Raise CannotStart when the data directory is not writable or its disk is nearly full."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        free_mb = shutil.disk_usage(data_dir).free // 1_000_000
    except OSError as error:
        raise CannotStart(
            f"The data folder {data_dir} cannot be created: {error.strerror}. Choose another: "
            "DATA_DIR=/path make run"
        ) from error
    if not os.access(data_dir, os.W_OK | os.X_OK):
        raise CannotStart(
            f"The data folder {data_dir} cannot be written to. Choose another: "
            "DATA_DIR=/path make run"
        )
    if free_mb < minimum_mb:
        raise CannotStart(
            f"The disk of {data_dir} has {free_mb} MB free and Tidemark needs {minimum_mb} MB. "
            "Free some space, or choose a folder on another disk: DATA_DIR=/path make run"
        )


@contextmanager
def exclusive(data_dir: Path) -> Iterator[None]:
    """Hold the lock of the data directory: two installations on one directory would corrupt it.

    The lock is released when this process ends, also by a crash.

    Raises:
        CannotStart: another process holds the lock.
    """
    with (data_dir / "lock").open("w") as lock:
        try:
            # lockf, not flock: forked processes must not hold the lock after a crash of this one.
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotStart(
                f"Tidemark already runs on the data folder {data_dir}. Stop it first, or choose "
                "another folder and port: DATA_DIR=/path PORT=8001 make run"
            ) from error
        yield
