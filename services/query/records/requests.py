"""How questions for lists and sums are read into their frozen plans, and answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.query.execution.query_cache import answered
from services.query.parsing.pagination import wrong_cursor
from services.query.parsing.time_range import (
    Range,
    buckets,
    default_interval,
    parse_days,
    parse_range,
    refuse_many_days,
    with_previous,
)
from services.query.records.events import RecentQuery, recent_events
from services.query.records.sessions import FILTERS, SessionList, session_list
from services.query.reports.daily_rollups import ProjectDays, project_days
from services.query.reports.event_aggregates import Aggregates, event_aggregates
from services.query.reports.overview import overview
from services.query.reports.stats import stats
from services.query.reports.timeseries import timeseries
from services.query.reports.top_events import top_events
from services.query.visitors.users import UserList, user_list
from shared.auth.access import ProjectAccess
from shared.events.local_days import day_of
from shared.events.local_days import span as day_span

Data = dict[str, Any]


def range_of(access: ProjectAccess, data: Data, now: datetime) -> Range:
    """The range of a question by ``period`` or ``from`` and ``to``.

    Raises:
        Unprocessable: names the field that is wrong.
    """
    return parse_range(
        access.timezone, now, period=data["period"], start=data["start"], end=data["end"]
    )


def figures(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A project's main figures, against the period before."""
    ranges = with_previous(range_of(access, data, now), now)
    return answered(
        access.project_id, ("overview", ranges), lambda: overview(access.project_id, ranges)
    )


def over_time(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Events over time."""
    span = range_of(access, data, now)
    interval = data["interval"] or default_interval(span)
    buckets(span, interval)  # refuses too many
    names, split = tuple(data["event_name"]), data["split"] is not None
    return answered(
        access.project_id,
        ("timeseries", span, interval, names, split),
        lambda: timeseries(
            access.project_id, span, interval=interval, event_names=names, split=split
        ),
    )


def most_frequent(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """The most frequent event names."""
    span, limit = range_of(access, data, now), data["limit"]
    return answered(
        access.project_id,
        ("top events", span, limit),
        lambda: top_events(access.project_id, span, limit),
    )


def events(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of events, newest first; without a range, of all time."""
    asked = any(data[name] is not None for name in ("period", "start", "end"))
    plan = RecentQuery(
        access.project_id,
        data["limit"],
        data["cursor"],
        data["event_name"] or data["event_type"],
        data["source"],
        distinct_id=data["distinct_id"],
        session_id=data["session_id"],
        device_id=data["device_id"],
        span=range_of(access, data, now) if asked else None,
    )
    return answered(access.project_id, ("events", plan), lambda: recent_events(plan))


def sessions(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of sessions and the figures of all of them."""
    span = range_of(access, data, now)
    chosen = tuple((name, data[name]) for name in FILTERS if data[name] is not None)
    plan = SessionList(
        access.project_id,
        span,
        data["limit"],
        data["cursor"],
        data["person_id"],
        data["distinct_id"],
        chosen,
    )
    return answered(access.project_id, ("sessions", plan), lambda: session_list(plan))


def users(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of identified users."""
    span = range_of(access, data, now)
    plan = UserList(access.project_id, span, data["limit"], data["cursor"], data["sort"])
    return answered(access.project_id, ("users", plan), lambda: user_list(plan))


def event_counts(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """The same under both names of the field."""
    content = most_frequent(access, data, now)
    items = [{"event_type": one["event_name"], **one} for one in content["items"]]
    return {**content, "items": items}


def statistics(access: ProjectAccess, days: int, now: datetime) -> Data:
    """The last days' counts and the newest events, in one answer."""
    span = parse_days(access.timezone, now, None, None, days)
    return answered(access.project_id, ("stats", span), lambda: stats(access.project_id, span))


def aggregates(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of sums by day or hour and event. The range is widened to whole local days."""
    cursor = data["cursor"] or "0"
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 9):
        raise wrong_cursor()
    span = _whole_days(range_of(access, data, now))
    buckets(span, data["interval"])  # refuses too many
    plan = Aggregates(
        access.project_id,
        span,
        data["interval"],
        data["limit"],
        int(cursor),
        data["event_name"] or data["event_type"],
        data["source"],
    )
    return answered(access.project_id, ("aggregates", plan), lambda: event_aggregates(plan))


def daily_summaries(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A project's days as a whole. The range is widened to whole local days."""
    plan = ProjectDays(access.project_id, _whole_days(range_of(access, data, now)))
    refuse_many_days(plan.span, "from")
    return answered(access.project_id, ("project days", plan), lambda: project_days(plan))


def _whole_days(span: Range) -> Range:
    zone = span.zone
    start, _ = day_span(day_of(span.start, zone), zone)
    _, end = day_span(day_of(span.end - timedelta(microseconds=1), zone), zone)
    return Range(start.astimezone(zone), end.astimezone(zone), zone)
