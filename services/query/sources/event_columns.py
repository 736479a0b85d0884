"""Expressions over a row of ``events``: its person, its properties, its weight, its interval."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Numeric,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    type_coerce,
)

from services.query.sources.postgres import (
    index_among_starts,
    is_double,
    is_first_of_row,
    is_json_array,
    iso_text,
    json_field,
    json_kind,
    json_path_exists,
    json_text,
    json_values,
    matches,
    of_each,
    one,
    plain_json_text,
    unnest,
)
from shared.events.dimensions import DIMENSIONS, PROPERTY_PREFIX, Dimension
from shared.events.sessions import SESSION_SQL
from shared.models import Event

PERSON: ColumnElement[int] = Event.__table__.c.person_id
"""The person of an event. Every report counts persons by this expression and no other, so that it
is the one place to change if rows ever name their persons differently."""
SESSION: ColumnElement[Any] = type_coerce(literal_column(SESSION_SQL), Text())
"""The id of an event's session; null: the event has none. Every report uses this expression."""
WEIGHT: ColumnElement[float] = cast(func.coalesce(Event.sample_weight, 1.0), Float)
"""How many events an event stands for, before sampling. A double, as it is stored with single
precision, in which PostgreSQL would add it up, too."""
EVENT_COLUMNS = (
    "event_name", "source", "page_url", "referrer", "device_id", "app_version", "os_name",
    "os_version", "browser", "device_type", "country", "region", "city", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "community_id", "division_id",
    "distinct_id", "session_id",
)  # fmt: skip
"""Properties that are columns; ``timestamp`` is one too. ``properties.country`` is the property of
that name that the client sent."""
_DIGITS = r"^-?[0-9]+(\.[0-9]+)?$"
"""How nearly all numbers are written, and how PostgreSQL shows every number of JSON."""
_NUMBER = r"^[ \t\r\n]*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?[ \t\r\n]*$"
_MAX_DIGITS = 255
_MAX_NUMBER_CHARACTERS = 400
"""The largest double has 309 digits when it is written out."""
_NUMBER_PATH = (
    '((@.type() == "number" || @.type() == "string" && @ like_regex {form})'
    ' && @.string() like_regex "^.{{1,255}}.{{0,145}}$" flag "s").number() ? '
    "((@ == 0 || @.abs() > 2.4703282292062327208299e-324)"
    " && @.abs() < 1.797693134862315807937289714053e308 && ({test}))"
)
"""The rule of ``as_number`` as a JSON path. Doubles round what lies beyond to 0 or infinity."""


def event_column(name: str) -> ColumnElement[Any]:
    """Return a column of an event; as ``session_id`` the id of its session, however it began."""
    return SESSION if name == "session_id" else Event.__table__.c[name]


def event_text(name: str) -> ColumnElement[Any]:
    """Return a property of an event as text; null if the event does not have it."""
    if name == "timestamp":
        return iso_text(Event.timestamp)
    dimension = DIMENSIONS.get(name)
    if dimension is not None and not dimension.is_plain:
        return literal_column(dimension.sql, Text())
    if name in EVENT_COLUMNS:
        return event_column(name)
    return json_text(Event.properties, name.removeprefix(PROPERTY_PREFIX))


def is_own_property(name: str) -> bool:
    """Return whether a name is that of a property that the client sent, which may be an array."""
    return name not in EVENT_COLUMNS and name not in DIMENSIONS and name != "timestamp"


def event_values(name: str) -> ColumnElement[Any]:
    """Return the values of a property in rows of their own: of an array, each different element.

    An event without the property, or with an empty array, has one row, with null.
    """
    if not is_own_property(name):
        return event_text(name)
    return unnest(json_values(Event.properties, name.removeprefix(PROPERTY_PREFIX)))


def is_first_value(name: str) -> ColumnElement[Any]:
    """Return true in the first of the rows of ``event_values``, so that events are counted once."""
    return is_first_of_row() if is_own_property(name) else literal(True)


def each_value(
    name: str, of_value: Callable[[ColumnElement[Any]], ColumnElement[Any]]
) -> ColumnElement[Any]:
    """Return the different integers for the values of a property, in rows of their own.

    An event is so counted once under an integer that several of its values have.
    """
    if not is_own_property(name):
        return of_value(event_text(name))
    key = name.removeprefix(PROPERTY_PREFIX)
    of_elements = of_each(json_values(Event.properties, key), of_value)
    is_array = is_json_array(Event.properties, key)
    return unnest(case((is_array, of_elements), else_=one(of_value(event_text(name)))), Integer())


def event_number(name: str) -> ColumnElement[Any]:
    """Return a property of an event as a number; null if it has none."""
    return as_number(event_number_text(name))


def event_number_text(name: str) -> ColumnElement[Any]:
    """Return the text that ``as_number`` reads a property of an event from.

    Numbers are as they were stored: 10.0 is not 10 here, which is for breakdowns and costs time.
    """
    key = _json_key(name)
    return event_text(name) if key is None else plain_json_text(Event.properties, key)


def _json_key(name: str) -> str | None:
    """Return the key of a property among those that the client sent; None: it is none of them."""
    if name in EVENT_COLUMNS or name == "timestamp":
        return None
    return Dimension.parse(name).property_key


def as_number(text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a text as an exact decimal number; null if it is none.

    A number is written in decimal digits, with or without a sign, a decimal point, an exponent and
    blanks around it, and lies within the range of doubles. ``services.query.parsing.numbers`` has
    the same rule in Python. CASE keeps the cast from other texts.
    """
    number = cast(text, Numeric)
    is_plain = and_(matches(text, _DIGITS), func.length(text) <= _MAX_DIGITS)
    is_number = and_(
        func.length(text) <= _MAX_NUMBER_CHARACTERS, matches(text, _NUMBER), is_double(text)
    )
    return case((is_plain, number), (is_number, number), else_=None)


def has_plain_number(name: str, characters: int) -> ColumnElement[bool]:
    """Return whether a property is a number in plain decimal digits, of at most so many characters.

    The kind of a JSON value is known sooner than whether its text matches a pattern.
    """
    text = event_number_text(name)
    is_plain, key = matches(text, _DIGITS), _json_key(name)
    if key is not None:
        is_plain = or_(json_kind(json_field(Event.properties, key)) == "number", is_plain)
    return and_(is_plain, func.length(text) <= characters)


def has_number(properties: Any, name: str, test: str) -> ColumnElement[bool]:
    """Return whether a field, or an element of an array, is a number that passes a test.

    Args:
        properties: a JSON object.
        name: the field.
        test: a predicate of a JSON path about the number ``@``.
    """
    numbers = _NUMBER_PATH.format(form=json.dumps(_NUMBER), test=test)
    return json_path_exists(properties, f"$.{json.dumps(name, ensure_ascii=False)} ? {numbers}")


def is_short_number(properties: Any, name: str) -> ColumnElement[bool]:
    """Return whether a field is a JSON number that ``as_number`` reads from few enough digits."""
    kind = json_kind(json_field(properties, name))
    return and_(kind == "number", func.length(plain_json_text(properties, name)) <= _MAX_DIGITS)


def interval_index(starts: Sequence[datetime], instant: Any = None) -> ColumnElement[int]:
    """Return the index, from 0, of the interval of an instant (default: the event's timestamp).

    It searches the very starts that are reported, so that days of 23 and 25 hours, and zones off
    by half an hour, are exactly as Python has them.
    """
    if len(starts) == 1:
        return literal(0, Integer())
    return index_among_starts(Event.timestamp if instant is None else instant, starts)
