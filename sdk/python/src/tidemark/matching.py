"""Whether a property passes a test of a flag's condition, exactly as the server compares it."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

_NEGATIONS = frozenset({"is_not", "not_icontains", "is_not_set"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_NUMBER_LENGTH = 64
_MAX_VALUE_CHARACTERS = 8 * 1024
"""A longer text counts as a missing property."""
_SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds since 1970, others milliseconds."""
# Before Python 3.11 fewer forms of ISO 8601 can be read than the server reads.
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{3}(?:\d{3})?)?)?(?:[+-]\d\d:\d\d)?)?"
)
_UPPER_TO_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "is_date_before": operator.lt,
    "is_date_after": operator.gt,
}


class Unsure(Exception):
    """This process cannot tell what the server would say."""


def passes(name_of_operator: str, expected: Any, value: Any) -> bool:
    """Return whether a property's value passes a test.

    Args:
        name_of_operator: as the protocol of local evaluation names it.
        expected: what the test compares with; for ``exact`` and ``is_not`` a list of texts.
        value: of the property, as JSON has it.

    Raises:
        Unsure: the operator is unknown, or the time is in a form that only the server reads.
    """
    is_positive = name_of_operator not in _NEGATIONS
    text = text_of(value)
    if len(text) > _MAX_VALUE_CHARACTERS:
        return not is_positive
    if name_of_operator in {"is_set", "is_not_set"}:
        return is_positive
    if name_of_operator in {"exact", "is_not"}:
        return (text.lower() in {one.lower() for one in expected}) is is_positive
    if name_of_operator in {"icontains", "not_icontains"}:
        return (_folded(text_of(expected)) in _folded(text)) is is_positive
    holds = _COMPARISONS.get(name_of_operator)
    if holds is None:
        raise Unsure(f"The operator {name_of_operator} is unknown.")
    read: Callable[[Any], Any] = time_of if "date" in name_of_operator else number_of
    found, limit = read(value), read(expected)
    return found is not None and limit is not None and holds(found, limit)


def text_of(value: object) -> str:
    """Return the text of a JSON value, as values are compared."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def number_of(value: object) -> float | None:
    """Return the number of a JSON number or of a text that is one; None: it is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and (len(value) > _MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(value)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def time_of(value: object) -> datetime | None:
    """Return the instant of an ISO time or of a number since 1970; None: it is neither.

    Raises:
        Unsure: it is a text in another form, which the server may be able to read.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        if not isinstance(value, str):
            seconds = value if abs(value) < _SECONDS_BELOW else value / 1000
            return datetime.fromtimestamp(seconds, timezone.utc)
        text = value.strip()
        if text[-1:] == "Z":
            text = text[:-1] + "+00:00"
        if not _TIME.fullmatch(text):
            if text[:1].isdigit():
                raise Unsure(f"The time {value!r} is in another form.")
            return None
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _folded(text: str) -> str:
    return text.translate(_UPPER_TO_LOWER)
