"""A kind of watch: what it asks of an insight, over which spans, and how it reads the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from shared.alerts.definition import AlertDefinition

MAX_VALUE = 1e290
"""What lies beyond is read as this: with it the bounds of every condition are numbers."""
Answer = Mapping[str, Any]
Body = dict[str, Any]
"""A query of an insight, without its range."""


class Unit(Enum):
    """What a measure is, which decides what its sample is."""

    COUNT = "count"
    """A number or a sum: its sample is the number itself."""
    SHARE = "share"
    """A share of 1: its sample is what it is a share of."""
    AVERAGE = "average"
    """Its sample is how many it is an average of."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A value that was read, and of how many events or persons it is."""

    value: float
    sample: float
    row: str | None = None
    """Of rows: the value of the property."""


Readings = Sequence[Reading | None]
"""One, or one for each row; None: the answer cannot tell."""


@dataclass(frozen=True, slots=True)
class Span:
    """The span of time of an evaluation, in minutes."""

    window: int
    step: int = 0
    """It ends with the last whole quarter hour, hour, day or week; 0: at the evaluation itself."""
    shift: int = 0
    """How far back the previous one lies; 0: its own length."""


def own_window(definition: AlertDefinition) -> Span:
    """Return the window of the alert, up to the evaluation itself."""
    return Span(definition.window_minutes)


def _no_problems(_definition: AlertDefinition) -> dict[str, str]:
    return {}


def _as_it_is(_definition: AlertDefinition, query: Body) -> Body:
    return query


def _all_rows(_definition: AlertDefinition) -> int | None:
    return None


def _whole(_definition: AlertDefinition, _answer: Answer) -> bool:
    return False


def _never(_definition: AlertDefinition) -> bool:
    return False


def always(_definition: AlertDefinition) -> bool:
    """Say that a kind of watch is about rows, whatever the definition."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchKind:
    """What an alert can watch of an insight, or of the project."""

    kind: str
    """Its name in ``Watch.kind``."""
    measures: Mapping[str, Unit]
    read: Callable[[AlertDefinition, Answer], Readings]
    """Returns the values in an answer; of rows, those that it has."""
    check: Callable[[AlertDefinition], dict[str, str]] = _no_problems
    """Returns what is wrong with a definition: a message for each field."""
    ask: Callable[[AlertDefinition, Body], Body] = _as_it_is
    """Changes the query of the insight, which has no range and no interval, to the question."""
    question: str | None = None
    """The kind of the question; None: that of the insight."""
    span: Callable[[AlertDefinition], Span] = own_window
    has_rows: Callable[[AlertDefinition], bool] = _never
    """Whether there are rows, of which one or any is watched."""
    shown_rows: Callable[[AlertDefinition], int | None] = _all_rows
    """How many of the rows in an answer the insight shows; None: all."""
    has_more: Callable[[AlertDefinition, Answer], bool] = _whole
    """Whether a row that an answer lacks may have another value than 0."""


def number(value: float | None, row: str | None = None) -> Reading | None:
    """Return the reading of a number, which is its own sample; None: there is no value."""
    found = None if value is None else _limited(value)
    return None if found is None else Reading(found, abs(found), row)


def average(value: float | None, sample: float) -> Reading | None:
    """Return the reading of an average or a share; None: there is no value."""
    return None if value is None else Reading(_limited(value), sample)


def _limited(value: float) -> float:
    return max(-MAX_VALUE, min(float(value), MAX_VALUE))


def share(part: float, whole: float) -> Reading | None:
    """Return the reading of a part of a whole; None: the whole is 0."""
    return Reading(part / whole, whole) if whole else None


def named(found: Sequence[float | None], row: str | None, *, has_more: bool) -> Reading | None:
    """Return the reading of a row by its values, of which there is one or none.

    None: the value is not known, as the row may be among those that the answer lacks.
    """
    if found:
        return number(found[0], row)
    return None if has_more else number(0, row)
