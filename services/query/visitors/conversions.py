"""Conversions: anonymous visitors who became known, and how long it took them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from statistics import fmean, median
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Date, func, literal, select, true
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.sources.postgres import start_of_utc_day
from services.query.visitors.engine import VisitorQuery, identified_before, visitors
from services.query.visitors.totals import percent
from shared.events.local_days import days_between
from shared.models import Event, Person


def conversions(plan: VisitorQuery) -> dict[str, Any]:
    """Conversions of a range, by day, with the time from the first event to the conversion.

    A person converts once: with the first ``identify`` that names the anonymous id used so far.
    The rate is in percent of those who could: the visitors of the range who were not known before
    it began. Times are seconds; without any conversion they are 0.
    """
    meta = ResultMeta(plan.time_range)
    with read_only_session() as session:
        found = _converted(session, plan.audience.project_id, plan.time_range)
        [persons] = visitors(session, plan, meta)
        known = identified_before(session, plan.audience.project_id, plan.time_range.start)
    could = (persons - known) | BitMap(person for person, _, _ in found)
    by_day = Counter(day for _, day, _ in found)
    seconds = [taken for _, _, taken in found if taken is not None]
    last = (plan.time_range.end - timedelta(microseconds=1)).astimezone(plan.time_range.zone).date()
    return meta.wrap(
        {
            "total_conversions": len(found),
            "conversion_rate": percent(len(found), len(could)),
            "avg_time_to_conversion": round(fmean(seconds), 3) if seconds else 0,
            "median_time_to_conversion": round(median(seconds), 3) if seconds else 0,
            "conversions_by_date": {
                day.isoformat(): by_day[day]
                for day in days_between(
                    plan.time_range.start.astimezone(plan.time_range.zone).date(), last
                )
            },
        }
    )


def _converted(
    session: Session, project_id: int, time_range: TimeRange
) -> list[tuple[int, date, float | None]]:
    """Person, local day, and seconds since the first event that is still stored."""
    # Days in UTC before which a person has no event: whole partitions need not be looked at.
    earliest = start_of_utc_day(
        func.coalesce(Person.first_seen_on, literal(date(1970, 1, 1), Date()))
    )
    first = (
        select(Event.timestamp.label("at"))
        .where(
            Event.project_id == project_id,
            Event.person_id == Person.person_id,
            Event.timestamp >= earliest,
            Event.timestamp <= Person.converted_at,
        )
        .order_by(Event.timestamp)
        .limit(1)
        .lateral("first")
    )
    rows = session.execute(
        select(Person.person_id, Person.converted_at, first.c.at)
        .outerjoin(first, true())
        .where(
            Person.project_id == project_id,
            Person.converted_at >= time_range.start,
            Person.converted_at < time_range.end,
        )
    )
    return [
        (
            person,
            converted.astimezone(time_range.zone).date(),
            None if begun is None else (converted - begun).total_seconds(),
        )
        for person, converted, begun in rows
    ]
