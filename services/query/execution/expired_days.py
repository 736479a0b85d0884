"""The part of a range whose raw rows retention has removed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.responses import ExpiredPart
from services.query.parsing.time_range import TimeRange
from shared.models import SealedDay


def expired_parts(
    session: Session, project_id: int, time_range: TimeRange
) -> list[ExpiredPart] | msgspec.UnsetType:
    """Return what the response of a list says of expired days in its range."""
    expired = find_expired(session, project_id, time_range)
    if expired is None:
        return msgspec.UNSET
    return [ExpiredPart(expired.start.isoformat(), expired.end.isoformat())]


def find_expired(session: Session, project_id: int, time_range: TimeRange) -> TimeRange | None:
    """Return the part of a range from the first to the last expired day that had events.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        time_range: the range whose raw rows are read.
    """
    first, last = time_range.start.date(), time_range.end.date()
    found: Any = session.execute(
        select(func.min(SealedDay.starts_at), func.max(SealedDay.ends_at)).where(
            SealedDay.project_id == project_id,
            # A former time zone may have given a neighbouring date to the same time.
            SealedDay.day.between(first - timedelta(days=2), last + timedelta(days=2)),
            SealedDay.starts_at < time_range.end,
            SealedDay.ends_at > time_range.start,
            SealedDay.expired_at.is_not(None),
            SealedDay.events > 0,
        )
    ).one()
    start, end = found
    if start is None:
        return None
    zone = time_range.zone
    return TimeRange(
        max(start, time_range.start).astimezone(zone),
        min(end, time_range.end).astimezone(zone),
        zone,
    )
