"""The filter language of every query: parse JSON into a frozen tree.

``{"and": [{"property": "country", "scope": "event", "operator": "is", "value": ["CA"]}, …]}``.
Groups nest. A condition is true or false, never unknown: an event without the property fails every
positive operator and passes its negation (``is_not``, ``not_contains``, ``is_not_set``).
``services.query.sources.conditions`` turns the tree into SQL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

from services.query.parsing.errors import invalid_field
from services.query.parsing.numbers import parse_number
from services.query.parsing.regular_expressions import parse_regex
from services.query.parsing.time_range import date_or_instant
from shared.events.dimensions import PROPERTY_PREFIX

SCOPES = ("event", "person", "session", "cohort", "segment")
ID_SCOPES: dict[str, tuple[str, ...]] = {"cohort": ("is", "is_not"), "segment": ("is",)}
"""What conditions name by ids, and the operators that such a condition takes."""
LIST_OPERATORS = ("is", "is_not", "contains", "not_contains")
NUMBER_OPERATORS = ("gt", "gte", "lt", "lte")
TIME_OPERATORS = ("before", "after")
IS_SET_OPERATORS = ("is_set", "is_not_set")
PERSON_PROPERTIES = ("first_seen", "distinct_id")
SESSION_PROPERTIES = (
    *("duration_seconds", "events", "page_views", "entry_page", "exit_page", "entry_path"),
    *("exit_path", "visit_source", "channel", "referrer_page", "utm_source", "utm_medium"),
    *("utm_campaign", "country", "device_type", "browser", "os_name"),
)
"""What a condition on sessions may test. An entry page is an address, an entry path its path."""
MAX_CONDITIONS = 50
MAX_VALUES = 200
VALUE_COUNTS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(LIST_OPERATORS, (1, MAX_VALUES)),
    "regex": (1, 1),
    **dict.fromkeys(NUMBER_OPERATORS, (1, 1)),
    "between": (2, 2),
    **dict.fromkeys(IS_SET_OPERATORS, (0, 0)),
    **dict.fromkeys(TIME_OPERATORS, (1, 1)),
}
"""How many values each operator takes: at least, and at most."""
OPERATORS = tuple(VALUE_COUNTS)
MAX_DEPTH = 5
MAX_TEXT_LENGTH = 32 * 1024
_HOW_MANY_VALUES = {
    1: "Use one value.",
    2: "Use two values: from and to, both included.",
    MAX_VALUES: f"Use 1 to {MAX_VALUES} values.",
}
"""By the most values that the operator takes."""
EPOCH_TEXT = r"[0-9]{9,13}(\.[0-9]{1,9})?"
"""A time in seconds or milliseconds since 1970; fewer digits are a date, or no time at all."""
EPOCH_SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds, others milliseconds, as for the times of events."""

