"""The pages of each local day: their views, and their visitors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy import func, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import (
    TimeRange,
    check_day_count,
    interval_starts,
    whole_days,
)
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import PERSON, event_text
from shared.events.dimensions import PAGE_EVENTS
from shared.models import Event, PageDailySummary, Person
from shared.responses import Doc, LocalDate

MAX_PAGES = 500
"""Pages of a day that sealed days store one by one."""
MAX_DAYS = 100
"""Each day that is not sealed counts its visitors on its own, and has its own pages."""


@dataclass(frozen=True, slots=True)
class PagesPlan:
    """Which days of which project, and how many pages of each day."""

    project_id: int
    time_range: TimeRange
    """Whole local days."""
    limit: int


def parse_pages(request: UntypedRequest) -> PagesPlan:
    """Parse a request for pages; the range is widened to whole local days.

    Raises:
        Unprocessable: names the invalid field.
    """
    time_range = whole_days(request.time_range())
    check_day_count(time_range, "from", MAX_DAYS)
    return PagesPlan(request.project_id, time_range, request.data["limit"])


@dataclass(frozen=True, slots=True)
class PageOfDay:
    """A page on a local day."""

    date: LocalDate
    page_url: Annotated[
        str | None, Doc("Path of the page; null: views without one.", example="/start")
    ]
    page_views: int
    unique_visitors: int
    authenticated_visitors: Annotated[
        int, Doc("Visitors who had been identified by the end of the day.")
    ]
    anonymous_visitors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesResponse(QueryResponse):
    """The pages with the most views of each day, latest day first."""

    items: list[PageOfDay]


@dataclass(frozen=True, slots=True)
class _Page:
    interval: int
    path: str | None
    views: int
    visitors: int
    authenticated: int


def run_pages(plan: PagesPlan) -> PagesResponse:
    """Return the pages with the most views of each day; ties in order of their paths."""
    days = interval_starts(plan.time_range, "day")
    with open_query(EventQuery(plan.project_id, plan.time_range), days) as context:
        found = list(
            read(
                context,
                cover(context),
                sealed=lambda coverage: _sealed(context, coverage, plan.limit),
                raw=lambda part: _raw(context, part, plan.limit),
            )
        )
    pages: list[list[_Page]] = [[] for _ in days]
    for page in found:
        pages[page.interval].append(page)
    return PagesResponse(
        **context.meta.fields(),
        items=[
            PageOfDay(
                date=days[index].date().isoformat(),
                page_url=page.path,
                page_views=page.views,
                unique_visitors=page.visitors,
                authenticated_visitors=page.authenticated,
                anonymous_visitors=page.visitors - page.authenticated,
            )
            for index in reversed(range(len(days)))
            for page in sorted(pages[index], key=_order)[: plan.limit]
        ],
    )


PAGES = CachedQuery("pages", parse_pages, run_pages, PagesResponse)


def _order(page: _Page) -> tuple[int, bool, str]:
    return -page.views, page.path is None, page.path or ""


def _sealed(context: QueryContext, coverage: Coverage, limit: int) -> Iterator[_Page]:
    rows = context.session.execute(
        select(
            PageDailySummary.day,
            PageDailySummary.page_path,
            PageDailySummary.page_views,
            PageDailySummary.unique_visitors,
            PageDailySummary.authenticated_visitors,
        ).where(
            PageDailySummary.project_id == context.query.project_id,
            PageDailySummary.day.in_(coverage.dates),
            # Rank 0 combines all other pages.
            PageDailySummary.rank.between(1, limit),
        )
    )
    interval_of = coverage.interval_by_date
    for row in rows:
        yield _Page(
            interval_of[row.day],
            row.page_path,
            row.page_views,
            row.unique_visitors,
            row.authenticated_visitors,
        )


def _raw(context: QueryContext, part: QueryContext, limit: int) -> Iterator[_Page]:
    """Read one day after the other: a visitor is authenticated by the end of each."""
    part.note_raw_rows()
    ends = [*context.starts[1:], context.query.time_range.end]
    span = part.query.time_range
    for index, (start, end) in enumerate(zip(context.starts, ends, strict=True)):
        if span.start <= start < span.end:
            yield from _pages_of_day(part, index, start, end, limit)


def _pages_of_day(
    part: QueryContext, index: int, start: datetime, end: datetime, limit: int
) -> Iterator[_Page]:
    day = part.query.within(TimeRange(start, end, part.query.time_range.zone))
    path = event_text("page_path").label("path")
    visitors = func.count(PERSON.distinct())
    rows = part.session.execute(
        select(
            path,
            func.count(),
            visitors,
            visitors.filter(Person.identified_at < end),
        )
        .select_from(Event)
        .outerjoin(
            Person, (Person.project_id == Event.project_id) & (Person.person_id == Event.person_id)
        )
        .where(*matches_query(day), Event.event_name.in_(PAGE_EVENTS))
        .group_by("path")
        .order_by(func.count().desc(), path.is_(None), path.collate("C"))
        .limit(limit)
    )
    for row in rows:
        yield _Page(index, *row)
