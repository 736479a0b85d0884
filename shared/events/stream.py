"""Name the Redis keys by which ingest and the processor meet."""

from __future__ import annotations

from redis import Redis

STREAM = "events:ingest"
"""The first partition. The field ``batch`` of each entry holds an encoded ``envelope.Batch``; the
account that it counts for is beside it (``shared.events.backlogs``)."""

BATCH_FIELD = b"batch"

CONSUMER_GROUP = "event_workers"


def stream_of(project_id: int, partitions: int) -> str:
    """Return the partition of a project's entries, so that a batch holds few projects.

    Args:
        project_id: the project.
        partitions: the number of partitions (the setting ``stream_partitions``).
    """
    return _name(project_id % partitions)


def streams(redis: Redis, partitions: int = 1) -> list[str]:
    """List all partitions: the configured ones, and those left from a larger number."""
    names = {_name(number) for number in range(partitions)}
    names.update(name.decode() for name in redis.scan_iter(f"{STREAM}:*", _type="stream"))
    return sorted(names)


def _name(number: int) -> str:
    return STREAM if number == 0 else f"{STREAM}:{number}"


def client_sessions_key(project_id: int) -> str:
    """Return the key, in the cache, of whom a project's open sessions belong to.

    Their times are under the same key with ``:times``.
    """
    return f"client-sessions:{project_id}"


def limits_key(project_id: int) -> str:
    """Return the key, beside the stream, of what a project's limits and quotas have counted.

    Those of its clients begin with it and a colon.
    """
    return f"limits:{project_id}"
