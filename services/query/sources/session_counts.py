"""How many sessions began: a session counts where it begins, on every page alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import Answer
from services.query.parsing.time_range import Range
from services.query.sources.event_query import bucket_number
from services.query.sources.sealed_days import coverage
from shared.models import ProjectDailySummary, SessionRow


def sessions_begun(
    session: Session, project_id: int, span: Range, starts: Sequence[datetime], answer: Answer
) -> list[int]:
    """Sessions that began in each interval of a range.

    Args:
        session: of a ``reading()`` block.
        project_id: the project.
        span: the range.
        starts: of the intervals, ascending; the first is not after the range's start.
        answer: is told where this was taken from.
    """
    cover = coverage(session, project_id, span, starts)
    answer.took_from(cover.source)
    begun = [0] * len(starts)
    if cover.days:
        sealed = session.execute(
            select(ProjectDailySummary.day, ProjectDailySummary.unique_sessions).where(
                ProjectDailySummary.project_id == project_id,
                ProjectDailySummary.day.in_(cover.days),
            )
        )
        place_of = cover.places(starts)
        for day, sessions in sealed:
            begun[place_of[day]] += sessions
    for part in cover.raw:
        place = bucket_number(starts, SessionRow.started_at).label("place")
        rows = session.execute(
            select(place, func.count())
            .where(
                SessionRow.project_id == project_id,
                SessionRow.started_at >= part.start,
                SessionRow.started_at < part.end,
            )
            .group_by("place")
        )
        for number, sessions in rows:
            begun[number] += sessions
    return begun
