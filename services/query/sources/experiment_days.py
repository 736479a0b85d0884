"""What each person's events of a day add to the metrics of an experiment.

A person's row of a day has the value of each metric at the end of the day (at most the cap, or 1
for a conversion) and before it. What its square grows by from day to day can be added up over
persons, so that the sums of any day are cumulated without reading an event twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce

import numpy as np

from services.query.parsing.experiments import COVARIATE_TIME, ExperimentMetric, ExperimentPlan
from services.query.sources.copy_columns import Array, microseconds
from services.query.sources.exact_numbers import Decimals, sums_by_row
from services.query.sources.experiment_events import Added, MetricEvents, value_property
from services.query.sources.experiment_exposures import Exposed

_MICROSECOND = timedelta(microseconds=1)
_AT_ONCE = 500_000
"""Events whose persons are added up together: if a metric needs Python's integers, 100 MB."""
_LONG_AT_ONCE = 20_000
"""Fewer, of persons with long numbers: these have up to 300 digits, so a square takes 300 bytes."""


@dataclass(frozen=True, slots=True)
class Values:
    """A value of persons at the end of each of their days, and before it."""

    after: Array
    before: Array
    scale: int
    """They are divided by ten to the power of it."""


@dataclass(frozen=True, slots=True)
class PersonDays:
    """A row for each day of a person, by person and day."""

    person: Array
    """Indexes of the exposed persons."""
    day: Array
    y: list[Values]
    """By metric."""
    x: list[Values | None]
    """The denominators of a ratio, or the covariate; None: always 0."""


def day_of(starts: Sequence[datetime], at: Array) -> Array:
    """Return the index of the local day of instants, given in microseconds since 1970."""
    return np.searchsorted([microseconds(start) for start in starts[1:]], at, side="right")


def is_complete(plan: ExperimentPlan, metric: ExperimentMetric, first_at: Array) -> Array:
    """Return whether persons count in a metric: in retention, once its time has ended."""
    if metric.kind != "retention":
        return np.ones(len(first_at), bool)
    return first_at <= microseconds(plan.until - timedelta(days=metric.to_day))


def person_days(
    plan: ExperimentPlan,
    exposed: Exposed,
    events: MetricEvents,
    starts: Sequence[datetime],
    *,
    of_everybody: bool = False,
) -> Iterator[PersonDays]:
    """Yield the values of persons by day; what came before the exposure is of its day.

    Each person is in one part. Persons with long numbers are apart from others, and few at once:
    one number of 300 digits makes only the numbers of its part as long.

    Args:
        plan: the experiment.
        exposed: who takes part.
        events: what the metrics select; those of others are left out.
        starts: of the experiment's days.
        of_everybody: whether persons without events have a row, too: of the day of their exposure.
    """
    index = np.searchsorted(exposed.person, events.person).clip(max=max(len(exposed.person) - 1, 0))
    is_of_exposed = np.zeros(len(index), bool)
    if len(exposed.person):
        is_of_exposed = (exposed.person[index] == events.person) & (
            events.at >= exposed.first_at[index] - COVARIATE_TIME // _MICROSECOND
        )
    chosen = np.flatnonzero(is_of_exposed)
    index = index[chosen]
    is_long = np.zeros(len(exposed.person), bool)
    is_long[index[events.has_long[chosen]]] = True
    kinds = [(~is_long, _AT_ONCE)]
    if is_long.any():
        kinds.append((is_long, _LONG_AT_ONCE))
    for of_persons, at_once in kinds:
        for persons, at in _parts(np.flatnonzero(of_persons), index, at_once):
            part = events.of(chosen[at])
            everybody = persons if of_everybody else persons[:0]
            yield _of_part(plan, part, _Rows.of(exposed, index[at], part.at, starts, everybody))


def _parts(persons: Array, index: Array, at_once: int) -> Iterator[tuple[Array, Array]]:
    """Yield persons and the indexes of their events, about so many events at once.

    Args:
        persons: indexes of persons, ascending.
        index: of the person of each event, also of other persons.
        at_once: events of a part; it is larger where a single person has more.
    """
    events = np.bincount(index, minlength=int(persons.max(initial=0)) + 1)
    part_of_person = np.full(len(events), -1)
    part_of_person[persons] = np.cumsum(events[persons]) // at_once
    part = part_of_person[index]
    order = np.argsort(part, kind="stable")
    numbers = _different(part_of_person[persons])[0] if len(persons) else [0]
    for number in numbers:
        begin, end = np.searchsorted(part, [number, number + 1], sorter=order)
        yield persons[part_of_person[persons] == number], order[begin:end]


