"""Filters as SQL over rows of ``events``: names and values are bound parameters, never SQL text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from services.query.parsing.filters import Condition, Filter, invalid_field
from services.query.parsing.time_range import TimeRange
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import (
    contains,
    first_value,
    instant,
    iso_text,
    json_text,
    matches,
)
from shared.events.dimensions import DIMENSIONS, PROPERTY_PREFIX
from shared.models import CohortMember, Event, Person, PersonDistinctId

EVENT_COLUMNS = (
    "event_name", "source", "page_url", "referrer", "device_id", "app_version", "os_name",
    "os_version", "browser", "device_type", "country", "region", "city", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "community_id", "division_id",
    "distinct_id", "session_id",
)  # fmt: skip
"""Properties that are columns; ``timestamp`` is one too. ``properties.country`` names the
property of that name that the client sent."""
SESSION_PROPERTIES = ("duration_seconds", "events", "entry_page", "exit_page")
PERSON_PROPERTIES = ("first_seen", "distinct_id")
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?$"
_COMPARE: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
    "before": lambda left, right: left < right,
    "after": lambda left, right: left > right,
}


def filter_condition(part: Filter, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    """Whether an event's row passes; never null.

    Args:
        part: the filter.
        project_id: whose persons, sessions and cohorts are meant.
        time_range: session properties are those of a session's events within it.

    Raises:
        Unprocessable: a person or session property that does not exist.
    """
    if isinstance(part, Condition):
        return _SCOPES[part.scope](part, project_id, time_range)
    inner = [filter_condition(one, project_id, time_range) for one in part.parts]
    if not inner:
        return true()
    return and_(*inner) if part.every else or_(*inner)


def event_text(name: str) -> ColumnElement[Any]:
    """An event's property as text; null when it has none."""
    if name in EVENT_COLUMNS:
        return Event.__table__.c[name]
    if name in DIMENSIONS:
        return literal_column(DIMENSIONS[name].sql, Text())
    if name == "timestamp":
        return iso_text(Event.timestamp)
    return json_text(Event.properties, name.removeprefix("properties."))


def as_number(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """The text's number; null when it is none. CASE keeps the cast from seeing other texts."""
    return case((matches(text, _NUMBER), cast(text, Float)), else_=None)


def event_number(name: str) -> ColumnElement[Any]:
    """An event's property as a number; null when it has none."""
    return as_number(event_text(name))


def _event(condition: Condition, _project_id: int, _span: TimeRange) -> ColumnElement[bool]:
    moment = Event.timestamp if condition.property == "timestamp" else None
    return compare(condition, event_text(condition.property), moment=moment)


def compare(
    condition: Condition,
    text: ColumnElement[Any],
    *,
    number: ColumnElement[Any] | None = None,
    moment: Any = None,
) -> ColumnElement[bool]:
    """One comparison with a property that is at hand as text, and perhaps better as a number."""
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
    left = as_number(text) if number is None else number
    if operator == "between":
        return _never_null(left.between(values[0], values[1]))
    if operator in {"before", "after"}:
        left = _moment(text, moment)
    return _never_null(_COMPARE[operator](left, values[0]))


def _equals(
    text: ColumnElement[Any], values: tuple[Any, ...], number: ColumnElement[Any] | None
) -> ColumnElement[bool]:
    """Numbers are equal as numbers: 12 finds 12, 12.0 and "12"."""
    numbers = [value for value in values if isinstance(value, float)]
    texts = [_text_of(value) for value in values if not isinstance(value, float)]
    found = [text.in_(texts)] if texts else []
    if numbers:
        found.append((as_number(text) if number is None else number).in_(numbers))
    return or_(false(), *found)


def _text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _moment(text: ColumnElement[Any], moment: Any) -> ColumnElement[datetime]:
    if moment is not None:
        found: ColumnElement[datetime] = moment
        return found
    return instant(text)


def _never_null(expression: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.coalesce(expression, false())


def _person(condition: Condition, project_id: int, _span: TimeRange) -> ColumnElement[bool]:
    if condition.property == "first_seen":
        column: ColumnElement[Any] = Person.__table__.c.created_at
        test = compare(condition, cast(column, Text), moment=column)
        return PERSON.in_(select(Person.person_id).where(Person.project_id == project_id, test))
    if condition.property == "distinct_id":
        negative = {"is_not": "is", "not_contains": "contains"}.get(condition.operator)
        positive = Condition(condition.property, negative or condition.operator, condition.values)
        known = PERSON.in_(
            select(PersonDistinctId.person_id).where(
                PersonDistinctId.project_id == project_id,
                compare(positive, PersonDistinctId.__table__.c.distinct_id),
            )
        )
        return not_(known) if negative else known
    if condition.property.startswith(PROPERTY_PREFIX):
        negative = {"is_not": "is", "not_contains": "contains"}.get(condition.operator)
        positive = Condition(condition.property, negative or condition.operator, condition.values)
        name = condition.property.removeprefix(PROPERTY_PREFIX)
        column = Person.__table__.c.properties[name].astext
        known = PERSON.in_(
            select(Person.person_id).where(
                Person.project_id == project_id, compare(positive, column)
            )
        )
        return not_(known) if negative else known
    names = ", ".join([*PERSON_PROPERTIES, f"{PROPERTY_PREFIX}…"])
    raise invalid_field("filters", f"Persons have these properties: {names}.")


def _session(condition: Condition, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    """Of the session's events within the range; an event without a session has no properties."""
    number: ColumnElement[Any] | None = None
    if condition.property == "duration_seconds":
        number = func.extract("epoch", func.max(Event.timestamp) - func.min(Event.timestamp))
    elif condition.property == "events":
        number = func.count()
    elif condition.property in SESSION_PROPERTIES:
        return _session_page(condition, project_id, time_range)
    else:
        raise invalid_field(
            "filters", f"Sessions have these properties: {', '.join(SESSION_PROPERTIES)}."
        )
    test = compare(condition, cast(number, Text), number=cast(number, Float))
    return _in_sessions(test, project_id, time_range)


def _session_page(
    condition: Condition, project_id: int, time_range: TimeRange
) -> ColumnElement[bool]:
    order = Event.timestamp if condition.property == "entry_page" else Event.timestamp.desc()
    tie = Event.id if condition.property == "entry_page" else Event.id.desc()
    page = first_value(Event.page_url, order, tie)
    return _in_sessions(compare(condition, page), project_id, time_range)


def _in_sessions(
    test: ColumnElement[bool], project_id: int, time_range: TimeRange
) -> ColumnElement[bool]:
    sessions = (
        select(Event.session_id)
        .where(
            Event.project_id == project_id,
            Event.timestamp >= time_range.start,
            Event.timestamp < time_range.end,
            Event.session_id.is_not(None),
        )
        .group_by(Event.session_id)
        .having(test)
    )
    return _never_null(Event.__table__.c.session_id.in_(sessions))


def _cohort(condition: Condition, project_id: int, _span: TimeRange) -> ColumnElement[bool]:
    members = exists().where(
        CohortMember.project_id == project_id,
        CohortMember.cohort_id.in_([int(float(str(value))) for value in condition.values]),
        CohortMember.person_id == PERSON,
    )
    return members if condition.operator == "is" else not_(members)


_SCOPES = {"event": _event, "person": _person, "session": _session, "cohort": _cohort}
