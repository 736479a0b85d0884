"""The visitors of a range as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.query.execution.cached_query import CachedQuery
from services.query.execution.ratios import percent
from services.query.execution.responses import QueryResponse
from services.query.visitors.page_views import count_page_views
from services.query.visitors.query import VisitorQuery, parse_visitor_query
from services.query.visitors.unique_visitors import count_visitors
from shared.responses import Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorsResponse(QueryResponse):
    """The visitors of a range as a whole."""

    total_visitors: Annotated[int, Doc(example=1234)]
    authenticated_visitors: Annotated[int, Doc(example=800)]
    anonymous_visitors: Annotated[int, Doc(example=434)]
    conversion_rate: Annotated[float, Doc("Authenticated visitors in percent.", example=64.8)]
    total_page_views: Annotated[int, Doc(example=5678)]
    avg_page_views_per_visitor: Annotated[float, Doc(example=4.6)]


def visitor_totals(plan: VisitorQuery) -> VisitorsResponse:
    """Return visitors, authenticated and anonymous, and their page views.

    ``conversion_rate`` is the share of authenticated visitors in percent.
    """
    with plan.open() as context:
        [counts] = count_visitors(context, plan.audience)
        [views] = count_page_views(context, plan.audience)
    return VisitorsResponse(
        **context.meta.fields(),
        total_visitors=counts.total,
        authenticated_visitors=counts.authenticated,
        anonymous_visitors=counts.anonymous,
        conversion_rate=percent(counts.authenticated, counts.total),
        total_page_views=views,
        avg_page_views_per_visitor=round(views / counts.total, 1) if counts.total else 0.0,
    )


VISITOR_TOTALS = CachedQuery("visitors", parse_visitor_query, visitor_totals, VisitorsResponse)
