"""Measure the free space of disks, and publish it before one of them is full."""

from __future__ import annotations

import logging
import shutil
import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from shared.runtime.disk_space import Disk, DiskSpace, last_published, publish

log = logging.getLogger(__name__)

_INTERVAL_SECONDS = 1.0
_RESUME_SHARE = 1.25
"""Events are taken again once there is so much more room than they are refused at, so that taking
and refusing do not alternate."""


class DiskWatch:
    """Publishes the free space of folders every second, in a thread of its own."""

    def __init__(self, redis: Redis, folders: Iterable[str], min_free_mb: int) -> None:
        self._redis = redis
        self._folders = list(folders)
        self._min_free_mb = min_free_mb
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="disk-watch", daemon=True)

    def start(self) -> None:
        """Begin, if there is a folder to watch."""
        if self._folders:
            self._thread.start()

    def stop(self) -> None:
        """End; what was published expires."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.is_set():
            with suppress(RedisError):  # the consumer reports that the stream does not answer
                self._measure_and_publish()
            self._stopped.wait(_INTERVAL_SECONDS)

    def _measure_and_publish(self) -> None:
        disks = measure(self._folders)
        if not disks:
            return
        # Not from memory: other processors of this host measure the same disks and have to agree.
        before = last_published(self._redis, socket.gethostname())
        was_low = before is not None and before.is_low
        space = DiskSpace(disks, self._min_free_mb, is_low(disks, self._min_free_mb, was_low))
        publish(self._redis, space)
        if space.is_low != was_low:
            state = "refused until there is more room" if space.is_low else "taken again"
            log.warning("events are %s: %s", state, space.description)


def measure(folders: Iterable[str]) -> list[Disk]:
    """Return the free space of the folders that exist, once for each file system."""
    found: dict[int, Disk] = {}
    for folder in folders:
        try:
            device = Path(folder).stat().st_dev
            free = shutil.disk_usage(folder).free
        except OSError:
            continue
        found.setdefault(device, Disk(folder, free // 1_000_000))
    return list(found.values())


def is_low(disks: Iterable[Disk], min_free_mb: int, was_low: bool) -> bool:
    """Return whether a disk has less than the minimum, or not yet a quarter more after it had."""
    needed = min_free_mb * _RESUME_SHARE if was_low else min_free_mb
    return any(disk.free_mb < needed for disk in disks)
