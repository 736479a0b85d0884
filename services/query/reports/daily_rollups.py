"""A project's days as a whole: events, persons and sessions, and events by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import func, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import (
    TimeRange,
    check_day_count,
    interval_starts,
    whole_days,
)
from services.query.sources.active_persons import active_persons
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import interval_index
from services.query.sources.event_counts import count_by_name_and_interval
from services.query.sources.session_counts import count_sessions
from shared.models import Event, ProjectDailySummary
from shared.responses import Doc, LocalDate


@dataclass(frozen=True, slots=True)
class DailyRollupsPlan:
    """Which days of which project."""

    project_id: int
    time_range: TimeRange
    """Whole local days."""


def parse_daily_rollups(request: UntypedRequest) -> DailyRollupsPlan:
    """Parse a request for daily rollups; the range is widened to whole local days.

    Raises:
        Unprocessable: names the invalid field.
    """
    plan = DailyRollupsPlan(request.project_id, whole_days(request.time_range()))
    check_day_count(plan.time_range, "from")
    return plan


@dataclass(frozen=True, slots=True)
class DailySummary:
    """A local day as a whole."""

    date: LocalDate
    total_events: int
    unique_users: int
    unique_sessions: Annotated[int, Doc("Sessions that started on the day.")]
    event_names: Annotated[int, Doc("Number of different event names.")]
    sources: Annotated[
        dict[str, int], Doc("Events by source; an empty key: no source.", example={"ios": 3})
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySummariesResponse(QueryResponse):
    """Every local day of the range."""

    items: list[DailySummary]


def run_daily_rollups(plan: DailyRollupsPlan) -> DailySummariesResponse:
    """Return every local day of the range, also those without events.

    Persons cannot be added up over days. Sessions can: each counts on the day it starts.
    """
    days = interval_starts(plan.time_range, "day")
    with open_query(EventQuery(plan.project_id, plan.time_range), days) as context:
        names = count_by_name_and_interval(context)
        [persons] = active_persons(context, [ANY_SELECTOR])
        sessions = count_sessions(context)
        sources = _count_by_source(context)
    return DailySummariesResponse(
        **context.meta.fields(),
        items=[
            DailySummary(
                date=start.date().isoformat(),
                total_events=sum(line[index] for line in names.values()),
                unique_users=len(persons[index]),
                unique_sessions=sessions[index],
                event_names=sum(line[index] > 0 for line in names.values()),
                sources=dict(sources[index]),
            )
            for index, start in enumerate(days)
        ],
    )


DAILY_ROLLUPS = CachedQuery(
    "daily rollups", parse_daily_rollups, run_daily_rollups, DailySummariesResponse
)


def _count_by_source(context: QueryContext) -> list[Counter[str]]:
    """Return the events of each day by source; the empty source: they have none."""
    found = [Counter[str]() for _ in context.starts]

    def sealed(coverage: Coverage) -> Iterator[tuple[int, dict[str, int]]]:
        rows = context.session.execute(
            select(ProjectDailySummary.day, ProjectDailySummary.sources).where(
                ProjectDailySummary.project_id == context.query.project_id,
                ProjectDailySummary.day.in_(coverage.dates),
            )
        )
        interval_of = coverage.interval_by_date
        for day, sources in rows:
            yield interval_of[day], sources

    def raw(part: QueryContext) -> Iterator[tuple[int, dict[str, int]]]:
        part.note_raw_rows()
        rows = part.session.execute(
            select(
                interval_index(part.starts).label("interval_index"),
                func.coalesce(Event.source, "").label("origin"),
                func.count(),
            )
            .where(*matches_query(part.query))
            .group_by("interval_index", "origin")
        )
        for index, source, events in rows:
            yield index, {source: events}

    for index, sources in read(context, cover(context), sealed=sealed, raw=raw):
        found[index].update(sources)
    return found
