"""The overview: a project's main figures, against the period before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.ranges import Range, with_previous
from services.query.reading import Answer, reading
from services.query.reports.counts import CountQuery, by_name, total
from shared.models import Event

PAGE_VIEWS = ("page_view", "$pageview", "pageview")
"""What the native SDK, PostHog's and older clients call a page view."""


def overview(project_id: int, span: Range, now: datetime) -> dict[str, Any]:
    """Totals, unique users and sessions, page views, and how they changed."""
    answer = Answer(span)
    ranges = with_previous(span, now)
    with reading() as session:
        names = len(by_name(session, CountQuery(project_id, span)))
        current = _figures(session, project_id, ranges.current, answer)
        previous = _figures(session, project_id, ranges.previous, answer)
    users = current["unique_users"]
    return answer.frame(
        {
            **current,
            "events_per_user": round(current["total_events"] / users, 2) if users else 0.0,
            "event_names": names,
            "previous": previous,
            "change": {key: _change(current[key], previous[key]) for key in current},
        }
    )


def _figures(session: Session, project_id: int, span: Range, answer: Answer) -> dict[str, int]:
    counts = CountQuery(project_id, span)
    users, sessions = session.execute(
        select(
            func.count(Event.person_id.distinct()), func.count(Event.session_id.distinct())
        ).where(
            Event.project_id == project_id,
            Event.timestamp >= span.start,
            Event.timestamp < span.end,
        )
    ).one()
    answer.took_from(counts.source)
    answer.took_from("raw")
    return {
        "total_events": total(session, counts),
        "unique_users": users,
        "unique_sessions": sessions,
        "page_views": total(session, CountQuery(project_id, span, PAGE_VIEWS)),
    }


def _change(current: int, previous: int) -> float | None:
    """Growth in percent; None when there was nothing to grow from."""
    return round((current - previous) / previous * 100, 1) if previous else None
