"""PostgreSQL-specific SQL expressions.

With the binary COPY of ``copy_columns`` and the transactions of ``execution.read_session`` these
are all of the query service that another database would need written anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    Select,
    TableValuedAlias,
    Text,
    any_,
    case,
    cast,
    false,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import (
    ARRAY,
    JSONB,
    JSONPATH,
    TIMESTAMP,
    aggregate_order_by,
    array,
)
from sqlalchemy.dialects.postgresql import distinct_on as distinct_on_clause
from sqlalchemy.types import TypeEngine

from services.query.parsing.filters import EPOCH_SECONDS_BELOW, EPOCH_TEXT

_INSTANT = TIMESTAMP(timezone=True)
_LIKE_SPECIAL, _ESCAPED = re.compile(r"[\\%_]"), r"\\\g<0>"
Expression = ColumnElement[Any]


def json_text(column: Any, name: str) -> Expression:
    """Return a field of a JSON object as text; null if it is missing.

    Equal numbers are equal texts: 10.0 is 10. ``PROPERTY_TEXT`` of ``shared.events.dimensions`` is
    the same for sealed days.
    """
    value = json_field(column, name)
    number = func.trim_scale(cast(value, Numeric))
    return case(
        (json_kind(value) == "number", cast(number, Text)), else_=plain_json_text(column, name)
    )


def is_json_array(column: Any, name: str) -> ColumnElement[bool]:
    """Return whether a field of a JSON object is an array; never null."""
    found: ColumnElement[bool] = func.coalesce(
        json_kind(json_field(column, name)) == "array", false()
    )
    return found


def json_element(column: Any, name: str) -> Expression:
    """Return an element of a field that is an array, as ``json_text``; of a row for each."""
    element = func.jsonb_array_elements(json_field(column, name)).column_valued("element")
    number = func.trim_scale(cast(element, Numeric))
    plain = element.op("#>>", return_type=Text())(literal([], ARRAY(Text)))
    return case((json_kind(element) == "number", cast(number, Text)), else_=plain)


def json_values(column: Any, name: str) -> Expression:
    """Return a field as an array of texts: different elements of an array, else its one value.

    It is never empty: a field that is missing, and an array without values, have the value null.
    """
    text = json_element(column, name)
    elements = select(func.array_agg(text.distinct())).where(text.is_not(None)).scalar_subquery()
    missing = literal([None], ARRAY(Text))
    plain = one(json_text(column, name))
    return case((is_json_array(column, name), func.coalesce(elements, missing)), else_=plain)


def one(value: Expression) -> Expression:
    """Return an array of one value."""
    return array_of([value])


def array_of(values: Sequence[Expression]) -> Expression:
    """Return an array of values, all of the type of the first."""
    found: Expression = array(values, type_=values[0].type)
    return found


def of_each(values: Expression, of_value: Callable[[Expression], Expression]) -> Expression:
    """Return an array with the different results of an expression over the texts of an array."""
    value = func.unnest(values).column_valued("value")
    return select(func.array_agg(of_value(cast(value, Text)).distinct())).scalar_subquery()


def unnest(values: Any, kind: TypeEngine[Any] | None = None) -> Expression:
    """Return each value of an array, texts unless ``kind`` says otherwise, in a row of its own."""
    return func.unnest(values, type_=kind or Text())


def unnest_numbers(numbers: Sequence[int]) -> Expression:
    """Return each of some integers in a row of its own."""
    return func.unnest(literal(list(numbers), ARRAY(Integer)), type_=Integer())


def is_first_of_row() -> Expression:
    """Return true beside the first of the values that ``unnest`` makes rows of, else null."""
    return func.unnest(literal([True], ARRAY(Boolean)), type_=Boolean())


def json_field(column: Any, name: str) -> Expression:
    """Return a field of a JSON object as JSON; null if it is missing."""
    field: Expression = column.op("->", return_type=JSONB())(literal(name, Text()))
    return field


def json_names(column: Any) -> Expression:
    """Return each name of a JSON object's fields in a row of its own."""
    return func.jsonb_object_keys(column, type_=Text())


def json_has(value: Expression, json: str) -> ColumnElement[bool]:
    """Return whether a JSON value is a scalar, given as JSON, or an array that contains it."""
    found: ColumnElement[bool] = value.bool_op("@>")(cast(literal(json, Text()), JSONB))
    return found


def json_path_exists(value: Any, path: str) -> ColumnElement[bool]:
    """Return whether a JSON path finds anything in a JSON value; never null.

    Unlike a subquery over the elements of an array, it leaves parallel workers possible.
    """
    json_path = cast(literal(path, Text()), JSONPATH)
    no_variables = cast(literal("{}", Text()), JSONB)
    found: ColumnElement[bool] = func.coalesce(
        func.jsonb_path_exists(value, json_path, no_variables, true()), false()
    )
    return found


def plain_json_text(column: Any, name: str) -> Expression:
    """Return a field of a JSON object as text, numbers as stored; null if it is missing."""
    text: Expression = column.op("->>", return_type=Text())(literal(name, Text()))
    return text


def json_object(name: str, text: Expression) -> Expression:
    """Return the JSON object with one field, of a value as JSON text; without it for null."""
    empty = cast(literal("{}", Text()), JSONB)
    one_field = func.jsonb_build_object(literal(name, Text()), cast(text, JSONB))
    return case((text.is_(None), empty), else_=one_field)


def json_fields(column: Any) -> TableValuedAlias:
    """Return the fields of a JSON object as rows of ``key`` and ``value``."""
    return func.jsonb_each(column).table_valued("key", "value").render_derived()


def json_kind(value: Any) -> Expression:
    """Return the type of a JSON value: object, array, string, number, boolean or null."""
    return func.jsonb_typeof(value)


