"""Visitors over time: for charts, and as a CSV file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Annotated

from services.query.execution.cached_query import CachedQuery
from services.query.execution.responses import QueryResponse
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import check_day_count
from services.query.visitors.page_views import count_page_views
from services.query.visitors.query import (
    VisitorQuery,
    by_interval,
    parse_audience,
    parse_days,
)
from services.query.visitors.unique_visitors import count_visitors
from shared.responses import Doc
from shared.web.csv_cells import escape_formula

CSV_COLUMNS = (
    "date", "total_visitors", "authenticated_visitors", "anonymous_visitors", "page_views"
)  # fmt: skip


def parse_visitor_trends(request: UntypedRequest) -> VisitorQuery:
    """Parse a request for visitors over time.

    Raises:
        Unprocessable: names the invalid field.
    """
    return by_interval(parse_audience(request), parse_days(request), request.data["interval"])


def parse_visitor_table(request: UntypedRequest) -> VisitorQuery:
    """Parse a request for visitors by day.

    Raises:
        Unprocessable: names the invalid field.
    """
    time_range = parse_days(request)
    check_day_count(time_range, "start_date")
    return by_interval(parse_audience(request), time_range, "day")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorTrendsResponse(QueryResponse):
    """Visitors by interval."""

    labels: Annotated[
        list[str], Doc("Local dates; of hours, times with offset.", example=["2026-01-01"])
    ]
    total: Annotated[list[int], Doc(example=[100])]
    authenticated: Annotated[list[int], Doc(example=[60])]
    anonymous: Annotated[list[int], Doc(example=[40])]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorTable(QueryResponse):
    """Visitors and page views by day, as the text of a CSV file."""

    csv: str
    last_day: str


def visitor_trends(plan: VisitorQuery) -> VisitorTrendsResponse:
    """Return visitors by interval, every interval present.

    Labels are local dates; of hours, instants with their offset. A week begins on Monday; one that
    the range cuts is labelled with its Monday, and counts what lies in the range.
    """
    with plan.open() as context:
        counts = count_visitors(context, plan.audience)
    return VisitorTrendsResponse(
        **context.meta.fields(),
        labels=plan.labels,
        total=[one.total for one in counts],
        authenticated=[one.authenticated for one in counts],
        anonymous=[one.anonymous for one in counts],
    )


def visitor_table(plan: VisitorQuery) -> VisitorTable:
    """Return visitors and page views by interval, as the text of a CSV file."""
    with plan.open() as context:
        counts = count_visitors(context, plan.audience)
        page_views = count_page_views(context, plan.audience)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows(
        (escape_formula(label), one.total, one.authenticated, one.anonymous, views)
        for label, one, views in zip(plan.labels, counts, page_views, strict=True)
    )
    return VisitorTable(**context.meta.fields(), csv=buffer.getvalue(), last_day=plan.labels[-1])


VISITOR_TRENDS = CachedQuery(
    "visitor trends", parse_visitor_trends, visitor_trends, VisitorTrendsResponse
)
VISITOR_TABLE = CachedQuery("visitor table", parse_visitor_table, visitor_table, VisitorTable)
