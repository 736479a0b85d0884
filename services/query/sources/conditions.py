"""Conditions on rows of ``events``: queries, selectors and filters as SQL.

Names and values are bound parameters, never SQL text. No condition is ever null.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Float,
    Numeric,
    Text,
    and_,
    cast,
    exists,
    func,
    not_,
    or_,
    select,
    true,
)

from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import TIME_OPERATORS, Condition, Filter, ids_of
from services.query.parsing.time_range import TimeRange
from services.query.sources.comparisons import (
    compare,
    compare_field,
    fold_values,
    limit_of,
    never_null,
    positive_form,
)
from services.query.sources.event_columns import (
    PERSON,
    SESSION,
    event_number,
    event_text,
    is_own_property,
)
from services.query.sources.session_columns import FOLDED_TEXTS, SESSION_NUMBERS, session_text
from shared.events.dimensions import FOLDED, PROPERTY_PREFIX
from shared.models import CohortMember, Event, Person, PersonDistinctId, SessionRow


def in_range(project_id: int, time_range: TimeRange) -> list[ColumnElement[bool]]:
    """Return the conditions for the events of a project in a time range."""
    return [
        Event.project_id == project_id,
        Event.timestamp >= time_range.start,
        Event.timestamp < time_range.end,
    ]


def matches_query(query: EventQuery) -> list[ColumnElement[bool]]:
    """Return the conditions for the events of a query."""
    return [*in_range(query.project_id, query.time_range), *matches_filters(query)]


def matches_filters(query: EventQuery) -> list[ColumnElement[bool]]:
    """Return the condition for the filters of a query, if it has any."""
    if not query.is_filtered:
        return []
    return [matches_filter(query.filters, query.project_id, query.time_range)]


def matches_selector(query: EventQuery, selector: EventSelector) -> ColumnElement[bool]:
    """Return the condition for the selected ones among the events of a query."""
    parts = [Event.event_name == selector.event] if selector.event is not None else []
    if selector.is_filtered:
        parts.append(matches_filter(selector.filters, query.project_id, query.time_range))
    return and_(*parts) if parts else true()


def matches_filter(part: Filter, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    """Return the condition for a filter.

    Args:
        part: the filter.
        project_id: the project of the persons, sessions and cohorts that the filter names.
        time_range: the range of the events.
    """
    return matches_parts(part, lambda one: _SCOPES[one.scope](one, project_id, time_range))


def matches_parts(
    part: Filter, test: Callable[[Condition], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """Return the condition for a filter, whatever rows its conditions are tested on."""
    if isinstance(part, Condition):
        return test(part)
    inner = [matches_parts(one, test) for one in part.parts]
    if not inner:
        return true()
    return and_(*inner) if part.every else or_(*inner)


def _event(condition: Condition, _project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    instant = Event.timestamp if condition.property == "timestamp" else None
    if condition.property in FOLDED:
        condition = fold_values(condition)
    if is_own_property(condition.property):
        name = condition.property.removeprefix(PROPERTY_PREFIX)
        return compare_field(condition, Event.properties, name, time_range.zone)
    number, text = event_number(condition.property), event_text(condition.property)
    return compare(condition, text, time_range.zone, number=number, instant=instant)


def _person(condition: Condition, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    return matches_person(condition, project_id, time_range, PERSON)


def matches_person(
    condition: Condition, project_id: int, time_range: TimeRange, person: ColumnElement[int]
) -> ColumnElement[bool]:
    """Return the condition for a person's properties.

    Args:
        condition: of the scope person.
        project_id: the project of the person.
        time_range: the range of the query; its zone is that of local times.
        person: the person's number in the rows that are read.
    """
    if condition.property == "first_seen":
        test = compare_first_seen(condition, project_id, time_range.zone)
        return person.in_(select(Person.person_id).where(Person.project_id == project_id, test))
    if condition.property == "distinct_id":
        distinct_id = PersonDistinctId.__table__.c.distinct_id
        return _any_person(
            condition,
            PersonDistinctId,
            project_id,
            person,
            lambda positive: compare(positive, distinct_id, time_range.zone),
        )
    properties, name = Person.properties, condition.property.removeprefix(PROPERTY_PREFIX)
    return _any_person(
        condition,
        Person,
        project_id,
        person,
        lambda positive: compare_field(positive, properties, name, time_range.zone),
    )


def compare_first_seen(
    condition: Condition, project_id: int, zone: ZoneInfo
) -> ColumnElement[bool]:
    """Compare the time of a person's first event.

    The person has its UTC day. Only of that day are events read, and only of persons who came
    first on the very day of the limit. Of a day whose rows have expired the day is all there is.
    """
    day = Person.__table__.c.first_seen_on
    if condition.operator not in TIME_OPERATORS:
        return compare(condition, cast(day, Text), zone)
    limit, is_included = limit_of(condition, zone)
    limit_day = limit.astimezone(timezone.utc).date()
    # An alias, as the events of the query itself are another table here.
    event = Event.__table__.alias("first_event")
    is_inclusive = condition.operator == "after" and not is_included
    first_events = exists().where(
        event.c.project_id == project_id,
        event.c.person_id == Person.__table__.c.person_id,
        event.c.timestamp >= datetime.combine(limit_day, time(), timezone.utc),
        event.c.timestamp <= limit if is_inclusive else event.c.timestamp < limit,
    )
    came_before = or_(day < limit_day, and_(day == limit_day, first_events))
    found = came_before if condition.operator == "before" else not_(came_before)
    return never_null(and_(day.is_not(None), found))


def _any_person(
    condition: Condition,
    table: type[Person | PersonDistinctId],
    project_id: int,
    person: ColumnElement[int],
    test: Callable[[Condition], ColumnElement[bool]],
) -> ColumnElement[bool]:
    """Return whether any row of the person passes.

    A negative operator is the negation of its opposite: ``is_not x`` holds when none of the
    person's distinct ids is x.
    """
    positive, is_negated = positive_form(condition)
    passes = person.in_(
        select(table.person_id).where(table.project_id == project_id, test(positive))
    )
    return not_(passes) if is_negated else passes


def _session(condition: Condition, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    """Compare the event's session as a whole; an event without a session never passes."""
    sessions = select(SessionRow.session_id).where(
        SessionRow.project_id == project_id,
        SessionRow.started_at < time_range.end,
        SessionRow.ended_at >= time_range.start,
        matches_session(condition, project_id, time_range.zone),
    )
    return never_null(SESSION.in_(sessions))


