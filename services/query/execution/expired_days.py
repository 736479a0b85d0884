"""The part of a range whose raw rows retention has removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BindParameter, ColumnElement, bindparam, func, select
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
    latest = _latest_expired(session, project_id)
    if latest is None or latest <= time_range.start:
        return None
    first, last = time_range.start.date(), time_range.end.date()
    found: Any = session.execute(
        select(func.min(SealedDay.starts_at), func.max(SealedDay.ends_at)).where(
            *_expired_days(project_id),
            # A former time zone may have given a neighbouring date to the same time.
            SealedDay.day.between(first - timedelta(days=2), last + timedelta(days=2)),
            SealedDay.starts_at < time_range.end,
            SealedDay.ends_at > time_range.start,
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


def _latest_expired(session: Session, project_id: int) -> datetime | None:
    """Return the end of the latest expired day, read once in a session: most have none."""
    known: dict[int, datetime | None] = session.info.setdefault("latest_expired", {})
    if project_id not in known:
        known[project_id] = session.scalar(_LATEST_EXPIRED, {"project": project_id})
    return known[project_id]


def _expired_days(project_id: int | BindParameter[int]) -> list[ColumnElement[bool]]:
    return [
        SealedDay.project_id == project_id,
        SealedDay.expired_at.is_not(None),
        SealedDay.events > 0,
    ]


# Built once: each report that reads raw rows runs it.
_LATEST_EXPIRED = select(func.max(SealedDay.ends_at)).where(*_expired_days(bindparam("project")))
