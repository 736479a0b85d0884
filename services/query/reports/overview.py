"""The overview: a project's main figures, against the period before."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import Comparison, TimeRange
from services.query.sources import sealed_days
from services.query.sources.event_counts import CountQuery, by_name
from services.query.sources.session_counts import count_sessions

PAGE_VIEWS = ("page_view", "$pageview", "pageview")
"""What the native SDK, PostHog's and older clients call a page view."""


def overview(project_id: int, ranges: Comparison) -> dict[str, Any]:
    """Totals, unique users and sessions, page views, and how they changed."""
    meta = ResultMeta(ranges.current)
    with read_only_session() as session:
        current, names = _figures(session, project_id, ranges.current, meta)
        previous, _ = _figures(session, project_id, ranges.previous, meta)
    users = current["unique_users"]
    return meta.wrap(
        {
            **current,
            "events_per_user": round(current["total_events"] / users, 2) if users else 0.0,
            "event_names": names,
            "previous": previous,
            "change": {key: _change(current[key], previous[key]) for key in current},
        }
    )


def _figures(
    session: Session, project_id: int, time_range: TimeRange, meta: ResultMeta
) -> tuple[dict[str, int], int]:
    """The figures of a range, and how many names its events have."""
    counts = dict(by_name(session, CountQuery(project_id, time_range), meta))
    users, cover = sealed_days.persons(session, project_id, time_range)
    meta.add_source(cover.source)
    [sessions] = count_sessions(session, project_id, time_range, [time_range.start], meta)
    return {
        "total_events": sum(counts.values()),
        "unique_users": len(users),
        "unique_sessions": sessions,
        "page_views": sum(counts.get(name, 0) for name in PAGE_VIEWS),
    }, len(counts)


def _change(current: int, previous: int) -> float | None:
    """Growth in percent; None when there was nothing to grow from."""
    return round((current - previous) / previous * 100, 1) if previous else None
