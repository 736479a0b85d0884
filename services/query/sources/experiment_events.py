"""The events that the metrics of an experiment count, read once for all metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    Text,
    case,
    cast,
    literal,
    null,
    or_,
    select,
)

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.parsing.experiments import ExperimentMetric, ExperimentPlan
from services.query.sources.conditions import in_range, matches_selector
from services.query.sources.copy_columns import Array, fetch_packed, microseconds
from services.query.sources.event_columns import (
    PERSON,
    event_number,
    event_number_text,
    has_plain_number,
)
from services.query.sources.exact_numbers import (
    MAX_DIGITS,
    Decimals,
    ShortNumbers,
    decimals_of_texts,
    short_numbers,
)
from services.query.sources.postgres import is_in_bits
from shared.errors import Unprocessable
from shared.models import Event

_MAX_LONG_NUMBERS = 500_000
"""Numbers of so many digits are whole numbers of Python, each of them read as a row."""


@dataclass(frozen=True, slots=True)
class Added:
    """What each event adds to a metric: the sum of all columns."""

    short: Sequence[Decimals]
    """In 64 bits."""
    long_at: Array = field(default_factory=lambda: np.empty(0, np.int64))
    """Indexes of events that add long numbers."""
    long: Decimals = field(default_factory=lambda: decimals_of_texts(()))


@dataclass(frozen=True, slots=True)
class MetricEvents:
    """Events of exposed persons, in no order."""

    selectors: Sequence[EventSelector]
    person: Array
    at: Array
    """Microseconds since 1970."""
    selected: Array
    """A bit for each of the selectors."""
    numbers: dict[str, ShortNumbers]
    """By property; 0: the event has none, or a long one."""
    long_row: Array
    """-1; of a row that only has the long numbers of an event that another row counts, where in
    ``long_numbers`` they are."""
    long_numbers: dict[str, list[str]]
    """By property, in digits: few, so that they do not make all others as long."""

    @property
    def has_long(self) -> Array:
        """Return which rows have long numbers."""
        return np.asarray(self.long_row >= 0)

    def of(self, rows: Array) -> MetricEvents:
        """Return some of the rows."""
        return replace(
            self,
            person=self.person[rows],
            at=self.at[rows],
            selected=self.selected[rows],
            numbers={name: one.of(rows) for name, one in self.numbers.items()},
            long_row=self.long_row[rows],
        )

    def added(self, selector: EventSelector, name: str | None) -> Added:
        """Return what each event adds: 1, or its number of a property; 0 if not selected."""
        is_selected = self.selected >> self.selectors.index(selector) & 1
        if name is None:
            return Added([Decimals(is_selected * ~self.has_long, 0)])
        short = [
            Decimals(one.whole * is_selected, one.scale) for one in self.numbers[name].by_scale()
        ]
        long_at = np.flatnonzero(self.has_long & (is_selected > 0))
        if not len(long_at):
            return Added(short)
        texts = self.long_numbers[name]
        return Added(
            short, long_at, decimals_of_texts([texts[row] for row in self.long_row[long_at]])
        )


def value_property(metric: ExperimentMetric) -> str | None:
    """Return the property whose numbers a metric adds up; None: it counts events."""
    return metric.value_property if metric.kind in {"sum", "mean", "ratio"} else None


def read_metric_events(context: QueryContext, plan: ExperimentPlan, persons: Array) -> MetricEvents:
    """Return the events of persons that any metric selects.

    Args:
        context: of the range with the history.
        plan: the metrics.
        persons: their numbers.

    Raises:
        Unprocessable: there are more events than one query may read, or too many with numbers of
            more digits than a double keeps.
    """
    selectors, names = _selectors(plan), _properties(plan)
    conditions = [matches_selector(context.query, one) for one in selectors]
    bits = [case((one, 1 << index), else_=0) for index, one in enumerate(conditions)]
    selected: ColumnElement[Any] = literal(0, Integer())
    for bit in bits:
        selected += bit
    statement = select(PERSON, Event.timestamp, selected).where(
        *in_range(plan.query.project_id, plan.with_history),
        or_(*conditions),
        is_in_bits(PERSON, _bits(persons)),
    )
    kinds = {"person": "integer", "at": "instant", "selected": "integer"}
    rows = fetch_packed(
        context.session,
        statement.add_columns(*map(_short_number, names)),
        kinds | {f"number_{index}": "float" for index in range(len(names))},
    )
    doubles = [rows[f"number_{index}"] for index in range(len(names))]
    long = [np.isnan(one) for one in doubles]
    numbers = [
        short_numbers(np.where(is_long, 0.0, one))
        for one, is_long in zip(doubles, long, strict=True)
    ]
    events = MetricEvents(
        selectors,
        rows["person"],
        rows["at"],
        rows["selected"].astype(np.int64),
        dict(zip(names, numbers, strict=True)),
        np.full(len(rows["person"]), -1),
        {},
    )
    return _with_long(context, statement, events) if any(one.any() for one in long) else events


def _bits(persons: Array) -> bytes:
    """Return a bit for each number of a person up to the largest: numbers are dense."""
    is_there = np.zeros(int(persons.max(initial=0)) + 1, bool)
    is_there[persons] = True
    return np.packbits(is_there, bitorder="little").tobytes()


def _selectors(plan: ExperimentPlan) -> list[EventSelector]:
    found: list[EventSelector] = []
    for metric in plan.metrics:
        for one in (metric.selector, metric.denominator):
            if one is not None and one not in found:
                found.append(one)
    return found


def _properties(plan: ExperimentPlan) -> list[str]:
    names = [
        name for one in plan.metrics for name in (value_property(one), one.denominator_property)
    ]
    return sorted({name for name in names if name is not None})


def _short_number(name: str) -> ColumnElement[Any]:
    """Return a number that a double keeps; NaN: it has too many digits; 0: there is none."""
    return case(
        (has_plain_number(name, MAX_DIGITS), cast(event_number_text(name), Float)),
        (event_number(name).is_not(None), literal(float("nan"), Float())),
        else_=literal(0.0, Float()),
    )


def _with_long(context: QueryContext, statement: Select[Any], events: MetricEvents) -> MetricEvents:
    """Return the events with a row more for each that has a number of many digits."""
    names = list(events.numbers)
    texts = [
        case((has_plain_number(name, MAX_DIGITS), null()), else_=event_number(name))
        for name in names
    ]
    wanted = statement.add_columns(*(cast(one, Text) for one in texts)).where(
        or_(*(one.is_not(None) for one in texts))
    )
    rows = context.session.execute(wanted.limit(_MAX_LONG_NUMBERS + 1)).all()
    if len(rows) > _MAX_LONG_NUMBERS:
        raise Unprocessable(
            f"More than {_MAX_LONG_NUMBERS:,} events of the metrics have numbers of more than "
            f"{MAX_DIGITS} digits. Round them before they are sent, or narrow the metrics by "
            "filters."
        )

    def and_then(column: Array, values: Sequence[int]) -> Array:
        return np.concatenate((column, np.array(values, column.dtype)))

    return MetricEvents(
        events.selectors,
        and_then(events.person, [row[0] for row in rows]),
        and_then(events.at, [microseconds(row[1]) for row in rows]),
        and_then(events.selected, [row[2] for row in rows]),
        {name: one.followed_by_zeros(len(rows)) for name, one in events.numbers.items()},
        and_then(events.long_row, range(len(rows))),
        {name: [row[3 + index] or "0" for row in rows] for index, name in enumerate(names)},
    )
