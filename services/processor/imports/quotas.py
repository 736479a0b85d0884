"""How many events a project's quotas leave to its import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.extensions import connection as Connection

from shared.imports.project_rules import ProjectRules

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
        events = quota - _accepted_since(connection, project_id, since)
        if events < found.events:
            found = Left(
                events,
                f"The project's {name} quota of {quota} events is used up until "
                f"{until:%Y-%m-%d %H:%M} UTC. The import goes on then, or within a minute after "
                "the quota is raised in the project's settings.",
            )
    return found


def _accepted_since(connection: Connection, project_id: int, since: datetime) -> int:
    """Return how many events of the project were accepted since a time. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(events), 0) FROM intake_counts WHERE project_id = %s "
            "AND bucket >= %s AND outcome IN ('stored', 'duplicate', 'dead_lettered')",
            (project_id, since),
        )
        (found,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(found)
