"""A project's days, each as a whole: events, persons, sessions, and events by source."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.identity import PERSON
from services.query.questions import bucket_number
from services.query.ranges import Range
from services.query.reading import Answer, reading
from services.query.sealed import coverage
from services.query.visiting import in_span
from shared.buckets import BUCKET_SECONDS
from shared.local_days import day_of, days_between
from shared.local_days import span as day_span
from shared.models import Event, ProjectDailySummary, SessionRow

_QUARTER = timedelta(seconds=BUCKET_SECONDS)


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
    found: dict[date, dict[str, Any]] = defaultdict(_nothing)
    with reading() as session:
        cover = coverage(session, plan.project_id, plan.span)
        _add_sealed(session, plan, cover.days, found)
        for part in cover.raw:
            _add_raw(session, plan, part, found)
        _add_sessions(session, plan, found)
    answer.took_from(cover.source)
    days = _days(plan.span)
    return answer.frame({"items": [{"date": day.isoformat(), **found[day]} for day in days]})


def _nothing() -> dict[str, Any]:
    return {
        "total_events": 0,
        "unique_users": 0,
        "unique_sessions": 0,
        "event_names": 0,
        "sources": {},
    }


def _days(span: Range) -> list[date]:
    return days_between(day_of(span.start, span.zone), day_of(span.end - _QUARTER, span.zone))


def _add_sealed(
    session: Session, plan: ProjectDays, days: list[date], found: dict[date, dict[str, Any]]
) -> None:
    rows = session.scalars(
        select(ProjectDailySummary).where(
            ProjectDailySummary.project_id == plan.project_id, ProjectDailySummary.day.in_(days)
        )
    )
    for row in rows:
        found[row.day] |= {
            "total_events": row.events,
            "unique_users": row.unique_persons,
            "event_names": row.event_names,
            "sources": row.sources,
        }


def _add_raw(
    session: Session, plan: ProjectDays, part: Range, found: dict[date, dict[str, Any]]
) -> None:
    days = _days(part)
    starts = [day_span(day, part.zone)[0] for day in days]
    place = bucket_number(starts).label("place")
    inside = [Event.project_id == plan.project_id, *in_span(part)]
    figures = (
        select(
            place,
            func.count().label("events"),
            func.count(PERSON.distinct()).label("persons"),
            func.count(Event.event_name.distinct()).label("names"),
        )
        .where(*inside)
        .group_by("place")
    )
    for row in session.execute(figures):
        found[days[row.place]] |= {
            "total_events": row.events,
            "unique_users": row.persons,
            "event_names": row.names,
        }
    source = func.coalesce(Event.source, "").label("origin")
    by_source = select(place, source, func.count()).where(*inside).group_by("place", "origin")
    for number, name, events in session.execute(by_source):
        found[days[number]]["sources"][name] = events


def _add_sessions(session: Session, plan: ProjectDays, found: dict[date, dict[str, Any]]) -> None:
    days = _days(plan.span)
    starts = [day_span(day, plan.span.zone)[0] for day in days]
    place = bucket_number(starts, SessionRow.started_at).label("place")
    begun = (
        select(place, func.count())
        .where(
            SessionRow.project_id == plan.project_id,
            SessionRow.started_at >= plan.span.start,
            SessionRow.started_at < plan.span.end,
        )
        .group_by("place")
    )
    for number, sessions in session.execute(begun):
        found[days[number]]["unique_sessions"] = sessions
