"""What each person's events of a day add to the metrics of an experiment.

A person's row of a day has the value of each metric at the end of the day (at most the cap, or 1
for a conversion) and before it. What its square grows by from day to day can be added up over
persons, so that the sums of any day are cumulated without reading an event twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from services.query.parsing.experiments import COVARIATE_TIME, ExperimentMetric, ExperimentPlan
from services.query.sources.copy_columns import Array, microseconds
from services.query.sources.exact_numbers import Decimals, sums_by_row
from services.query.sources.experiment_events import MetricEvents, value_property
from services.query.sources.experiment_exposures import Exposed

_MICROSECOND = timedelta(microseconds=1)


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
) -> PersonDays:
    """Return the values of persons by day; what came before the exposure is of its day.

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
    rows = _Rows.of(exposed, index[chosen], events.at[chosen], starts, of_everybody=of_everybody)
    days = PersonDays(rows.person, rows.day, [], [])
    for metric in plan.metrics:
        added = _chosen(events.added(metric.selector, value_property(metric)), chosen)
        days.y.append(rows.values(added, _is_in_time(plan, metric, rows), metric))
        days.x.append(None)
        if metric.denominator is not None:
            below = _chosen(events.added(metric.denominator, metric.denominator_property), chosen)
            days.x[-1] = rows.values(below, rows.since >= 0, None)
        elif metric.is_adjusted and (rows.since < 0).any():
            days.x[-1] = rows.values(added, rows.since < 0, metric)
    return days


def _chosen(numbers: Decimals, chosen: Array) -> Decimals:
    return Decimals(numbers.whole[chosen], numbers.scale)


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
        *,
        of_everybody: bool,
    ) -> _Rows:
        """Return the rows of events, given the index of their person and their time."""
        first_at = exposed.first_at[index]
        keys = index * len(starts) + day_of(starts, np.maximum(at, first_at))
        if of_everybody:
            everybody = np.arange(len(exposed.person))
            keys = np.append(keys, everybody * len(starts) + day_of(starts, exposed.first_at))
        order = np.argsort(keys)
        of_row, begins = np.unique(keys[order], return_index=True)
        person = of_row // len(starts)
        is_first = np.diff(person, prepend=-1) != 0
        first_row = np.flatnonzero(is_first)[np.cumsum(is_first) - 1]
        return cls(person, of_row % len(starts), first_at, at - first_at, order, begins, first_row)

    def values(self, added: Decimals, counts: Array, metric: ExperimentMetric | None) -> Values:
        """Return the running totals of what events add, if they count, as values of a metric.

        Args:
            added: by each event.
            counts: whether the event counts.
            metric: of which they are the values; None: the totals themselves.
        """
        cap, scale = None, added.scale
        if metric is not None and metric.is_share:
            cap = 1
        elif metric is not None and metric.cap is not None:
            limit = Decimal(repr(metric.cap))
            scale = max(scale, -int(limit.as_tuple().exponent))
            cap = int(limit.scaleb(scale))
        whole = added.at_scale(scale).whole * counts
        nobody = np.zeros(len(self.order) - len(whole), whole.dtype)
        by_row = sums_by_row(np.concatenate((whole, nobody))[self.order], self.begins)
        # Totals over all rows may overflow, but what is left of them for a person is exact.
        totals = np.cumsum(by_row)
        before = (totals - by_row) - (totals - by_row)[self.first_row]
        after = before + by_row
        if cap is not None:
            # Sums that fit into 64 bits are below 2^62.
            cap = cap if after.dtype == object else min(cap, 2**62)
            after, before = np.minimum(after, cap), np.minimum(before, cap)
        return Values(after, before, scale)