def json_example(value: Any, max_characters: int) -> Expression:
    """Return a JSON value as text, cut to a length."""
    return func.left(value.op("#>>")("{}"), max_characters)


def matches(text: Expression, pattern: str) -> ColumnElement[bool]:
    """Return whether a text contains a match of a POSIX advanced regular expression."""
    found: ColumnElement[bool] = text.bool_op("~")(literal(pattern, Text()))
    return found


def is_in_bits(number: Expression, bits: bytes) -> ColumnElement[bool]:
    """Return whether the bit of a whole number, 0 or larger, is set; the lowest of a byte first.

    It compares a row with a million numbers without a join. As a subquery the bits are there once:
    a constant is copied into the plan of each partition, and handed to each worker as text.
    """
    is_inside = number < len(bits) * 8
    stored = select(literal(bits, LargeBinary())).scalar_subquery()
    bit = func.get_bit(stored, number, type_=Integer())
    return case((is_inside, bit == 1), else_=false())


def hash_text(text: Any) -> Expression:
    """Return a hash of 64 bits of a text; null if the text is null."""
    return func.hashtextextended(text, 0, type_=BigInteger())


def contains(text: Any, part: str) -> ColumnElement[bool]:
    """Return whether a text contains another one, ignoring case; no character is special."""
    # PostgreSQL lowers both, as its idea of lower case depends on its locale.
    return func.strpos(func.lower(text), func.lower(literal(part, Text()))) > 0


def contains_any(text: Any, parts: Sequence[str]) -> ColumnElement[bool]:
    """Return whether a text contains one of some others, ignoring case; no character is special.

    Many parts are one parameter: an expression for each costs milliseconds of Python, in which the
    process answers nobody else.
    """
    if len(parts) == 1:
        return contains(text, parts[0])
    patterns = [f"%{_LIKE_SPECIAL.sub(_ESCAPED, part)}%" for part in parts]
    pattern: Any = func.unnest(literal(patterns, ARRAY(Text)), type_=Text()).column_valued(
        "pattern"
    )
    # Lowered once a statement, not for every row.
    lowered = func.array(select(func.lower(pattern)).scalar_subquery(), type_=ARRAY(Text))
    found: ColumnElement[bool] = func.lower(text).like(any_(lowered))
    return found


def is_double(text: Expression) -> Expression:
    """Return whether a text is valid as a double, which is neither too large nor too small."""
    return func.pg_input_is_valid(text, "float8")


def parse_instant(text: Expression, zone: str) -> ColumnElement[datetime]:
    """Return the instant that a text names; null if it names none.

    Args:
        text: ISO 8601, or seconds or milliseconds since 1970.
        zone: the IANA zone of times without an offset.
    """
    number = cast(text, Float())
    seconds = case((number < EPOCH_SECONDS_BELOW, number), else_=number / 1_000)
    is_time = matches(text, r"^\d{4}-\d\d-\d\d") & func.pg_input_is_valid(text, "timestamptz")
    is_local = matches(text, r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?$")
    return case(
        (matches(text, f"^{EPOCH_TEXT}$"), func.to_timestamp(seconds)),
        (is_time & is_local, func.timezone(zone, cast(text, TIMESTAMP()))),
        (is_time, cast(text, _INSTANT)),
        else_=None,
    )


def iso_text(instant: Any) -> Expression:
    """Return an instant as ISO 8601 in UTC, to the microsecond."""
    return func.to_char(func.timezone("UTC", instant), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def start_of_utc_day(day: Any) -> ColumnElement[datetime]:
    """Return the first instant of a day in UTC."""
    return func.timezone("UTC", cast(day, TIMESTAMP()), type_=_INSTANT)


def start_of_local_day(instant: Any, zone: str) -> ColumnElement[datetime]:
    """Return the first instant of an instant's day in an IANA zone."""
    return func.date_trunc("day", instant, zone, type_=_INSTANT)


def index_among_starts(instant: Any, starts: Sequence[datetime]) -> ColumnElement[int]:
    """Return the index, from 0, of an instant's interval; no instant is before the first start."""
    return func.width_bucket(instant, literal(list(starts[1:]), ARRAY(_INSTANT)), type_=Integer())


def array_position(text: Expression, values: Sequence[str]) -> ColumnElement[int]:
    """Return the position, from 1, of a text among some values; null if it is none of them."""
    return func.array_position(literal(list(values), ARRAY(Text)), text, type_=Integer())


def unnest_with_index(texts: Sequence[str | None], name: str) -> TableValuedAlias:
    """Return texts as rows of ``text`` and ``index``, from 1. Joining is faster than searching."""
    unnested = func.unnest(literal(list(texts), ARRAY(Text)))
    return unnested.table_valued("text", with_ordinality="index", name=name).render_derived()


def first_of_each(statement: Select[*tuple[Any, ...]], column: Any) -> Select[*tuple[Any, ...]]:
    """Return the statement with only the first row of each value, in its order (DISTINCT ON)."""
    return statement.ext(distinct_on_clause(column))


def array_agg(values: Any) -> Expression:
    """Return the values of a group as an array."""
    return func.array_agg(values)


def first_value(value: Expression, kind: TypeEngine[Any], *order: Any) -> Expression:
    """Return the value of a group's first row in an order.

    Args:
        value: of a row; may be null.
        kind: the type of the value.
        order: columns of a table, not attributes of a model.
    """
    ordered = aggregate_order_by(value, *order)
    return func.array_agg(ordered, type_=ARRAY(kind))[1]


def percentile(values: Any, share: float) -> Expression:
    """Return a percentile of a group, interpolated between two values (``percentile_cont``)."""
    return func.percentile_cont(share).within_group(values)
