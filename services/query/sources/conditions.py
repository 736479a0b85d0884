"""Conditions on rows of ``events``: queries, selectors and filters as SQL.

Names and values are bound parameters, never SQL text. No condition is ever null.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Float,
    Numeric,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import TIME_OPERATORS, Condition, Filter
from services.query.parsing.numbers import number_text, parse_number
from services.query.parsing.time_range import TimeRange
from services.query.sources.event_columns import (
    PERSON,
    SESSION,
    as_number,
    event_number,
    event_text,
    is_own_property,
    is_short_number,
)
from services.query.sources.postgres import (
    contains,
    is_json_array,
    json_element,
    json_field,
    json_has,
    json_text,
    matches,
    parse_instant,
)
from services.query.sources.session_columns import FOLDED_TEXTS, SESSION_NUMBERS, session_text
from shared.events.dimensions import FOLDED, PROPERTY_PREFIX, fold
from shared.events.local_days import midnight
from shared.models import CohortMember, Event, Person, PersonDistinctId, SessionRow

_COMPARE: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}
_NUMBER_OPERATORS = {*_COMPARE, "between"}
_MAX_JSON_VALUES = 20
"""Of more values, PostgreSQL finds one in a hash of texts faster than in a list of JSON."""
_OPPOSITES = {"is_not": "is", "not_contains": "contains"}
_OPPOSITES_OF_FIELDS = {**_OPPOSITES, "is_not_set": "is_set"}


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
    if isinstance(part, Condition):
        return _SCOPES[part.scope](part, project_id, time_range)
    inner = [matches_filter(one, project_id, time_range) for one in part.parts]
    if not inner:
        return true()
    return and_(*inner) if part.every else or_(*inner)


def _event(condition: Condition, _project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    instant = Event.timestamp if condition.property == "timestamp" else None
    if condition.property in FOLDED:
        condition = fold_values(condition)
    number = event_number(condition.property)
    text = event_text(condition.property)
    if is_own_property(condition.property):
        name = condition.property.removeprefix(PROPERTY_PREFIX)
        return compare_field(condition, Event.properties, name, time_range.zone, number)
    return compare(condition, text, time_range.zone, number=number, instant=instant)


def compare_field(
    condition: Condition,
    properties: Any,
    name: str,
    zone: ZoneInfo,
    number: ColumnElement[Any] | None = None,
) -> ColumnElement[bool]:
    """Compare a field of a JSON object. Of an array any element passes, or none does."""
    opposite = _OPPOSITES_OF_FIELDS.get(condition.operator)
    positive = replace(condition, operator=opposite or condition.operator)
    found: ColumnElement[bool]
    if positive.operator == "is":
        found = _field_is(positive, properties, name, zone, number)
    elif positive.operator in _NUMBER_OPERATORS:
        # Nearly all of them are JSON numbers, which need no text to be read from.
        test = _compare_number(positive, cast(json_field(properties, name), Numeric))
        found = case(
            (is_short_number(properties, name), test),
            else_=_compare_any_field(positive, properties, name, zone, number),
        )
    else:
        found = _compare_any_field(positive, properties, name, zone, number)
    return not_(found) if opposite else found


def _field_is(
    condition: Condition,
    properties: Any,
    name: str,
    zone: ZoneInfo,
    number: ColumnElement[Any] | None,
) -> ColumnElement[bool]:
    """Compare a field, or any element of it, with values: texts as JSON, which is twice as fast.

    Numbers, and texts that look like the text of an object or array, are compared as texts.
    """
    texts = [_text_of(value) for value in condition.values if not isinstance(value, Decimal)]
    plain = [text for text in texts if not text.startswith(("{", "["))]
    if not plain or len(plain) > _MAX_JSON_VALUES:
        return _compare_any_field(condition, properties, name, zone, number)
    field = json_field(properties, name)
    equal = [json_has(field, form) for text in plain for form in _json_forms(text)]
    others = tuple(one for one in condition.values if _text_of(one) not in plain)
    if others:
        rest = replace(condition, values=others)
        equal.append(_compare_any_field(rest, properties, name, zone, number))
    return _never_null(or_(*equal))


def _json_forms(text: str) -> list[str]:
    """Return the JSON values whose text is this one: its string, and a number or boolean."""
    forms = [json.dumps(text, ensure_ascii=False)]
    number = parse_number(text)
    if text in {"true", "false"} or (number is not None and number_text(number) == text):
        forms.append(text)
    return forms


def _compare_any_field(
    condition: Condition,
    properties: Any,
    name: str,
    zone: ZoneInfo,
    number: ColumnElement[Any] | None,
) -> ColumnElement[bool]:
    passes = compare(condition, json_element(properties, name), zone)
    found: ColumnElement[bool] = case(
        (is_json_array(properties, name), select(literal(1)).where(passes).exists()),
        else_=compare(condition, json_text(properties, name), zone, number=number),
    )
    return found


def compare(
    condition: Condition,
    text: ColumnElement[Any],
    zone: ZoneInfo,
    *,
    number: ColumnElement[Any] | None = None,
    instant: Any = None,
) -> ColumnElement[bool]:
    """Return the condition for a property: of its text, or a cheaper number or instant."""
    operator, values = condition.operator, condition.values
    if operator in {"is_set", "is_not_set"}:
        return text.is_not(None) if operator == "is_set" else text.is_(None)
    if operator in {"is", "is_not"}:
        found = _never_null(_equals(text, values, number))
        return found if operator == "is" else not_(found)
    if operator in {"contains", "not_contains"}:
        found = _never_null(or_(*(contains(text, _text_of(value)) for value in values)))
        return found if operator == "contains" else not_(found)
    if operator == "regex":
        return _never_null(matches(text, str(values[0])))
    if operator in TIME_OPERATORS:
        return _compare_time(
            condition, parse_instant(text, zone.key) if instant is None else instant, zone
        )
    return _never_null(_compare_number(condition, as_number(text) if number is None else number))


def _compare_number(condition: Condition, number: ColumnElement[Any]) -> ColumnElement[bool]:
    if condition.operator == "between":
        return number.between(condition.values[0], condition.values[1])
    return _COMPARE[condition.operator](number, condition.values[0])


def _compare_time(condition: Condition, instant: Any, zone: ZoneInfo) -> ColumnElement[bool]:
    limit, is_included = _limit(condition, zone)
    if condition.operator == "before":
        return _never_null(instant < limit)
    return _never_null(instant >= limit if is_included else instant > limit)


def _limit(condition: Condition, zone: ZoneInfo) -> tuple[datetime, bool]:
    """Return the instant that times are before or after, and whether it is itself after.

    A date is a local day: times are before it begins, or after it has ended.
    """
    [limit] = condition.values
    if isinstance(limit, datetime):
        return limit.replace(tzinfo=zone) if limit.tzinfo is None else limit, False
    assert isinstance(limit, date)
    if condition.operator == "after":
        return midnight(limit + timedelta(days=1), zone), True
    return midnight(limit, zone), False


def _equals(
    text: ColumnElement[Any], values: tuple[Any, ...], number: ColumnElement[Any] | None
) -> ColumnElement[bool]:
    """Compare numbers as numbers: 12 finds 12, 12.0 and "12"."""
    numbers = [value for value in values if isinstance(value, Decimal)]
    texts = [_text_of(value) for value in values if not isinstance(value, Decimal)]
    found = [text.in_(texts)] if texts else []
    if numbers:
        found.append((as_number(text) if number is None else number).in_(numbers))
    return or_(false(), *found)


def _text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, Decimal) else str(value)


def _never_null(expression: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(expression, false())


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
    limit, is_included = _limit(condition, zone)
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
    return _never_null(and_(day.is_not(None), found))


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


def positive_form(condition: Condition) -> tuple[Condition, bool]:
    """Return the condition or its opposite, whichever is no negation; whether it is the latter."""
    opposite = _OPPOSITES.get(condition.operator)
    return replace(condition, operator=opposite or condition.operator), opposite is not None


def _session(condition: Condition, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    """Compare the event's session as a whole; an event without a session never passes."""
    sessions = select(SessionRow.session_id).where(
        SessionRow.project_id == project_id,
        SessionRow.started_at < time_range.end,
        SessionRow.ended_at >= time_range.start,
        matches_session(condition, project_id, time_range.zone),
    )
    return _never_null(SESSION.in_(sessions))


