"""What was seen: event names, properties, outcomes of intake, warnings, dead letters."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from services.query.execution.read_session import read_only_session
from services.query.parsing.time_range import TimeRange
from services.query.sources.postgres import array_agg, json_example, json_fields, json_kind
from shared.models import (
    DeadLetter,
    Definition,
    Event,
    EventCount,
    IngestionWarning,
    OutcomeCount,
)

MAX_NAMES = 1_000
SAMPLED_EVENTS = 10_000
MAX_WARNINGS = 500


def event_names(project_id: int) -> dict[str, Any]:
    """Every event name ever seen, most frequent first, with what people say about it."""
    with read_only_session() as session:
        rows = session.execute(
            select(
                EventCount.event_name,
                func.sum(EventCount.events),
                func.min(EventCount.bucket),
                func.max(EventCount.bucket),
            )
            .where(EventCount.project_id == project_id)
            .group_by(EventCount.event_name)
            .order_by(func.sum(EventCount.events).desc(), EventCount.event_name)
            .limit(MAX_NAMES)
        ).all()
        said = _definitions(session, project_id, "event")
    items = [
        {
            "name": name,
            "events": int(events),
            "first_seen": first.isoformat(),
            "last_seen": last.isoformat(),
            **said.get(name, _NO_DEFINITION),
        }
        for name, events, first, last in rows
    ]
    return {"items": items}


def property_names(project_id: int, event_name: str | None) -> dict[str, Any]:
    """The properties of the latest events (at most ``SAMPLED_EVENTS``), with type and example."""
    statement = select(Event.properties).where(Event.project_id == project_id)
    if event_name is not None:
        statement = statement.where(Event.event_name == event_name)
    latest = statement.order_by(Event.timestamp.desc()).limit(SAMPLED_EVENTS).subquery("latest")
    pair = json_fields(latest.c.properties)
    with read_only_session() as session:
        rows = session.execute(
            select(
                pair.c.key,
                func.count(),
                array_agg(json_kind(pair.c.value).distinct()),
                func.min(json_example(pair.c.value, 100)),
            )
            .select_from(latest.join(pair, true()))
            .group_by(pair.c.key)
            .order_by(func.count().desc(), pair.c.key)
            .limit(MAX_NAMES)
        ).all()
        said = _definitions(session, project_id, "property")
    items = [
        {
            "name": name,
            "events": events,
            "types": types,
            "example": example,
            **said.get(name, _NO_DEFINITION),
        }
        for name, events, types, example in rows
    ]
    return {"items": items, "sampled_events": SAMPLED_EVENTS}


_NO_DEFINITION: dict[str, Any] = {"description": "", "hidden": False, "json_schema": None}


def _definitions(session: Session, project_id: int, kind: str) -> dict[str, dict[str, Any]]:
    rows = session.scalars(
        select(Definition).where(Definition.project_id == project_id, Definition.kind == kind)
    )
    return {
        row.name: {
            "description": row.description,
            "hidden": row.hidden,
            "json_schema": row.json_schema,
        }
        for row in rows
    }


def intake(project_id: int, time_range: TimeRange) -> dict[str, Any]:
    """What became of the events received in a range, and what was warned about on its days."""
    with read_only_session() as session:
        outcomes = session.execute(
            select(OutcomeCount.outcome, func.sum(OutcomeCount.events))
            .where(
                OutcomeCount.project_id == project_id,
                OutcomeCount.bucket >= time_range.start,
                OutcomeCount.bucket < time_range.end,
            )
            .group_by(OutcomeCount.outcome)
        ).all()
        warnings = session.scalars(
            select(IngestionWarning)
            .where(
                IngestionWarning.project_id == project_id,
                IngestionWarning.last_seen >= time_range.start,
                IngestionWarning.last_seen < time_range.end,
            )
            .order_by(IngestionWarning.last_seen.desc())
            .limit(MAX_WARNINGS)
        ).all()
    counts = {outcome: int(events) for outcome, events in outcomes}
    return {
        "received": sum(counts.values()),
        "outcomes": counts,
        "warnings": [
            {
                "day": row.day.isoformat(),
                "reason": row.reason,
                "event_name": row.event_name,
                "events": row.events,
                "detail": row.detail,
                "last_seen": row.last_seen.isoformat(),
            }
            for row in warnings
        ],
    }


def dead_letters(project_id: int, limit: int, before: int | None) -> dict[str, Any]:
    """Events that could not be stored, newest first."""
    statement = select(DeadLetter).where(DeadLetter.project_id == project_id)
    if before is not None:
        statement = statement.where(DeadLetter.id < before)
    with read_only_session() as session:
        rows = session.scalars(statement.order_by(DeadLetter.id.desc()).limit(limit + 1)).all()
    items = [
        {
            "id": row.id,
            "event_id": str(row.event_id) if row.event_id else None,
            "event_name": row.event_name,
            "reason": row.reason,
            "detail": row.detail,
            "created_at": row.created_at.isoformat(),
        }
        for row in rows[:limit]
    ]
    return {"items": items, "next_cursor": str(items[-1]["id"]) if len(rows) > limit else None}