def matches_session(condition: Condition, project_id: int, zone: ZoneInfo) -> ColumnElement[bool]:
    """Return the condition for a row of ``sessions``."""
    if condition.property not in SESSION_NUMBERS:
        folded = fold_values(condition) if condition.property in FOLDED_TEXTS else condition
        return compare(folded, session_text(condition.property, project_id), zone)
    number = SESSION_NUMBERS[condition.property]
    # Equal numbers are equal texts: 300 seconds are "300", which epochs are not by themselves.
    text = cast(func.trim_scale(cast(number, Numeric)), Text)
    return compare(condition, text, zone, number=cast(number, Float))


def _cohort(condition: Condition, project_id: int, _time_range: TimeRange) -> ColumnElement[bool]:
    return matches_cohort(condition, project_id, PERSON)


def matches_cohort(
    condition: Condition, project_id: int, person: ColumnElement[int]
) -> ColumnElement[bool]:
    """Return the condition for a person's cohorts; ``person`` is the number in the rows read."""
    members = exists().where(
        CohortMember.project_id == project_id,
        CohortMember.cohort_id.in_(ids_of(condition)),
        CohortMember.person_id == person,
    )
    return members if condition.operator == "is" else not_(members)


_SCOPES = {"event": _event, "person": _person, "session": _session, "cohort": _cohort}
