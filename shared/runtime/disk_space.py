"""What is known of the free space of the disks that events go to.

A processor measures, because it can be given the folders of the servers; ingest, health, metrics
and ``tidemark doctor`` read what it published, wherever they run. The stream's Redis holds it,
since ingest asks that one anyway. Each host has a field of its own, since its disks are others.
"""

from __future__ import annotations

import socket

import msgspec
from redis import Redis

KEY = "disk-space-by-host"
_EXPIRES_SECONDS = 60
"""A processor publishes every second or two. Without one nothing is known, and nothing refused."""


MIN_FREE_FACTOR = 2
"""Imports and files of sealed days can wait: they leave free so much more than ingest needs."""


class Disk(msgspec.Struct, frozen=True):
    """A file system, by one of the folders on it."""

    folder: str
    free_mb: int


class DiskSpace(msgspec.Struct, frozen=True):
    """The disks, and whether one of them has too little room to go on taking events."""

    disks: list[Disk]
    min_free_mb: int
    is_low: bool

    @property
    def mb_for_imports(self) -> int:
        """Return the megabytes that imports may take; negative: so many must become free."""
        return self._fullest.free_mb - MIN_FREE_FACTOR * self.min_free_mb

    @property
    def amount(self) -> str:
        """State the free space of the fullest disk, and the least it should have."""
        return f"{self._fullest.free_mb} MB free of at least {self.min_free_mb}"

    @property
    def description(self) -> str:
        """State the amount and the folder, for operators: health, which anybody reads, has none."""
        return f"{self.amount} at {self._fullest.folder}"

    @property
    def _fullest(self) -> Disk:
        return min(self.disks, key=lambda disk: disk.free_mb)


class _Measured(msgspec.Struct, frozen=True):
    space: DiskSpace
    at: int
    """Seconds since 1970, by the clock of Redis."""


def publish(redis: Redis, space: DiskSpace, host: str | None = None) -> None:
    """Store what a host measured; it expires unless it is stored again.

    Args:
        redis: the stream's.
        space: what was measured.
        host: the name of the host; None: this one.
    """
    now, stored = _read(redis)
    silent = [name for name, measured in stored.items() if not _is_fresh(measured, now)]
    with redis.pipeline() as pipeline:
        if silent:
            pipeline.hdel(KEY, *silent)
        pipeline.hset(KEY, host or socket.gethostname(), msgspec.json.encode(_Measured(space, now)))
        pipeline.expire(KEY, _EXPIRES_SECONDS)
        pipeline.execute()


def last_published(redis: Redis, host: str | None = None) -> DiskSpace | None:
    """Return what all hosts, or one of them, measured last; None: nobody measures.

    It is low when a disk of any host is. Of a folder that several hosts have it names the disk with
    the least free space: several processors may have measured the same one.
    """
    now, stored = _read(redis)
    spaces = [
        measured.space
        for name, measured in sorted(stored.items())
        if _is_fresh(measured, now) and host in (None, name)
    ]
    if not spaces:
        return None
    fullest: dict[str, Disk] = {}
    for disk in (disk for space in spaces for disk in space.disks):
        found = fullest.setdefault(disk.folder, disk)
        fullest[disk.folder] = min(found, disk, key=lambda one: one.free_mb)
    return DiskSpace(
        list(fullest.values()),
        max(space.min_free_mb for space in spaces),
        any(space.is_low for space in spaces),
    )


def _read(redis: Redis) -> tuple[int, dict[str, _Measured]]:
    """Return the time of Redis, and what it holds by host."""
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.time()
        pipeline.hgetall(KEY)
        (now, _), stored = pipeline.execute()
    return now, {
        host.decode(): msgspec.json.decode(value, type=_Measured) for host, value in stored.items()
    }


def _is_fresh(measured: _Measured, now: int) -> bool:
    # A clock that was set back leaves times ahead of it.
    return abs(now - measured.at) < _EXPIRES_SECONDS
