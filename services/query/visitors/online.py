"""Who is online now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.query.execution.read_session import reading
from services.query.parsing.time_range import Range
from services.query.visitors.engine import Audience, visitors_between

ONLINE = timedelta(minutes=5)
"""Somebody whose last event is not older than this is online."""


@dataclass(frozen=True, slots=True)
class Online:
    """The question."""

    audience: Audience
    now: datetime


def online(plan: Online) -> dict[str, Any]:
    """How many visitors had an event within the last five minutes."""
    span = Range(plan.now - ONLINE, plan.now + ONLINE, ZoneInfo("UTC"))
    with reading() as session:
        count = len(visitors_between(session, plan.audience, span))
    return {"count": count, "timestamp": plan.now.isoformat().replace("+00:00", "Z")}
