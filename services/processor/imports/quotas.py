"""How many events a project's quotas leave to its import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.extensions import connection as Connection

from services.processor.imports.store import ProjectRules, accepted_since

_UNLIMITED = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of the tightest quota."""

    events: int
    problem: str | None = None
    """Why nothing is left."""


def left(connection: Connection, project_id: int, rules: ProjectRules, now: datetime) -> Left:
    """Return what is left of a project's quotas of the UTC day and month. Commits."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight.replace(day=1)
    found = Left(_UNLIMITED)
    for name, quota, since, until in (
        ("daily", rules.daily_quota, midnight, midnight + timedelta(days=1)),
        ("monthly", rules.monthly_quota, first, (first + timedelta(days=32)).replace(day=1)),
    ):
        if quota is None:
            continue
        events = quota - accepted_since(connection, project_id, since)
        if events < found.events:
            found = Left(
                events,
                f"The project's {name} quota of {quota} events is used up until "
                f"{until:%Y-%m-%d %H:%M} UTC. The import goes on then, or within a minute after "
                "the quota is raised in the project's settings.",
            )
    return found
