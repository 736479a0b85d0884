"""The values that a property has, most frequent first, to choose from in a filter.

Sealed days have the values of dimensions and of properties with few values. Of all others the
latest rows are looked at, so many that an answer takes well under a second.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Select, func, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery
from services.query.parsing.filters import (
    PERSON_PROPERTIES,
    SESSION_PROPERTIES,
    require_text,
)
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import parse_day_range
from services.query.sources.breakdown import dimension_name
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import find_coverage
from services.query.sources.event_columns import event_values
from services.query.sources.event_counts import count_by_name
from services.query.sources.postgres import contains, json_values, unnest
from services.query.sources.sealed_days import complete_days, value_counts
from services.query.sources.session_columns import SESSION_NUMBERS, session_text
from services.query.sources.session_rows import started_in_range
from shared.events.dimensions import PAGE_EVENTS, PROPERTY_PREFIX
from shared.models import ANY_EVENT, Event, Person, PersonDistinctId, SessionRow
from shared.responses import Doc

DAYS = 30
MAX_NAME_LENGTH = 200
SAMPLED_ROWS = 50_000
SCOPES = ("event", "person", "session")


@dataclass(frozen=True, slots=True)
class PropertyValuesPlan:
    """Whose property, of which events, and which of its values."""

    query: EventQuery
    name: str
    scope: str
    event_name: str | None
    search: str
    limit: int


@dataclass(frozen=True, slots=True)
class PropertyValueCount:
    """A value, and how many events, persons or sessions have it."""

    value: Annotated[str, Doc(example="CA")]
    count: Annotated[int, Doc("Events, persons or sessions, by scope.", example=403)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyValuesResponse(QueryResponse):
    """The values of a property in the last 30 days, most frequent first."""

    items: list[PropertyValueCount]
    is_sample: Annotated[
        bool, Doc(f"Whether at most the latest {SAMPLED_ROWS:,} rows were looked at.")
    ]


def parse_property_values(request: UntypedRequest) -> PropertyValuesPlan:
    """Parse a request for the values of a property.

    Raises:
        Unprocessable: the scope has no such property.
    """
    data = request.data
    name, scope = require_text(data["name"], "name"), data["scope"]
    if len(name) > MAX_NAME_LENGTH:
        raise invalid_field("name", f"Use a name of at most {MAX_NAME_LENGTH} characters.")
    if scope == "person" and not name.startswith(PROPERTY_PREFIX) and name != "distinct_id":
        raise invalid_field("name", f"Use {PERSON_PROPERTIES[1]} or {PROPERTY_PREFIX}….")
    texts = [one for one in SESSION_PROPERTIES if one not in SESSION_NUMBERS]
    if scope == "session" and name not in texts:
        raise invalid_field("name", f"Use a text of sessions: {', '.join(texts)}.")
    return PropertyValuesPlan(
        EventQuery(
            request.project_id,
            parse_day_range(request.timezone, request.now, None, None, DAYS),
        ),
        name,
        scope,
        data["event_name"],
        data["search"],
        data["limit"],
    )


def list_property_values(plan: PropertyValuesPlan) -> PropertyValuesResponse:
    """Return the most frequent values that contain the text; ties in order of the value."""
    with open_query(plan.query) as context:
        if plan.scope == "event" and plan.name == "event_name":
            counts, is_sample = Counter(dict(count_by_name(context))), False
        elif plan.scope == "event":
            counts, is_sample = _of_events(context, plan)
        else:
            context.note_raw_rows()
            counts, is_sample = _count(context, plan, _rows(plan)), True
    search = plan.search.lower()
    found = [(value, count) for value, count in counts.items() if search in value.lower()]
    found.sort(key=lambda one: (-one[1], one[0]))
    return PropertyValuesResponse(
        **context.meta.fields(),
        items=[PropertyValueCount(value, count) for value, count in found[: plan.limit]],
        is_sample=is_sample,
    )


PROPERTY_VALUES = CachedQuery(
    "property values", parse_property_values, list_property_values, PropertyValuesResponse
)


def _of_events(context: QueryContext, plan: PropertyValuesPlan) -> tuple[Counter[str], bool]:
    """Count the values of days that are sealed with all of them, and of the other days' rows."""
    query, event = context.query, plan.event_name or ANY_EVENT
    dimension = dimension_name(plan.name)
    coverage = find_coverage(context.session, query.project_id, query.time_range)
    counts: Counter[str] = Counter()
    complete: set[date] = set()
    if dimension is not None and event in {ANY_EVENT, *PAGE_EVENTS} and coverage.days:
        rows = value_counts(context.session, query.project_id, coverage.dates, dimension, event)
        complete = complete_days(context.session, query.project_id, coverage.dates, event, rows)
        for row in rows:
            if row.value is not None and row.day in complete:
                counts[row.value] += row.events
    if complete:
        context.meta.add_source("sealed")
    parts = coverage.limited_to(complete, query.time_range.zone).raw
    for part in parts:
        context.note_raw_rows()
        counts.update(_count(context, plan, _latest_events(query.within(part), plan)))
    return counts, bool(parts)


def _latest_events(query: EventQuery, plan: PropertyValuesPlan) -> Select[Any]:
    rows = select(event_values(plan.name).label("value")).where(*matches_query(query))
    if plan.event_name is not None:
        rows = rows.where(Event.event_name == plan.event_name)
    return rows.order_by(Event.timestamp.desc()).limit(SAMPLED_ROWS)


def _rows(plan: PropertyValuesPlan) -> Select[Any]:
    """Return the values of the latest sessions or persons."""
    query = plan.query
    if plan.scope == "session":
        text: ColumnElement[Any] = session_text(plan.name, query.project_id)
        return (
            select(text.label("value"))
            .where(*started_in_range(query.project_id, query.time_range))
            .order_by(SessionRow.started_at.desc())
            .limit(SAMPLED_ROWS)
        )
    if plan.name == "distinct_id":
        return (
            select(PersonDistinctId.distinct_id.label("value"))
            .where(
                PersonDistinctId.project_id == query.project_id,
                contains(PersonDistinctId.distinct_id, plan.search),
            )
            .limit(plan.limit)
        )
    values = json_values(Person.properties, plan.name.removeprefix(PROPERTY_PREFIX))
    return (
        select(unnest(values).label("value"))
        .where(Person.project_id == query.project_id)
        .order_by(Person.person_id.desc())
        .limit(SAMPLED_ROWS)
    )


def _count(context: QueryContext, plan: PropertyValuesPlan, rows: Select[Any]) -> Counter[str]:
    latest = rows.subquery("rows")
    statement = (
        select(latest.c.value, func.count())
        .where(latest.c.value.is_not(None))
        .group_by(latest.c.value)
        .order_by(func.count().desc(), latest.c.value)
        .limit(plan.limit * 10)
    )
    if plan.search:
        statement = statement.where(contains(latest.c.value, plan.search))
    return Counter({row[0]: row[1] for row in context.session.execute(statement)})
