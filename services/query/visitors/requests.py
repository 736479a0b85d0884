"""Adapters for routes: answers to requests about visitors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.query.parsing.request import QueryRequest
from services.query.visitors.communities import ALL_COMMUNITIES, COMMUNITY_VISITORS
from services.query.visitors.conversions import CONVERSIONS
from services.query.visitors.demographics import DEMOGRAPHICS, DIVISION_BREAKDOWN
from services.query.visitors.growth import GROWTH
from services.query.visitors.growth import PERIOD_DAYS as PERIOD_DAYS  # noqa: PLC0414
from services.query.visitors.online import ONLINE
from services.query.visitors.totals import VISITOR_TOTALS
from services.query.visitors.trends import VISITOR_TABLE, VISITOR_TRENDS
from shared.auth.access import ProjectAccess

Data = dict[str, Any]


def _request(access: ProjectAccess, data: Data, now: datetime) -> QueryRequest:
    return QueryRequest(access.project_id, access.timezone, now, data)


def ask_visitors(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for visitors."""
    return VISITOR_TOTALS.answer(_request(access, data, now))


def ask_recent_visitors(access: ProjectAccess, data: Data, now: datetime, days: int) -> Data:
    """Answer a request for recent visitors."""
    return VISITOR_TOTALS.answer(_request(access, {**data, "days": days}, now))


def ask_trends(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for trends."""
    return VISITOR_TRENDS.answer(_request(access, data, now))


def ask_table(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for table."""
    return VISITOR_TABLE.answer(_request(access, data, now))


def ask_division_breakdown(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for division breakdown."""
    return DIVISION_BREAKDOWN.answer(_request(access, data, now))


def ask_demographics(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for demographics."""
    return DEMOGRAPHICS.answer(_request(access, data, now))


def ask_conversions(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for conversions."""
    return CONVERSIONS.answer(_request(access, data, now))


def ask_growth(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for growth."""
    return GROWTH.answer(_request(access, data, now))


def ask_online(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for online."""
    return ONLINE.answer(_request(access, data, now))


def ask_communities(access: ProjectAccess, data: Data, now: datetime) -> Data:
    """Answer a request for communities."""
    return ALL_COMMUNITIES.answer(_request(access, data, now))


def ask_community(access: ProjectAccess, community_id: str, data: Data, now: datetime) -> Data:
    """Answer a request for community."""
    request = _request(access, {**data, "community_id": community_id}, now)
    return COMMUNITY_VISITORS.answer(request)