def matches_session(condition: Condition, project_id: int, zone: ZoneInfo) -> ColumnElement[bool]:
    """Return the condition for a row of ``sessions``."""
    if condition.property not in SESSION_NUMBERS:
        folded = fold_values(condition) if condition.property in FOLDED_TEXTS else condition
        return compare(folded, session_text(condition.property, project_id), zone)
    number = SESSION_NUMBERS[condition.property]
    # Equal numbers are equal texts: 300 seconds are "300", which epochs are not by themselves.
    text = cast(func.trim_scale(cast(number, Numeric)), Text)
    return compare(condition, text, zone, number=cast(number, Float))


def fold_values(condition: Condition) -> Condition:
    """Return a condition whose values are written as those of ``FOLDED`` dimensions are."""
    if condition.operator not in {"is", "is_not"}:
        return condition
    values = (fold(one) if isinstance(one, str) else one for one in condition.values)
    return replace(condition, values=tuple(values))


def _cohort(condition: Condition, project_id: int, _time_range: TimeRange) -> ColumnElement[bool]:
    return matches_cohort(condition, project_id, PERSON)


def matches_cohort(
    condition: Condition, project_id: int, person: ColumnElement[int]
) -> ColumnElement[bool]:
    """Return the condition for a person's cohorts; ``person`` is the number in the rows read."""
    members = exists().where(
        CohortMember.project_id == project_id,
        CohortMember.cohort_id.in_([int(float(str(value))) for value in condition.values]),
        CohortMember.person_id == person,
    )
    return members if condition.operator == "is" else not_(members)


_SCOPES = {"event": _event, "person": _person, "session": _session, "cohort": _cohort}
