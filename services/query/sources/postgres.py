"""What PostgreSQL says in its own words: every expression that another database lacks.

With the binary COPY of ``columns.py``, and the transactions of ``reading.py``, this is all of the
query service that would have to be written anew for another database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    TableValuedAlias,
    Text,
    case,
    cast,
    func,
    literal,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, aggregate_order_by

_INSTANT = TIMESTAMP(timezone=True)
Expression = ColumnElement[Any]


def json_text(column: Any, name: str) -> Expression:
    """A field of a JSON object as text; null when it has none."""
    text: Expression = column.op("->>", return_type=Text())(literal(name, Text()))
    return text


def json_fields(column: Any) -> TableValuedAlias:
    """The fields of a JSON object, as rows of ``key`` and ``value``."""
    return func.jsonb_each(column).table_valued("key", "value").render_derived()


def json_kind(value: Any) -> Expression:
    """What a JSON value is: object, array, string, number, boolean or null."""
    return func.jsonb_typeof(value)


def json_example(value: Any, most_characters: int) -> Expression:
    """A JSON value as text, cut."""
    return func.left(value.op("#>>")("{}"), most_characters)


def matches(text: Expression, pattern: str) -> ColumnElement[bool]:
    """Whether a regular expression (PostgreSQL's, POSIX advanced) is found in a text."""
    found: ColumnElement[bool] = text.bool_op("~")(literal(pattern, Text()))
    return found


def instant(text: Expression) -> ColumnElement[datetime]:
    """The moment that a text names, in UTC if it says no zone; null when it names none."""
    is_one = matches(text, r"^\d{4}-\d\d-\d\d") & func.pg_input_is_valid(text, "timestamptz")
    return case((is_one, cast(text, _INSTANT)), else_=None)


def iso_text(moment: Any) -> Expression:
    """A moment as ISO 8601 in UTC, to the microsecond."""
    return func.to_char(func.timezone("UTC", moment), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def start_of_utc_day(day: Any) -> ColumnElement[datetime]:
    """The first instant of a day in UTC."""
    return func.timezone("UTC", cast(day, TIMESTAMP()), type_=_INSTANT)


def start_of_local_day(moment: Any, zone: str) -> ColumnElement[datetime]:
    """The first instant of a moment's day in an IANA zone."""
    return func.date_trunc("day", moment, zone, type_=_INSTANT)


def bucket_index(moment: Any, starts: Sequence[datetime]) -> ColumnElement[int]:
    """The number, from 0, of the interval that a moment falls in; none is before the first."""
    return func.width_bucket(moment, literal(list(starts[1:]), ARRAY(_INSTANT)), type_=Integer())


def array_position(text: Expression, known: Sequence[str]) -> ColumnElement[int]:
    """The place, from 1, of a text among some; null when it is none of them."""
    return func.array_position(literal(list(known), ARRAY(Text)), text, type_=Integer())


def unnest_with_index(texts: Sequence[str], name: str) -> TableValuedAlias:
    """Some texts as rows of ``text`` and ``number``, from 1. Joining is faster than searching."""
    unnested = func.unnest(literal(list(texts), ARRAY(Text)))
    return unnested.table_valued("text", with_ordinality="number", name=name).render_derived()


def array_agg(values: Any) -> Expression:
    """The values of a group, as an array."""
    return func.array_agg(values)


def first_value(text: Any, *order: Any) -> Expression:
    """A group's first text that is not null; an empty text when all are."""
    found = func.array_agg(aggregate_order_by(text, *order)).filter(text.is_not(None))
    return func.array_to_string(found[1:1], "")


def percentile(values: Any, share: float) -> Expression:
    """Of a group, interpolated between two values (``percentile_cont``)."""
    return func.percentile_cont(share).within_group(values)


def contains(text: Any, part: str) -> ColumnElement[bool]:
    """Whether a text contains another one, in whatever case; no character is special."""
    # Both by PostgreSQL: what it takes for lower case depends on its locale.
    return func.strpos(func.lower(text), func.lower(literal(part, Text()))) > 0
