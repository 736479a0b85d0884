"""Adapters for routes: answers to requests for lists and sums."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.query.parsing.request import QueryRequest
from services.query.records.events import EVENT_LIST
from services.query.records.sessions import SESSION_LIST
from services.query.reports.daily_rollups import DAILY_ROLLUPS
from services.query.reports.event_aggregates import EVENT_AGGREGATES
from services.query.reports.overview import OVERVIEW
from services.query.reports.stats import STATS
from services.query.reports.timeseries import TIMESERIES
from services.query.reports.top_events import EVENT_COUNTS, TOP_EVENTS
from services.query.visitors.users import USER_LIST
from shared.auth.access import ProjectAccess

Data = dict[str, Any]


def _request(access: ProjectAccess, data: Data, now: datetime) -> QueryRequest:
    return QueryRequest(access.project_id, access.timezone, now, data)


def figures(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for figures."""
    return OVERVIEW.answer(_request(access, data, now))


def over_time(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for over time."""
    return TIMESERIES.answer(_request(access, data, now))


def most_frequent(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for most frequent."""
    return TOP_EVENTS.answer(_request(access, data, now))


def events(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for events."""
    return EVENT_LIST.answer(_request(access, data, now))


def sessions(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for sessions."""
    return SESSION_LIST.answer(_request(access, data, now))


def users(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for users."""
    return USER_LIST.answer(_request(access, data, now))


def event_counts(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for event counts."""
    return EVENT_COUNTS.answer(_request(access, data, now))


def statistics(access: ProjectAccess, days: int, now: datetime) -> Data:
    """Answer a request for statistics."""
    return STATS.answer(_request(access, {"days": days}, now))


def aggregates(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for aggregates."""
    return EVENT_AGGREGATES.answer(_request(access, data, now))


def daily_summaries(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for daily summaries."""
    return DAILY_ROLLUPS.answer(_request(access, data, now))
