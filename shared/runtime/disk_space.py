"""What is known of the free space of the disks that events go to.

A processor measures, because it can be given the folders of the servers; ingest, health, metrics
and ``tidemark doctor`` read what it published, wherever they run. The stream's Redis holds it,
since ingest asks that one anyway.
"""

from __future__ import annotations

import msgspec
from redis import Redis

KEY = "disk-space"
_EXPIRES_SECONDS = 60
"""A processor publishes every second or two. Without one nothing is known, and nothing refused."""


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
    def description(self) -> str:
        """State the free space of the fullest disk, and the least it should have."""
        fullest = min(self.disks, key=lambda disk: disk.free_mb)
        return f"{fullest.free_mb} MB free of at least {self.min_free_mb} at {fullest.folder}"


def publish(redis: Redis, space: DiskSpace) -> None:
    """Store what was measured; it expires unless it is stored again."""
    redis.set(KEY, msgspec.json.encode(space), ex=_EXPIRES_SECONDS)


def last_published(redis: Redis) -> DiskSpace | None:
    """Return what was measured last; None: nobody measures."""
    stored = redis.get(KEY)
    if not isinstance(stored, bytes):
        return None
    return msgspec.json.decode(stored, type=DiskSpace)
