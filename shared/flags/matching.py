"""Whether a property passes a filter, as in SDKs that evaluate flags locally.

Texts are compared without regard to case. A property that is missing fails every positive operator
and passes its negation. Values that cannot be compared as the operator does, such as a word with
``gt``, fail it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from shared.flags.definition import Filter

_NEGATIONS = ("is_not", "not_contains", "is_not_set")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_NUMBER_LENGTH = 64
_SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds since 1970, others milliseconds."""
_UPPER_TO_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def matches(test: Filter, properties: Mapping[str, Any]) -> bool:
    """Return whether properties pass a filter of scope ``person``."""
    if test.property not in properties:
        return test.operator in _NEGATIONS
    actual = properties[test.property]
    match test.operator:
        case "is_set" | "is_not_set":
            return test.operator == "is_set"
        case "is" | "is_not":
            is_equal = text_of(actual).lower() in {text_of(one).lower() for one in test.value}
            return is_equal == (test.operator == "is")
        case "contains" | "not_contains":
            is_part = _folded(test.value[0]) in _folded(actual)
            return is_part == (test.operator == "contains")
        case "before" | "after":
            return _compare_times(test, actual)
        case _:
            return _compare_numbers(test, actual)


def text_of(value: object) -> str:
    """Return the text of a JSON value, as values are compared."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def time_of(value: object) -> datetime | None:
    """Return the instant of an ISO time or of a number since 1970; None: it is neither."""
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            seconds = value if abs(value) < _SECONDS_BELOW else value / 1000
            return datetime.fromtimestamp(seconds, timezone.utc)
        if not isinstance(value, str):
            return None
        found = datetime.fromisoformat(value.strip())
    except (ValueError, OverflowError, OSError):
        return None
    # A time without an offset is one in UTC.
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def number_of(value: object) -> float | None:
    """Return the number of a JSON number or of a text that is one; None: it is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and (len(value) > _MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(value)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _folded(value: object) -> str:
    return text_of(value).translate(_UPPER_TO_LOWER)


def _compare_numbers(test: Filter, actual: object) -> bool:
    number = number_of(actual)
    limits = [number_of(one) for one in test.value]
    if number is None or None in limits:
        return False
    first, last = limits[0] or 0.0, limits[-1] or 0.0
    match test.operator:
        case "gt":
            return number > first
        case "gte":
            return number >= first
        case "lt":
            return number < first
        case "lte":
            return number <= first
        case _:
            return first <= number <= last


def _compare_times(test: Filter, actual: object) -> bool:
    time, limit = time_of(actual), time_of(test.value[0])
    if time is None or limit is None:
        return False
    return time < limit if test.operator == "before" else time > limit