def _different(ascending: Array) -> tuple[Array, Array]:
    """Return the different ones of ascending whole numbers, 0 or larger, and where each begins."""
    begins = np.flatnonzero(np.diff(ascending, prepend=-1))
    return ascending[begins], begins


def _of_part(plan: ExperimentPlan, events: MetricEvents, rows: _Rows) -> PersonDays:
    days = PersonDays(rows.person, rows.day, [], [])
    for metric in plan.metrics:
        added = events.added(metric.selector, value_property(metric))
        days.y.append(rows.values(added, _is_in_time(plan, metric, rows), metric))
        days.x.append(None)
        if metric.denominator is not None:
            below = events.added(metric.denominator, metric.denominator_property)
            days.x[-1] = rows.values(below, rows.since >= 0, None)
        elif metric.is_adjusted and (rows.since < 0).any():
            days.x[-1] = rows.values(added, rows.since < 0, metric)
    return days


def _is_in_time(plan: ExperimentPlan, metric: ExperimentMetric, rows: _Rows) -> Array:
    if metric.kind != "retention":
        return rows.since >= 0
    begin, end = (timedelta(days=day) // _MICROSECOND for day in (metric.from_day, metric.to_day))
    is_in_time = (rows.since >= begin) & (rows.since < end)
    return np.asarray(is_in_time & is_complete(plan, metric, rows.first_at))


@dataclass(frozen=True, slots=True)
class _Rows:
    """Which events are of which day of a person."""

    person: Array
    day: Array
    first_at: Array
    """Of the person of each event."""
    since: Array
    """Microseconds from the exposure to each event."""
    order: Array
    """The events by person and day; those that are not there add nothing."""
    begins: Array
    """Where a row begins in that order."""
    first_row: Array
    """Of each row, the first one of its person."""

    @classmethod
    def of(
        cls,
        exposed: Exposed,
        index: Array,
        at: Array,
        starts: Sequence[datetime],
        everybody: Array,
    ) -> _Rows:
        """Return the rows of events, and of the exposures of persons.

        Args:
            exposed: who takes part.
            index: of the person of each event.
            at: when each event happened.
            starts: of the experiment's days.
            everybody: indexes of persons who have a row in any case.
        """
        first_at = exposed.first_at[index]
        keys = index * len(starts) + day_of(starts, np.maximum(at, first_at))
        if len(everybody):
            first_day = day_of(starts, exposed.first_at[everybody])
            keys = np.append(keys, everybody * len(starts) + first_day)
        order = np.argsort(keys)
        of_row, begins = _different(keys[order])
        person = of_row // len(starts)
        is_first = np.diff(person, prepend=-1) != 0
        first_row = np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
        return cls(person, of_row % len(starts), first_at, at - first_at, order, begins, first_row)

    def values(self, added: Added, counts: Array, metric: ExperimentMetric | None) -> Values:
        """Return the running totals of what events add, if they count, as values of a metric.

        Args:
            added: by each event.
            counts: whether the event counts.
            metric: of which they are the values; None: the totals themselves.
        """
        sums, cap = self._sums(added, counts), None
        if metric is not None and metric.is_share:
            cap = 1
        elif metric is not None and metric.cap is not None:
            limit = Decimal(repr(metric.cap))
            sums = sums.at_scale(max(sums.scale, -int(limit.as_tuple().exponent)))
            cap = int(limit.scaleb(sums.scale))
        by_row = sums.whole
        # Totals over all rows may overflow, but what is left of them for a person is exact.
        totals = np.cumsum(by_row)
        before = (totals - by_row) - (totals - by_row)[self.first_row]
        after = before + by_row
        if cap is not None:
            # Sums that fit into 64 bits are below 2^62.
            cap = cap if after.dtype == object else min(cap, 2**62)
            after, before = np.minimum(after, cap), np.minimum(before, cap)
        return Values(after, before, sums.scale)

    def _sums(self, added: Added, counts: Array) -> Decimals:
        """Return what the events of each row that count add together."""
        columns = [
            Decimals(sums_by_row(self._in_order(one.whole * counts), self.begins), one.scale)
            for one in added.short
        ]
        if len(added.long_at):
            sums = np.zeros(len(self.begins), object)
            row = np.searchsorted(self.begins, self._position()[added.long_at], side="right") - 1
            np.add.at(sums, row, added.long.whole * counts[added.long_at])
            columns.append(Decimals(sums, added.long.scale))
        return reduce(Decimals.plus, columns)

    def _in_order(self, values: Array) -> Array:
        nobody = np.zeros(len(self.order) - len(values), values.dtype)
        return np.concatenate((values, nobody))[self.order]

    def _position(self) -> Array:
        """Return where in the order each event is."""
        position = np.empty(len(self.order), np.int64)
        position[self.order] = np.arange(len(self.order))
        return position
