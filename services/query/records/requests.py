"""How questions for lists and sums are read into their frozen plans, and answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.query.execution.query_cache import cached
from services.query.parsing.pagination import invalid_cursor
from services.query.parsing.time_range import (
    TimeRange,
    check_day_count,
    default_interval,
    interval_starts,
    parse_day_range,
    parse_time_range,
    with_previous,
)
from services.query.records.events import EventListPlan, recent_events
from services.query.records.sessions import FILTERS, SessionListPlan, session_list
from services.query.reports.daily_rollups import DailyRollupsPlan, daily_rollups
from services.query.reports.event_aggregates import EventAggregatesPlan, event_aggregates
from services.query.reports.overview import overview
from services.query.reports.stats import stats
from services.query.reports.timeseries import timeseries
from services.query.reports.top_events import top_events
from services.query.visitors.users import UserListPlan, user_list
from shared.auth.access import ProjectAccess
from shared.events.local_days import day_of
from shared.events.local_days import span as day_span

Data = dict[str, Any]


def range_of(access: ProjectAccess, data: Data, now: datetime) -> TimeRange:
    """The range of a question by ``period`` or ``from`` and ``to``.

    Raises:
        Unprocessable: names the field that is wrong.
    """
    return parse_time_range(
        access.timezone, now, period=data["period"], start=data["start"], end=data["end"]
    )


def figures(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A project's main figures, against the period before."""
    ranges = with_previous(range_of(access, data, now), now)
    return cached(
        access.project_id, ("overview", ranges), lambda: overview(access.project_id, ranges)
    )


def over_time(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Events over time."""
    time_range = range_of(access, data, now)
    interval = data["interval"] or default_interval(time_range)
    interval_starts(time_range, interval)  # refuses too many
    names, split_by_name = tuple(data["event_name"]), data["split"] is not None
    return cached(
        access.project_id,
        ("timeseries", time_range, interval, names, split_by_name),
        lambda: timeseries(
            access.project_id,
            time_range,
            interval=interval,
            event_names=names,
            split_by_name=split_by_name,
        ),
    )


def most_frequent(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """The most frequent event names."""
    time_range, limit = range_of(access, data, now), data["limit"]
    return cached(
        access.project_id,
        ("top events", time_range, limit),
        lambda: top_events(access.project_id, time_range, limit),
    )


def events(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of events, newest first; without a range, of all time."""
    asked = any(data[name] is not None for name in ("period", "start", "end"))
    plan = EventListPlan(
        access.project_id,
        data["limit"],
        data["cursor"],
        data["event_name"] or data["event_type"],
        data["source"],
        distinct_id=data["distinct_id"],
        session_id=data["session_id"],
        device_id=data["device_id"],
        time_range=range_of(access, data, now) if asked else None,
    )
    return cached(access.project_id, ("events", plan), lambda: recent_events(plan))


def sessions(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of sessions and the figures of all of them."""
    time_range = range_of(access, data, now)
    chosen = tuple((name, data[name]) for name in FILTERS if data[name] is not None)
    plan = SessionListPlan(
        access.project_id,
        time_range,
        data["limit"],
        data["cursor"],
        data["person_id"],
        data["distinct_id"],
        chosen,
    )
    return cached(access.project_id, ("sessions", plan), lambda: session_list(plan))


def users(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of identified users."""
    time_range = range_of(access, data, now)
    plan = UserListPlan(access.project_id, time_range, data["limit"], data["cursor"], data["sort"])
    return cached(access.project_id, ("users", plan), lambda: user_list(plan))


def event_counts(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """The same under both names of the field."""
    content = most_frequent(access, data, now)
    items = [{"event_type": one["event_name"], **one} for one in content["items"]]
    return {**content, "items": items}


def statistics(access: ProjectAccess, days: int, now: datetime) -> Data:
    """The last days' counts and the newest events, in one answer."""
    time_range = parse_day_range(access.timezone, now, None, None, days)
    return cached(
        access.project_id, ("stats", time_range), lambda: stats(access.project_id, time_range)
    )


def aggregates(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A page of sums by day or hour and event. The range is widened to whole local days."""
    cursor = data["cursor"] or "0"
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 9):
        raise invalid_cursor()
    time_range = _whole_days(range_of(access, data, now))
    interval_starts(time_range, data["interval"])  # refuses too many
    plan = EventAggregatesPlan(
        access.project_id,
        time_range,
        data["interval"],
        data["limit"],
        int(cursor),
        data["event_name"] or data["event_type"],
        data["source"],
    )
    return cached(access.project_id, ("aggregates", plan), lambda: event_aggregates(plan))


def daily_summaries(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """A project's days as a whole. The range is widened to whole local days."""
    plan = DailyRollupsPlan(access.project_id, _whole_days(range_of(access, data, now)))
    check_day_count(plan.time_range, "from")
    return cached(access.project_id, ("project days", plan), lambda: daily_rollups(plan))


def _whole_days(time_range: TimeRange) -> TimeRange:
    zone = time_range.zone
    start, _ = day_span(day_of(time_range.start, zone), zone)
    _, end = day_span(day_of(time_range.end - timedelta(microseconds=1), zone), zone)
    return TimeRange(start.astimezone(zone), end.astimezone(zone), zone)
