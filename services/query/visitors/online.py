"""Who is online now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.query.execution.read_session import read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.visitors.engine import Audience, visitors_between

ONLINE = timedelta(minutes=5)
"""Somebody whose last event is not older than this is online."""


@dataclass(frozen=True, slots=True)
class OnlinePlan:
    """The question."""

    audience: Audience
    now: datetime


def online(plan: OnlinePlan) -> dict[str, Any]:
    """How many visitors had an event within the last five minutes."""
    time_range = TimeRange(plan.now - ONLINE, plan.now + ONLINE, ZoneInfo("UTC"))
    with read_only_session() as session:
        count = len(visitors_between(session, plan.audience, time_range))
    return {"count": count, "timestamp": plan.now.isoformat().replace("+00:00", "Z")}
