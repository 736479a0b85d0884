"""How many sessions began: a session counts where it begins, on every page alike."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.ranges import Range
from services.query.reading import Answer
from services.query.sealed import coverage
from shared.models import ProjectDailySummary, SessionRow


def sessions_begun(session: Session, project_id: int, span: Range, answer: Answer) -> int:
    """Sessions that began in a range: of sealed days as summed up, of the others as they stand."""
    cover = coverage(session, project_id, span)
    answer.took_from(cover.source)
    begun = 0
    if cover.days:
        begun += (
            session.scalar(
                select(func.coalesce(func.sum(ProjectDailySummary.unique_sessions), 0)).where(
                    ProjectDailySummary.project_id == project_id,
                    ProjectDailySummary.day.in_(cover.days),
                )
            )
            or 0
        )
    for part in cover.raw:
        begun += (
            session.scalar(
                select(func.count()).where(
                    SessionRow.project_id == project_id,
                    SessionRow.started_at >= part.start,
                    SessionRow.started_at < part.end,
                )
            )
            or 0
        )
    return int(begun)
