"""Whether a property passes a filter, as in SDKs that evaluate flags locally.

Texts are compared without regard to case. A property that is missing fails every positive operator
and passes its negation. Values that cannot be compared as the operator does, such as a word with
``gt``, fail it.
"""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from shared.flags.definition import Filter

_NEGATIONS = ("is_not", "not_contains", "is_not_set")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_NUMBER_LENGTH = 64
_MAX_VALUE_CHARACTERS = 8 * 1024
_SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds since 1970, others milliseconds."""
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_UPPER_TO_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Compared(NamedTuple):
    """A value of a property, as it was sent and as texts are compared."""

    value: Any
    lowered: str
    """Its text without upper case."""
    folded: str
    """Its text without upper case of ASCII."""


class ComparedProperties:
    """A person's properties as filters compare them.

    Each is made a text once, however many filters compare it, and values that are stored of no
    person because they are too large count as missing: whoever has a public key may send them.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._compared: dict[str, Compared | None] = {}

    def get(self, name: str) -> Compared | None:
        """Return a property; None: it is missing."""
        if name not in self._compared:
            self._compared[name] = self._compare(name)
        return self._compared[name]

    def _compare(self, name: str) -> Compared | None:
        if name not in self._values:
            return None
        value = self._values[name]
        text = text_of(value)
        is_kept = len(text) <= _MAX_VALUE_CHARACTERS
        return Compared(value, text.lower(), _folded(text)) if is_kept else None


def prepare(test: Filter, name: str | None = None) -> Callable[[ComparedProperties], bool]:
    """Return a function that says whether properties pass a filter of a person or a group.

    What a comparison needs of the filter is made here, once for all persons.

    Args:
        test: the filter.
        name: of the property; None: as the filter names it.
    """
    name = test.property if name is None else name
    if_missing, compare = test.operator in _NEGATIONS, _comparison(test)

    def passes(properties: ComparedProperties) -> bool:
        found = properties.get(name)
        return if_missing if found is None else compare(found)

    return passes


def _comparison(test: Filter) -> Callable[[Compared], bool]:
    is_positive = test.operator not in _NEGATIONS
    match test.operator:
        case "is_set" | "is_not_set":
            return lambda _: is_positive
        case "is" | "is_not":
            known = frozenset(text_of(one).lower() for one in test.value)
            return lambda found: (found.lowered in known) is is_positive
        case "contains" | "not_contains":
            part = _folded(test.value[0])
            return lambda found: (part in found.folded) is is_positive
        case "before" | "after":
            return _comparison_of_times(test)
        case _:
            return _comparison_of_numbers(test)


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


def _comparison_of_numbers(test: Filter) -> Callable[[Compared], bool]:
    limits = [number_of(one) for one in test.value]
    if not limits or None in limits:
        return _never
    first, last = limits[0] or 0.0, limits[-1] or 0.0
    holds = _HOLDS.get(test.operator) or _between(last)

    def passes(found: Compared) -> bool:
        number = number_of(found.value)
        return number is not None and holds(number, first)

    return passes


def _comparison_of_times(test: Filter) -> Callable[[Compared], bool]:
    limit = time_of(test.value[0])
    if limit is None:
        return _never
    holds = operator.lt if test.operator == "before" else operator.gt

    def passes(found: Compared) -> bool:
        time = time_of(found.value)
        return time is not None and holds(time, limit)

    return passes


def _never(_: Compared) -> bool:
    return False


def _between(last: float) -> Callable[[float, float], bool]:
    return lambda number, first: first <= number <= last
