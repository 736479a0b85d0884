"""Conversions: anonymous visitors who were identified, and how long it took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from statistics import fmean, median
from typing import Annotated

from pyroaring import BitMap
from sqlalchemy import Date, func, literal, select, true

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext
from services.query.execution.ratios import percent
from services.query.execution.responses import QueryResponse
from services.query.parsing.time_range import TimeRange, last_day
from services.query.sources.postgres import start_of_utc_day
from services.query.visitors.query import VisitorQuery, parse_visitor_query
from services.query.visitors.unique_visitors import identified_before, visitors_by_interval
from shared.events.local_days import day_of, days_between
from shared.models import Event, Person
from shared.responses import Doc


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionsResponse(QueryResponse):
    """Anonymous visitors who were identified. Times are seconds, rates percent."""

    total_conversions: Annotated[int, Doc(example=256)]
    conversion_rate: Annotated[float, Doc(example=64.8)]
    avg_time_to_conversion: Annotated[float, Doc(example=3600)]
    median_time_to_conversion: Annotated[float, Doc(example=1800)]
    conversions_by_date: Annotated[dict[str, int], Doc(example={"2026-01-01": 10})]


def conversions(plan: VisitorQuery) -> ConversionsResponse:
    """Return the conversions of a range, by day, and the time from the first event to each.

    A person converts once: with the first ``identify`` that names the anonymous id used so far.
    The rate is in percent of those who could convert: the visitors of the range who had not been
    identified before it began. Of a community, both are its visitors of the range. Times are
    seconds; without any conversion they are 0.
    """
    time_range = plan.time_range
    with plan.open() as context:
        found = _converted(context, plan.project_id, time_range)
        [persons] = visitors_by_interval(context, plan.audience)
        known = identified_before(context.session, plan.project_id, time_range.start)
    if not plan.audience.is_everybody:
        found = [one for one in found if one[0] in persons]
    candidates = (persons - known) | BitMap(person for person, _, _ in found)
    by_day = Counter(day for _, day, _ in found)
    seconds = [taken for _, _, taken in found if taken is not None]
    first = day_of(time_range.start, time_range.zone)
    return ConversionsResponse(
        **context.meta.fields(),
        total_conversions=len(found),
        conversion_rate=percent(len(found), len(candidates)),
        avg_time_to_conversion=round(fmean(seconds), 3) if seconds else 0,
        median_time_to_conversion=round(median(seconds), 3) if seconds else 0,
        conversions_by_date={
            day.isoformat(): by_day[day] for day in days_between(first, last_day(time_range))
        },
    )


CONVERSIONS = CachedQuery("conversions", parse_visitor_query, conversions, ConversionsResponse)


def _converted(
    context: QueryContext, project_id: int, time_range: TimeRange
) -> list[tuple[int, date, float | None]]:
    """Return person, local day, and seconds since the first event that is still stored.

    Note the days whose rows have expired, if the first event of any was on one.
    """
    # A person has no event before this UTC day, so whole partitions need not be read.
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
    statement = (
        select(Person.person_id, Person.converted_at, first.c.at, Person.first_seen_on)
        .outerjoin(first, true())
        .where(
            Person.project_id == project_id,
            Person.converted_at >= time_range.start,
            Person.converted_at < time_range.end,
        )
    )
    rows = context.session.execute(statement).all()
    since = [
        first_seen_on
        for _, _, first_at, first_seen_on in rows
        if first_seen_on is not None
        and (first_at is None or first_at.astimezone(timezone.utc).date() > first_seen_on)
    ]
    if since:
        begin = datetime.combine(min(since), time(), timezone.utc)
        context.over(TimeRange(begin, time_range.end, time_range.zone)).note_expired()
    return [
        (
            person,
            day_of(converted, time_range.zone),
            None if first_at is None else (converted - first_at).total_seconds(),
        )
        for person, converted, first_at, _ in rows
    ]
