"""Who is online now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from services.query.identity import PERSON
from services.query.reading import reading
from services.query.visiting import Audience, audience_conditions
from shared.models import Event

ONLINE = timedelta(minutes=5)
"""Somebody whose last event is not older than this is online."""


@dataclass(frozen=True, slots=True)
class Online:
    """The question."""

    audience: Audience
    now: datetime


def online(plan: Online) -> dict[str, Any]:
    """How many visitors had an event within the last five minutes."""
    with reading() as session:
        count = session.scalar(
            select(func.count(PERSON.distinct())).where(
                *audience_conditions(session, plan.audience),
                Event.timestamp > plan.now - ONLINE,
                Event.timestamp <= plan.now + ONLINE,
            )
        )
    return {"count": count or 0, "timestamp": plan.now.isoformat().replace("+00:00", "Z")}
