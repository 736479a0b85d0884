"""A project's days, each as a whole: events, persons, sessions, and events by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import TimeRange, interval_starts
from services.query.sources.active_persons import active_persons
from services.query.sources.event_counts import CountQuery, by_interval
from services.query.sources.event_query import EventQuery, EventSelector, interval_index
from services.query.sources.sealed_days import coverage
from services.query.sources.session_counts import count_sessions
from shared.models import Event, ProjectDailySummary


@dataclass(frozen=True, slots=True)
class DailyRollupsPlan:
    """Which days of which project."""

    project_id: int
    time_range: TimeRange
    """Whole local days."""


def daily_rollups(plan: DailyRollupsPlan) -> dict[str, Any]:
    """Every local day of the range, also those without events.

    Persons cannot be added up over days. Sessions can: each counts on the day it began.
    """
    meta = ResultMeta(plan.time_range)
    starts = interval_starts(plan.time_range, "day")
    query = EventQuery(plan.project_id, plan.time_range)
    count_query = CountQuery(plan.project_id, plan.time_range)
    with read_only_session() as session:
        names = by_interval(session, count_query, starts, meta, split_by_name=True)
        [persons] = active_persons(session, query, [EventSelector(None)], starts, meta)
        sessions = count_sessions(session, plan.project_id, plan.time_range, starts, meta)
        sources = _sources(session, plan, starts)
    return meta.wrap(
        {
            "items": [
                {
                    "date": start.date().isoformat(),
                    "total_events": sum(line[index] for line in names.values()),
                    "unique_users": len(persons[index]),
                    "unique_sessions": sessions[index],
                    "event_names": sum(line[index] > 0 for line in names.values()),
                    "sources": dict(sources[index]),
                }
                for index, start in enumerate(starts)
            ]
        }
    )


def _sources(
    session: Session, plan: DailyRollupsPlan, starts: Sequence[datetime]
) -> list[Counter[str]]:
    """Events by source on each day; the empty source: they named none."""
    found = [Counter[str]() for _ in starts]
    cover = coverage(session, plan.project_id, plan.time_range, starts)
    index_of = cover.interval_indexes(starts)
    sealed = session.execute(
        select(ProjectDailySummary.day, ProjectDailySummary.sources).where(
            ProjectDailySummary.project_id == plan.project_id,
            ProjectDailySummary.day.in_(cover.days),
        )
    )
    for day, sources in sealed:
        found[index_of[day]].update(sources)
    source = func.coalesce(Event.source, "").label("origin")
    index = interval_index(starts).label("index")
    for part in cover.raw:
        rows = session.execute(
            select(index, source, func.count())
            .where(*EventQuery(plan.project_id, part).conditions())
            .group_by("index", "origin")
        )
        for number, name, events in rows:
            found[number][name] += events
    return found
