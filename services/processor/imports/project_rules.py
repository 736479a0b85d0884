"""Read what the settings of a project say to its imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from psycopg2.extensions import connection as Connection

from shared.events.local_days import day_of, midnight


@dataclass(frozen=True, slots=True)
class ProjectRules:
    """What a project's settings say to an import."""

    retained_since: datetime | None
    """Events before are removed already, or would be within the hour; None: none is."""
    daily_quota: int | None
    monthly_quota: int | None
    is_deleted: bool


def rules_of(connection: Connection, project_id: int, now: datetime) -> ProjectRules | None:
    """Return what a project's settings say; None: there is no such project. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT timezone, retention_days, daily_quota, monthly_quota, deleted_at IS NOT NULL, "
            "(SELECT max(ends_at) FROM sealed_days s "
            " WHERE s.project_id = p.id AND s.expired_at IS NOT NULL) "
            "FROM projects p WHERE id = %s",
            (project_id,),
        )
        row = cursor.fetchone()
    connection.commit()
    if row is None:
        return None
    zone_name, retention_days, daily, monthly, is_deleted, expired_until = row
    since = [expired_until] if expired_until else []
    if retention_days is not None:
        try:
            zone = ZoneInfo(zone_name)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        soon = now + timedelta(hours=1)
        since.append(midnight(day_of(soon, zone) - timedelta(days=retention_days), zone))
    return ProjectRules(max(since, default=None), daily, monthly, is_deleted)
