"""Events and persons by value of a property: of sealed days where they can answer, else of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy import func, select

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.bitmap_cache import persons_by_interval
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage
from services.query.sources.event_columns import PERSON, event_values
from services.query.sources.event_counts import count_by_name
from services.query.sources.postgres import array_agg
from services.query.sources.visit_conditions import belongs_to_visit
from shared.events.dimensions import PAGE_EVENTS
from shared.models import Event

MAX_VALUES = 20_000
"""Values that are read; further ones, of the fewest events, are left out."""


@dataclass(slots=True)
class EventValue:
    """The events with one value, and their persons."""

    events: int = 0
    persons: BitMap = field(default_factory=BitMap)


MAX_NAMES = 1_000
"""Names of events that are read, most frequent first."""
EventValues = dict[str | None, EventValue]


def read_event_values(context: QueryContext, name: str, events: Sequence[str] = ()) -> EventValues:
    """Return the values of a property in the range of a query.

    Args:
        context: a query of one interval. With filters, the events of the visits that pass.
        name: the property.
        events: which events count; none: all of them.
    """
    if context.query.is_filtered:
        return _raw(context, name, events)
    occurring = [one for one, _ in count_by_name(context) if one in events] if events else [None]
    found: EventValues = defaultdict(EventValue)
    for event in occurring:
        query = BreakdownQuery(EventSelector(event), name, MAX_VALUES)
        answer = query_breakdown(context, query)
        if answer is None:
            return _raw(context, name, events)
        for value, [cell] in answer.ranked:
            found[value].events += cell.events
            found[value].persons |= cell.persons
    return found


def read_event_names(context: QueryContext) -> EventValues:
    """Return the events that a project sends on purpose, by name: no page views, none with a $.

    Args:
        context: a query of one interval. With filters, the events of the visits that pass.
    """
    is_filtered = context.query.is_filtered
    found = _raw(context, "event_name", ()) if is_filtered else _names(context)
    return {name: one for name, one in found.items() if name is not None and _is_own(name)}


def _is_own(name: str) -> bool:
    return not name.startswith("$") and name not in PAGE_EVENTS


def _names(context: QueryContext) -> EventValues:
    project_id = context.query.project_id
    found: EventValues = defaultdict(EventValue)
    names = [name for name, _ in count_by_name(context) if _is_own(name)][:MAX_NAMES]

    def sealed(coverage: Coverage) -> Iterator[tuple[str | None, BitMap]]:
        bitmaps = persons_by_interval(context.session, project_id, coverage.days, names)
        for (_, name), persons in bitmaps.items():
            yield name, BitMap(persons)

    def raw(part: QueryContext) -> Iterator[tuple[str | None, BitMap]]:
        for name, one in _raw(part, "event_name", names).items():
            yield name, one.persons

    for name, persons in read(context, cover(context), sealed=sealed, raw=raw):
        found[name].persons |= persons
    for name, events in count_by_name(context):
        if name in found:
            found[name].events = events
    return found


def _raw(context: QueryContext, name: str, events: Sequence[str]) -> EventValues:
    context.note_raw_rows()
    query = context.query
    conditions = belongs_to_visit(query) if query.is_filtered else matches_query(query)
    if events:
        conditions.append(Event.event_name.in_(events))
    rows = (
        select(event_values(name).label("value"), PERSON.label("person"))
        .where(*conditions)
        .subquery("rows")
    )
    grouped = (
        select(rows.c.value, rows.c.person, func.count().label("events"))
        .group_by(rows.c.value, rows.c.person)
        .subquery("grouped")
    )
    size = func.sum(grouped.c.events)
    found = context.session.execute(
        select(grouped.c.value, size, array_agg(grouped.c.person))
        .group_by(grouped.c.value)
        .order_by(size.desc(), grouped.c.value.collate("C"))
        .limit(MAX_VALUES)
    )
    return {value: EventValue(int(count), BitMap(persons)) for value, count, persons in found}
