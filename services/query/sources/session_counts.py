"""How many sessions began: a session counts where it begins, on every page alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_query import interval_index
from services.query.sources.sealed_days import coverage
from shared.models import ProjectDailySummary, SessionRow


def count_sessions(
    session: Session,
    project_id: int,
    time_range: TimeRange,
    starts: Sequence[datetime],
    meta: ResultMeta,
) -> list[int]:
    """Sessions that began in each interval of a range.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        time_range: the range.
        starts: of the intervals, ascending; the first is not after the range's start.
        meta: receives the sources that were read.
    """
    cover = coverage(session, project_id, time_range, starts)
    meta.add_source(cover.source)
    begun = [0] * len(starts)
    if cover.days:
        sealed = session.execute(
            select(ProjectDailySummary.day, ProjectDailySummary.unique_sessions).where(
                ProjectDailySummary.project_id == project_id,
                ProjectDailySummary.day.in_(cover.days),
            )
        )
        index_of = cover.interval_indexes(starts)
        for day, sessions in sealed:
            begun[index_of[day]] += sessions
    for part in cover.raw:
        index = interval_index(starts, SessionRow.started_at).label("index")
        rows = session.execute(
            select(index, func.count())
            .where(
                SessionRow.project_id == project_id,
                SessionRow.started_at >= part.start,
                SessionRow.started_at < part.end,
            )
            .group_by("index")
        )
        for number, sessions in rows:
            begun[number] += sessions
    return begun
