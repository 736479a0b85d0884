"""A project's days, each as a whole: events, persons, sessions, and events by source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import Range, buckets
from services.query.sources.active_persons import presence
from services.query.sources.event_counts import CountQuery, by_interval
from services.query.sources.event_query import Pick, Scope, bucket_number
from services.query.sources.sealed_days import coverage
from services.query.sources.session_counts import sessions_begun
from shared.models import Event, ProjectDailySummary


@dataclass(frozen=True, slots=True)
class ProjectDays:
    """Which days of which project."""

    project_id: int
    span: Range
    """Whole local days."""


def project_days(plan: ProjectDays) -> dict[str, Any]:
    """Every local day of the range, also those without events.

    Persons cannot be added up over days. Sessions can: each counts on the day it began.
    """
    answer = Answer(plan.span)
    starts = buckets(plan.span, "day")
    scope = Scope(plan.project_id, plan.span)
    query = CountQuery(plan.project_id, plan.span)
    with reading() as session:
        names = by_interval(session, query, starts, answer, split_by_name=True)
        [persons] = presence(session, scope, [Pick(None)], starts, answer)
        sessions = sessions_begun(session, plan.project_id, plan.span, starts, answer)
        sources = _sources(session, plan, starts)
    return answer.frame(
        {
            "items": [
                {
                    "date": start.date().isoformat(),
                    "total_events": sum(line[place] for line in names.values()),
                    "unique_users": len(persons[place]),
                    "unique_sessions": sessions[place],
                    "event_names": sum(line[place] > 0 for line in names.values()),
                    "sources": dict(sources[place]),
                }
                for place, start in enumerate(starts)
            ]
        }
    )


def _sources(session: Session, plan: ProjectDays, starts: Sequence[datetime]) -> list[Counter[str]]:
    """Events by source on each day; the empty source: they named none."""
    found = [Counter[str]() for _ in starts]
    cover = coverage(session, plan.project_id, plan.span, starts)
    place_of = cover.places(starts)
    sealed = session.execute(
        select(ProjectDailySummary.day, ProjectDailySummary.sources).where(
            ProjectDailySummary.project_id == plan.project_id,
            ProjectDailySummary.day.in_(cover.days),
        )
    )
    for day, sources in sealed:
        found[place_of[day]].update(sources)
    source = func.coalesce(Event.source, "").label("origin")
    place = bucket_number(starts).label("place")
    for part in cover.raw:
        rows = session.execute(
            select(place, source, func.count())
            .where(*Scope(plan.project_id, part).conditions())
            .group_by("place", "origin")
        )
        for number, name, events in rows:
            found[number][name] += events
    return found
