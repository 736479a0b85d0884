"""The names under which ingest, the processor and the live view meet in Redis."""

from __future__ import annotations

STREAM = "events:ingest"
"""Stream entries: field ``batch`` holds an encoded ``shared.envelope.Batch``."""

BATCH_FIELD = b"batch"

CONSUMER_GROUP = "event_workers"


def live_channel(project_id: int) -> str:
    """The channel on which stored events of a project are published."""
    return f"events:live:{project_id}"


def data_version_key(project_id: int) -> str:
    """A number that grows after each commit of a project's events; answers are cached under it."""
    return f"query:version:{project_id}"
