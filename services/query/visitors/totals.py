"""The visitors of a range as a whole."""

from __future__ import annotations

from typing import Any

from services.query.execution.cached_query import CachedQuery
from services.query.ratios import percent
from services.query.visitors.engine import count_page_views, count_visitors
from services.query.visitors.query import VisitorQuery, parse_visitor_query


def visitor_totals(plan: VisitorQuery) -> dict[str, Any]:
    """Return visitors, authenticated and anonymous, and their page views.

    ``conversion_rate`` is the share of authenticated visitors in percent.
    """
    with plan.open() as context:
        [counts] = count_visitors(context, plan.audience)
        [views] = count_page_views(context, plan.audience)
    return context.meta.wrap(
        {
            "total_visitors": counts.total,
            "authenticated_visitors": counts.authenticated,
            "anonymous_visitors": counts.anonymous,
            "conversion_rate": percent(counts.authenticated, counts.total),
            "total_page_views": views,
            "avg_page_views_per_visitor": round(views / counts.total, 1) if counts.total else 0.0,
        }
    )


VISITOR_TOTALS = CachedQuery("visitors", parse_visitor_query, visitor_totals)
