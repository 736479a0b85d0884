"""Visitors of a range as a whole."""

from __future__ import annotations

from typing import Any

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.visitors.engine import VisitorQuery, counted, page_views


def visitors(plan: VisitorQuery) -> dict[str, Any]:
    """How many visited, how many of them are known, and how many pages they looked at.

    ``conversion_rate`` is the share of known visitors in percent.
    """
    meta = ResultMeta(plan.time_range)
    with read_only_session() as session:
        [found] = counted(session, plan, meta)
        [views] = page_views(session, plan, meta)
    return meta.wrap(
        {
            "total_visitors": found.total,
            "authenticated_visitors": found.authenticated,
            "anonymous_visitors": found.anonymous,
            "conversion_rate": percent(found.authenticated, found.total),
            "total_page_views": views,
            "avg_page_views_per_visitor": round(views / found.total, 1) if found.total else 0.0,
        }
    )


def percent(part: int, whole: int) -> float:
    """A share in percent, to one decimal; of nothing it is 0."""
    return round(part / whole * 100, 1) if whole else 0.0
