"""The event catalog: known event names and properties, with their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, NamedTuple, cast

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.sources.postgres import array_agg, json_example, json_fields, json_kind
from shared.events.property_schemas import SchemaMode
from shared.models import Definition, Event, EventCount
from shared.responses import Doc, Timestamp

MAX_NAMES = 1_000
SAMPLED_EVENTS = 10_000
Description = Annotated[str, Doc("The description by a member of the project; empty: none.")]
Hidden = Annotated[bool, Doc("Whether lists to choose from leave it out.")]
JsonSchema = Annotated[dict[str, Any] | None, Doc("JSON Schema of the properties; null: none.")]
Mode = Annotated[
    SchemaMode,
    Doc("What ingest does with events that do not fit: nothing (off), warn, or refuse."),
]
JsonType = Literal["array", "boolean", "null", "number", "object", "string"]


@dataclass(frozen=True, slots=True)
class EventName:
    """An event name that was seen, with its definition."""

    name: str
    events: int
    first_seen: Annotated[Timestamp, Doc("Start of the quarter hour of the first event.")]
    last_seen: Annotated[Timestamp, Doc("Start of the quarter hour of the last event.")]
    description: Description
    hidden: Hidden
    json_schema: JsonSchema
    schema_mode: Mode


@dataclass(frozen=True, slots=True)
class EventNameListResponse:
    """The event names seen, most frequent first."""

    items: list[EventName]


@dataclass(frozen=True, slots=True)
class PropertyName:
    """A property of the latest events, with its definition."""

    name: str
    events: Annotated[int, Doc("Number of the latest events that have it.")]
    types: list[JsonType]
    example: Annotated[str | None, Doc("One of its values, as text.")]
    description: Description
    hidden: Hidden
    json_schema: JsonSchema


@dataclass(frozen=True, slots=True)
class PropertyNameListResponse:
    """The properties of the latest events, most frequent first."""

    items: list[PropertyName]
    sampled_events: Annotated[int, Doc("Number of the latest events that were looked at.")]


class _Definition(NamedTuple):
    description: str = ""
    hidden: bool = False
    json_schema: dict[str, Any] | None = None
    schema_mode: SchemaMode = "off"


def list_event_names(project_id: int) -> EventNameListResponse:
    """List every event name ever seen, most frequent first, with its definition."""
    with limited_session(project_id) as session:
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
        definitions = _definitions(session, project_id, "event")
    return EventNameListResponse(
        [
            EventName(
                name,
                int(events),
                first.isoformat(),
                last.isoformat(),
                *definitions.get(name, _Definition()),
            )
            for name, events, first, last in rows
        ]
    )


def list_property_names(project_id: int, event_name: str | None) -> PropertyNameListResponse:
    """List the properties of the latest events (at most ``SAMPLED_EVENTS``), most frequent first.

    Args:
        project_id: the project.
        event_name: only events of this name; None: of every name.
    """
    statement = select(Event.properties).where(Event.project_id == project_id)
    if event_name is not None:
        statement = statement.where(Event.event_name == event_name)
    latest = statement.order_by(Event.timestamp.desc()).limit(SAMPLED_EVENTS).subquery("latest")
    pair = json_fields(latest.c.properties)
    with limited_session(project_id) as session:
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
        definitions = _definitions(session, project_id, "property")
    items = [
        PropertyName(name, events, types, example, *definitions.get(name, _Definition())[:3])
        for name, events, types, example in rows
    ]
    return PropertyNameListResponse(items, SAMPLED_EVENTS)


def _definitions(session: Session, project_id: int, kind: str) -> dict[str, _Definition]:
    rows = session.scalars(
        select(Definition).where(Definition.project_id == project_id, Definition.kind == kind)
    )
    return {
        row.name: _Definition(
            row.description, row.hidden, row.json_schema, cast("SchemaMode", row.schema_mode)
        )
        for row in rows
    }
