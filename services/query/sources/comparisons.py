"""Conditions on a value: a text, a number, an instant or a field of a JSON object, as SQL.

``conditions`` says what a filter is of. Names and values are bound parameters, never SQL text. No
condition is ever null.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Numeric, case, cast, false, func, literal, not_, or_, select

from services.query.parsing.filters import TIME_OPERATORS, Condition
from services.query.parsing.numbers import number_text, parse_number
from services.query.sources.event_columns import as_number, has_number, is_short_number
from services.query.sources.postgres import (
    contains_any,
    is_json_array,
    json_element,
    json_field,
    json_has,
    json_text,
    matches,
    parse_instant,
)
from shared.events.dimensions import fold
from shared.events.local_days import midnight

_COMPARE: dict[str, Callable[[ColumnElement[Any], Any], ColumnElement[bool]]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_NUMBER_OPERATORS = {*_COMPARE, "between"}
_MAX_JSON_VALUES = 20
"""Of more values, PostgreSQL finds one in a hash of texts faster than in a list of JSON."""
_OPPOSITES = {"is_not": "is", "not_contains": "contains"}
OPPOSITES_OF_FIELDS = {**_OPPOSITES, "is_not_set": "is_set"}


def compare_field(
    condition: Condition, properties: Any, name: str, zone: ZoneInfo
) -> ColumnElement[bool]:
    """Compare a field of a JSON object. Of an array any element passes, or none does."""
    positive, is_negated = positive_form(condition, OPPOSITES_OF_FIELDS)
    found: ColumnElement[bool]
    if positive.operator == "is":
        found = _field_is(positive, properties, name, zone)
    elif positive.operator in _NUMBER_OPERATORS:
        found = _field_number(positive, properties, name)
    else:
        found = _compare_any_field(positive, properties, name, zone)
    return not_(found) if is_negated else found


def _field_is(
    condition: Condition, properties: Any, name: str, zone: ZoneInfo
) -> ColumnElement[bool]:
    """Compare a field, or any element of it, with values: texts as JSON, which is twice as fast.

    Texts that look like the text of an object or array are compared as texts, and so are many.
    """
    numbers = tuple(value for value in condition.values if isinstance(value, Decimal))
    texts = [_text_of(value) for value in condition.values if not isinstance(value, Decimal)]
    plain = [text for text in texts if not text.startswith(("{", "["))]
    if len(plain) > _MAX_JSON_VALUES:
        plain = []
    field = json_field(properties, name)
    equal = [json_has(field, form) for text in plain for form in _json_forms(text)]
    others = tuple(text for text in texts if text not in plain)
    if others:
        rest = replace(condition, values=others)
        equal.append(_compare_any_field(rest, properties, name, zone))
    if numbers:
        rest = replace(condition, values=numbers)
        equal.append(_field_number(rest, properties, name))
    return never_null(or_(false(), *equal))


def _field_number(condition: Condition, properties: Any, name: str) -> ColumnElement[bool]:
    """Compare a field, or any element of it, as a number."""
    # Nearly all of them are JSON numbers, which need no text to be read from.
    test = _compare_number(condition, cast(json_field(properties, name), Numeric))
    found: ColumnElement[bool] = case(
        (is_short_number(properties, name), test),
        else_=has_number(properties, name, _number_test(condition)),
    )
    return found


def _number_test(condition: Condition) -> str:
    """Return a comparison with numbers as the predicate of a JSON path."""
    numbers = [_text_of(value) for value in condition.values]
    if condition.operator == "is":
        return " || ".join(f"@ == {number}" for number in numbers)
    if condition.operator == "between":
        return f"@ >= {numbers[0]} && @ <= {numbers[1]}"
    return f"@ {_SIGNS[condition.operator]} {numbers[0]}"


def _json_forms(text: str) -> list[str]:
    """Return the JSON values whose text is this one: its string, and a number or boolean."""
    forms = [json.dumps(text, ensure_ascii=False)]
    number = parse_number(text)
    if text in {"true", "false"} or (number is not None and number_text(number) == text):
        forms.append(text)
    return forms


def _compare_any_field(
    condition: Condition, properties: Any, name: str, zone: ZoneInfo
) -> ColumnElement[bool]:
    passes = compare(condition, json_element(properties, name), zone)
    found: ColumnElement[bool] = case(
        (is_json_array(properties, name), select(literal(1)).where(passes).exists()),
        else_=compare(condition, json_text(properties, name), zone),
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
        found = never_null(_equals(text, values, number))
        return found if operator == "is" else not_(found)
    if operator in {"contains", "not_contains"}:
        found = never_null(contains_any(text, [_text_of(value) for value in values]))
        return found if operator == "contains" else not_(found)
    if operator == "regex":
        return never_null(matches(text, str(values[0])))
    if operator in TIME_OPERATORS:
        return _compare_time(
            condition, parse_instant(text, zone.key) if instant is None else instant, zone
        )
    return never_null(_compare_number(condition, as_number(text) if number is None else number))


def _compare_number(condition: Condition, number: ColumnElement[Any]) -> ColumnElement[bool]:
    if condition.operator == "is":
        return number.in_(condition.values)
    if condition.operator == "between":
        return number.between(condition.values[0], condition.values[1])
    return _COMPARE[condition.operator](number, condition.values[0])


def _compare_time(condition: Condition, instant: Any, zone: ZoneInfo) -> ColumnElement[bool]:
    limit, is_included = limit_of(condition, zone)
    if condition.operator == "before":
        return never_null(instant < limit)
    return never_null(instant >= limit if is_included else instant > limit)


def limit_of(condition: Condition, zone: ZoneInfo) -> tuple[datetime, bool]:
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


def never_null(expression: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that is false where it would be null."""
    return func.coalesce(expression, false())


def positive_form(
    condition: Condition, opposites: Mapping[str, str] = _OPPOSITES
) -> tuple[Condition, bool]:
    """Return the condition or its opposite, whichever is no negation; whether it is the latter."""
    opposite = opposites.get(condition.operator)
    return replace(condition, operator=opposite or condition.operator), opposite is not None


def fold_values(condition: Condition) -> Condition:
    """Return a condition whose values are written as those of ``FOLDED`` dimensions are."""
    if condition.operator not in {"is", "is_not"}:
        return condition
    values = (fold(one) if isinstance(one, str) else one for one in condition.values)
    return replace(condition, values=tuple(values))
