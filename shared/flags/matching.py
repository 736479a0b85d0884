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
from typing import Any, NamedTuple

from shared.flags.definition import Filter

_NEGATIONS = ("is_not", "not_contains", "is_not_set")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_NUMBER_LENGTH = 64
_MAX_VALUE_CHARACTERS = 8 * 1024
_SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds since 1970, others milliseconds."""
_UPPER_TO_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class ComparedProperties:
    """A person's properties as filters compare them.

    Each is made a text once, however many filters compare it, and values that are stored of no
    person because they are too large count as missing: whoever has a public key may send them.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._texts: dict[str, _Texts | None] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._values and self._texts_of(name) is not None

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def lowered(self, name: str) -> str:
        """Return the text of a property that is there, without upper case."""
        return self._found(name).lowered

    def folded(self, name: str) -> str:
        """Return the text of a property that is there, without upper case of ASCII."""
        return self._found(name).folded

    def _found(self, name: str) -> _Texts:
        texts = self._texts_of(name)
        if texts is None:
            raise KeyError(name)
        return texts

    def _texts_of(self, name: str) -> _Texts | None:
        if name not in self._texts:
            text = text_of(self._values[name])
            is_kept = len(text) <= _MAX_VALUE_CHARACTERS
            self._texts[name] = _Texts(text.lower(), _folded(text)) if is_kept else None
        return self._texts[name]


class _Texts(NamedTuple):
    lowered: str
    folded: str


def matches(test: Filter, properties: ComparedProperties) -> bool:
    """Return whether properties pass a filter of scope ``person``."""
    if test.property not in properties:
        return test.operator in _NEGATIONS
    match test.operator:
        case "is_set" | "is_not_set":
            return test.operator == "is_set"
        case "is" | "is_not":
            known = {text_of(one).lower() for one in test.value}
            return (properties.lowered(test.property) in known) == (test.operator == "is")
        case "contains" | "not_contains":
            is_part = _folded(test.value[0]) in properties.folded(test.property)
            return is_part == (test.operator == "contains")
        case "before" | "after":
            return _compare_times(test, properties[test.property])
        case _:
            return _compare_numbers(test, properties[test.property])


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