Value = str | Decimal | bool | date


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison. ``values`` holds texts, numbers or times, as the operator needs.

    A time is a date or a ``datetime``; without an offset it is local time of the project.
    """

    property: str
    operator: str
    values: tuple[Value, ...] = ()
    scope: str = "event"
    field: str = dataclass_field(default="filters", compare=False, repr=False)
    """Where the request has it, for errors; no part of cache keys."""


@dataclass(frozen=True, slots=True)
class Group:
    """All of the parts (``every``), or any of them. A group without parts passes everything."""

    parts: tuple[Filter, ...] = ()
    every: bool = True


Filter = Condition | Group
NO_FILTER = Group()


def parse_filter(raw: object, field: str = "filters") -> Group:
    """Parse the filter of a query.

    Args:
        raw: decoded JSON: null, a condition, a group, or a list of them (all must pass).
        field: the field of the request that holds the filter; errors name it.

    Raises:
        Unprocessable: names the invalid part.
    """
    if raw is None or raw in ({}, []):
        return NO_FILTER
    found = _parse({"and": raw} if isinstance(raw, list) else raw, field, 1)
    if count_conditions(found) > MAX_CONDITIONS:
        raise invalid_field(field, f"Use at most {MAX_CONDITIONS} conditions.")
    return found if isinstance(found, Group) else Group((found,))


def parse_filter_text(text: str | None, field: str = "filters") -> Group:
    """Parse a filter that a URL has as JSON text; None or empty: no filter.

    Raises:
        Unprocessable: names the invalid part.
    """
    try:
        raw = json.loads(text) if text else None
    except (ValueError, RecursionError) as error:
        raise invalid_field(
            field, "This is not JSON. Use the filters of an insight, encoded as JSON."
        ) from error
    return parse_filter(raw, field)


def count_conditions(part: Filter) -> int:
    """Return how many conditions a filter has."""
    return sum(1 for _ in filter_conditions(part))


def filter_conditions(part: object) -> Iterator[Condition]:
    """Yield the conditions in a plan: in frozen dataclasses, at any depth."""
    if isinstance(part, Condition):
        yield part
    elif isinstance(part, list | tuple):
        for item in part:
            yield from filter_conditions(item)
    elif is_dataclass(part):
        for one in fields(part):
            yield from filter_conditions(getattr(part, one.name))


def ids_of(condition: Condition) -> set[int]:
    """Return the ids of a condition on cohorts or segments."""
    return {int(float(str(value))) for value in condition.values}


def require_text(item: str, field: str) -> str:
    """Return the text, or raise ``Unprocessable`` if PostgreSQL cannot store it."""
    if "\x00" in item or any("\ud800" <= character <= "\udfff" for character in item):
        raise invalid_field(field, "This contains NUL or half of a surrogate pair. Remove it.")
    return item


def _parse(raw: object, field: str, depth: int) -> Filter:
    if not isinstance(raw, dict):
        raise invalid_field(field, "Use an object: a condition, or a group under and / or.")
    for word in ("and", "or"):
        if word not in raw:
            continue
        if len(raw) > 1 or not isinstance(raw[word], list):
            raise invalid_field(
                f"{field}.{word}", "A group has one key, `and` or `or`, with a list of conditions."
            )
        if depth > MAX_DEPTH:
            raise invalid_field(field, f"Use groups of at most {MAX_DEPTH} levels.")
        if len(raw[word]) > MAX_CONDITIONS:
            raise invalid_field(field, f"Use at most {MAX_CONDITIONS} conditions.")
        parts = (
            _parse(part, f"{field}.{word}.{index}", depth + 1)
            for index, part in enumerate(raw[word])
        )
        return Group(tuple(parts), every=word == "and")
    return _condition(raw, field)


def _condition(raw: dict[Any, Any], field: str) -> Condition:
    unknown = set(raw) - {"property", "scope", "operator", "value"}
    if unknown:
        raise invalid_field(
            f"{field}.{min(map(str, unknown))}",
            "Unknown field. Use property, scope, operator or value.",
        )
    scope = raw.get("scope", "event")
    if scope not in SCOPES:
        raise invalid_field(f"{field}.scope", f"Use one of: {', '.join(SCOPES)}.")
    name = raw.get("property", scope if scope in ID_SCOPES else None)
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        raise invalid_field(f"{field}.property", "Name a property, in at most 200 characters.")
    require_text(name, f"{field}.property")
    _check_property(scope, name, f"{field}.property")
    operator = raw.get("operator", "is")
    if operator not in OPERATORS:
        raise invalid_field(f"{field}.operator", f"Use one of: {', '.join(OPERATORS)}.")
    if operator not in ID_SCOPES.get(scope, OPERATORS):
        choices = " or ".join(ID_SCOPES[scope])
        raise invalid_field(f"{field}.operator", f"For a {scope}, use {choices}.")
    values = _values(operator, raw.get("value"), f"{field}.value")
    if scope in ID_SCOPES and not all(_is_id(value) for value in values):
        raise invalid_field(f"{field}.value", f"Name {scope}s by their ids, which are numbers.")
    return Condition(name, operator, values, scope, field)


def _check_property(scope: str, name: str, field: str) -> None:
    if scope == "person" and not (name in PERSON_PROPERTIES or name.startswith(PROPERTY_PREFIX)):
        names = ", ".join([*PERSON_PROPERTIES, f"{PROPERTY_PREFIX}…"])
        raise invalid_field(field, f"Use a property of persons: {names}.")
    if scope == "session" and name not in SESSION_PROPERTIES:
        raise invalid_field(field, f"Use a property of sessions: {', '.join(SESSION_PROPERTIES)}.")


def _values(operator: str, raw: object, field: str) -> tuple[Value, ...]:
    if operator in IS_SET_OPERATORS:
        return ()
    items: list[Any] = list(raw) if isinstance(raw, list) else [raw]
    minimum, maximum = VALUE_COUNTS[operator]
    if not minimum <= len(items) <= maximum:
        raise invalid_field(field, _HOW_MANY_VALUES[maximum])
    if operator in LIST_OPERATORS:
        return tuple(_scalar(item, field) for item in items)
    if operator == "regex":
        return (require_text(parse_regex(items[0], field), field),)
    if operator in TIME_OPERATORS:
        return (_time(items[0], field),)
    return tuple(_number(item, field) for item in items)


def _scalar(item: object, field: str) -> Value:
    if isinstance(item, bool):
        return item
    if isinstance(item, int | float):
        return _number(item, field)
    if not isinstance(item, str) or len(item) > MAX_TEXT_LENGTH:
        raise invalid_field(
            field, f"Use texts (at most {MAX_TEXT_LENGTH} characters), numbers or booleans."
        )
    return require_text(item, field)


def _number(item: object, field: str) -> Decimal:
    number = parse_number(item)
    if number is None:
        raise invalid_field(field, "Use a number within the range of doubles.")
    return number


def _time(item: object, field: str) -> date:
    text = str(item).strip()
    try:
        if re.fullmatch(EPOCH_TEXT, text):
            number = float(text)
            seconds = number if number < EPOCH_SECONDS_BELOW else number / 1_000
            time: date = datetime.fromtimestamp(seconds, timezone.utc)
        else:
            time = date_or_instant(text)
        if not 1970 <= time.year <= 2200:
            raise ValueError
    except ValueError as error:
        raise invalid_field(
            field,
            "Use a date or an instant in ISO form, or seconds or milliseconds since 1970.",
        ) from error
    return time


def _is_id(value: Value) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value() and 0 < value < 2**31
