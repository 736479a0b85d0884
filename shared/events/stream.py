"""The names under which ingest, the processor and the live view meet in Redis."""

from __future__ import annotations

from redis import Redis

STREAM = "events:ingest"
"""The first partition. Each entry's field ``batch`` holds an encoded ``envelope.Batch``."""

BATCH_FIELD = b"batch"

CONSUMER_GROUP = "event_workers"


def stream_of(project_id: int, partitions: int) -> str:
    """The partition that holds a project's entries: a batch read from it holds few projects.

    Args:
        project_id: whose.
        partitions: how many there are (the setting ``stream_partitions``).
    """
    return _name(project_id % partitions)


def streams(redis: Redis, partitions: int = 1) -> list[str]:
    """All partitions: those there should be, and those that are left of when there were more."""
    names = {_name(number) for number in range(partitions)}
    names.update(name.decode() for name in redis.scan_iter(f"{STREAM}:*", _type="stream"))
    return sorted(names)


def _name(number: int) -> str:
    return STREAM if number == 0 else f"{STREAM}:{number}"


def live_channel(project_id: int) -> str:
    """The channel on which stored events of a project are published."""
    return f"events:live:{project_id}"
