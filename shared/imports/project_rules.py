"""Read what the settings of a project say to its imports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from psycopg2.extensions import cursor as Cursor

from shared.events.local_days import day_of, midnight
from shared.events.property_schemas import PropertySchema
from shared.imports.events import Window
from shared.policies.event_rules import EventRules
from shared.policies.policy import SourceRule


@dataclass(frozen=True, slots=True)
class ProjectRules:
    """What a project's settings say to an import."""

    retained_since: datetime | None
    """Events before are removed already, or would be within the hour; None: none is."""
    daily_quota: int | None
    monthly_quota: int | None
    is_deleted: bool
    events: EventRules
    """Which sources and properties events may have."""


def rules_of(cursor: Cursor, project_id: int, now: datetime) -> ProjectRules | None:
    """Return what a project's settings say; None: there is no such project."""
    cursor.execute(
        "SELECT timezone, retention_days, daily_quota, monthly_quota, deleted_at IS NOT NULL, "
        "(SELECT max(ends_at) FROM sealed_days s "
        " WHERE s.project_id = p.id AND s.expired_at IS NOT NULL), "
        "allowed_sources, "
        "(SELECT jsonb_object_agg(name, is_active) FROM event_sources s "
        " WHERE s.project_id = p.id), "
        "(SELECT jsonb_object_agg(name, jsonb_build_array(schema_mode, json_schema)) "
        " FROM definitions d WHERE d.project_id = p.id AND kind = 'event' "
        " AND schema_mode <> 'off' AND json_schema IS NOT NULL) "
        "FROM projects p WHERE id = %s",
        (project_id,),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    zone_name, retention_days, daily, monthly, is_deleted, expired_until, *events = row
    since = [expired_until] if expired_until else []
    if retention_days is not None:
        try:
            zone = ZoneInfo(zone_name)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        soon = now + timedelta(hours=1)
        since.append(midnight(day_of(soon, zone) - timedelta(days=retention_days), zone))
    return ProjectRules(max(since, default=None), daily, monthly, is_deleted, _event_rules(*events))


def window_of(rules: ProjectRules, import_days: int, now: datetime) -> Window:
    """Return the times that imported events may have now."""
    oldest = now - timedelta(days=import_days)
    since = rules.retained_since
    return Window(to_us(now), to_us(oldest), to_us(since) if since else 0)


def to_us(instant: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return int(instant.timestamp() * 1_000_000)


def _event_rules(
    allowed: list[str], sources: dict[str, bool] | None, schemas: dict[str, list[Any]] | None
) -> EventRules:
    return EventRules(
        frozenset(allowed),
        {name: SourceRule(is_active=is_active) for name, is_active in (sources or {}).items()},
        {
            name: PropertySchema(mode, msgspec.json.encode(schema).decode())
            for name, (mode, schema) in (schemas or {}).items()
        },
    )
