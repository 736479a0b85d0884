"""Limit what a project exports of its persons in a day (UTC): how many exports, how many bytes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from redis import Redis
from redis.client import Pipeline

from shared.errors import ErrorCode, PayloadTooLarge, TooManyRequests

MAX_EXPORTS = 100
MAX_BYTES = 512 * 1024 * 1024
_SECONDS_REMEMBERED = 2 * 86_400
_COUNT, _BYTES = "exports", "bytes"


def check(redis: Redis, project_id: int) -> None:
    """Refuse another export of a project that has used up its day.

    Raises:
        TooManyRequests: it has as many exports, or bytes, as it may have in a day.
    """
    now = datetime.now(timezone.utc)
    found: list[bytes | None] = redis.hmget(_key(project_id, now), _COUNT, _BYTES)  # type: ignore[assignment]
    count, size = (int(value or 0) for value in found)
    if count < MAX_EXPORTS and size < MAX_BYTES:
        return
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    raise TooManyRequests(
        f"The project has exported persons {count} times today ({size // 1_000_000} MB). It may "
        f"do so {MAX_EXPORTS} times and with {MAX_BYTES // 1_000_000} MB in a day (UTC). Try again "
        "tomorrow.",
        code=ErrorCode.QUOTA_EXCEEDED,
        retry_after_seconds=int((midnight - now).total_seconds()) + 1,
    )


def count_export(pipeline: Pipeline, project_id: int) -> None:
    """Count an export that is queued, in the transaction that queues it."""
    key = _key(project_id, datetime.now(timezone.utc))
    pipeline.hincrby(key, _COUNT, 1)
    pipeline.expire(key, _SECONDS_REMEMBERED)


def count_bytes(redis: Redis, project_id: int, size: int) -> None:
    """Count a finished export, before it is stored.

    Raises:
        PayloadTooLarge: the project's exports of the day would have too many bytes.
    """
    key = _key(project_id, datetime.now(timezone.utc))
    if int(redis.hincrby(key, _BYTES, size)) > MAX_BYTES:
        redis.hincrby(key, _BYTES, -size)
        raise PayloadTooLarge(
            f"The export has {size // 1_000_000} MB, more than is left of the project's "
            f"{MAX_BYTES // 1_000_000} MB for today (UTC). Try again tomorrow, or write it to a "
            f"file: tidemark export_person --project {project_id} --distinct-id … --output …"
        )
    redis.expire(key, _SECONDS_REMEMBERED)


def _key(project_id: int, now: datetime) -> str:
    return f"exports-of:{project_id}:{now:%Y-%m-%d}"
