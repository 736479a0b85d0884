"""Sums over the persons of each variant of an experiment, by local day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from sqlalchemy import text

from services.query.execution.context import QueryContext
from services.query.parsing.events import ANY_SELECTOR, EventSelector
from services.query.parsing.experiments import ExperimentPlan
from services.query.sources.copy_columns import Array
from services.query.sources.exact_numbers import products, sums_by_group, sums_of_products
from services.query.sources.experiment_days import (
    PersonDays,
    Values,
    day_of,
    is_complete,
    person_days,
)
from services.query.sources.experiment_events import read_metric_events
from services.query.sources.experiment_exposures import (
    EveryExposure,
    Exposed,
    Exposures,
    every_exposure,
    everybody,
    exposures,
    frequent_values,
    read_exposed,
)
from shared.experiments.statistics.moments import Moments, rounded

_ALL_AT_ONCE = text("SET LOCAL work_mem = '64MB'")
"""A million persons fit into it; with the 4 MB of most installations they are sorted on disk."""
_AS_USUAL = text("SET LOCAL work_mem = DEFAULT")
MAX_SEGMENTS = 10
"""Values of a property by which results are divided."""
_NOTHING = Moments(0, 0, 0)


@dataclass(frozen=True, slots=True)
class VariantDays:
    """One variant at the end of each local day of the experiment."""

    persons: list[int]
    moments: list[list[Moments]] = field(default_factory=list)
    """By metric and day."""


@dataclass(frozen=True, slots=True)
class ExperimentSums:
    """What was read of an experiment."""

    variants: list[VariantDays]
    """In the order of the plan."""
    excluded: int
    """Persons exposed to more than one variant."""


def read_experiment(context: QueryContext, plan: ExperimentPlan) -> ExperimentSums:
    """Return the sums of all variants and metrics at the end of each local day.

    Args:
        context: of the range with the history; its starts are those of the experiment's days.
        plan: the experiment.
    """
    every = None if plan.query.is_filtered else every_exposure(plan)
    return _read(context, plan, exposures(plan), 1, every)[0]


def read_segments(
    context: QueryContext, plan: ExperimentPlan, name: str
) -> list[tuple[str | None, ExperimentSums]]:
    """Return the sums by value of a property that persons had in their first exposure.

    Args:
        context: as ``read_experiment`` takes it.
        plan: the experiment.
        name: the property.

    Returns:
        The values that most persons had, at most ``MAX_SEGMENTS``; None: without the property.
    """
    values = list(context.session.scalars(frequent_values(plan, name, MAX_SEGMENTS)))
    found = _read(context, plan, exposures(plan, name, values), len(values))
    return list(zip(values, found, strict=True))


def read_baseline(
    context: QueryContext, plan: ExperimentPlan, entry: EventSelector, limit: int
) -> list[Moments]:
    """Return the sums of each metric over persons who are there, as if all had been exposed.

    Args:
        context: as ``read_experiment`` takes it.
        plan: the metrics and the range; its only variant is everybody.
        entry: the first such event of a person stands for the exposure.
        limit: of so many persons, the same ones each time.
    """
    [sums] = _read(context, plan, everybody(plan.query, entry, limit), 1)
    return [days[-1] for days in sums.variants[0].moments]


def _read(
    context: QueryContext,
    plan: ExperimentPlan,
    who: Exposures,
    segments: int,
    every: EveryExposure | None = None,
) -> list[ExperimentSums]:
    context.note_raw_rows()
    exposed, parts = _days_of(context, plan, who, every)
    sums = _GroupSums(plan, exposed, context, segments)
    for days in parts:
        sums.add(days)
    return [
        ExperimentSums(variants, int((exposed.excluded == segment).sum()))
        for segment, variants in enumerate(sums.by_segment())
    ]


def _days_of(
    context: QueryContext,
    plan: ExperimentPlan,
    who: Exposures,
    every: EveryExposure | None = None,
    *,
    of_everybody: bool = False,
) -> tuple[Exposed, Iterator[PersonDays]]:
    """Return who is exposed, and what they did by day, each person in one part."""
    context.session.execute(_ALL_AT_ONCE)
    exposed = read_exposed(context.session, who, every)
    events = read_metric_events(context, plan, exposed.person)
    context.session.execute(_AS_USUAL)
    return exposed, person_days(plan, exposed, events, context.starts, of_everybody=of_everybody)


class _GroupSums:
    """The sums over persons by segment, variant and day."""

    def __init__(
        self, plan: ExperimentPlan, exposed: Exposed, context: QueryContext, segments: int
    ) -> None:
        self._days, self._variants = len(context.starts), len(plan.variants)
        self._count = self._days * self._variants * segments
        self._first_group = (exposed.segment * self._variants + exposed.variant) * self._days
        of_persons = self._first_group + day_of(context.starts, exposed.first_at)
        self._persons = self._counted(of_persons)
        self._complete = [
            self._counted(of_persons[is_complete(plan, metric, exposed.first_at)])
            for metric in plan.metrics
        ]
        self._sums = [[_Growth(self._count) for _ in range(5)] for _ in plan.metrics]

    def add(self, days: PersonDays) -> None:
        """Add what the values of persons, their squares and products grow by."""
        groups = self._first_group[days.person] + days.day
        for (sum_y, sum_yy, sum_x, sum_xx, sum_xy), y, x in zip(
            self._sums, days.y, days.x, strict=True
        ):
            sum_y.add(y, groups)
            sum_yy.add_products(y, y, groups)
            if x is not None:
                sum_x.add(x, groups)
                sum_xx.add_products(x, x, groups)
                sum_xy.add_products(x, y, groups)

    def by_segment(self) -> list[list[VariantDays]]:
        """Return the sums of the variants at the end of each day, by segment."""
        moments = [
            [Moments(*one) for one in zip(n, *(each.sums() for each in sums), strict=True)]
            for n, sums in zip(self._complete, self._sums, strict=True)
        ]
        found = []
        for group in range(self._count // self._days):
            here = slice(group * self._days, (group + 1) * self._days)
            persons = np.cumsum(self._persons[here]).tolist()
            found.append(VariantDays(persons, [_cumulated(one[here]) for one in moments]))
        return [found[at : at + self._variants] for at in range(0, len(found), self._variants)]

    def _counted(self, groups: Array) -> list[int]:
        counted: list[int] = np.bincount(groups, minlength=self._count).tolist()
        return counted


class _Growth:
    """What the sum over persons of one value, or of a product of two, grows by, by group."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._by_scale: dict[int, Array] = {}

    def add(self, one: Values, groups: Array) -> None:
        """Add the values of further persons."""
        self._add(sums_by_group(one.after - one.before, groups, self._count), one.scale)

    def add_products(self, one: Values, two: Values, groups: Array) -> None:
        """Add the products of further persons' values."""
        after = sums_of_products(one.after, two.after, groups, self._count)
        before = sums_of_products(one.before, two.before, groups, self._count)
        grown = [end - start for end, start in zip(after, before, strict=True)]
        self._add(grown, one.scale + two.scale)

    def sums(self) -> list[Fraction]:
        """Return the sum of each group."""
        total = [Fraction(0)] * self._count
        for scale, values in self._by_scale.items():
            unit = 10**scale
            total = [
                so_far + Fraction(value, unit) if value else so_far
                for so_far, value in zip(total, values.tolist(), strict=True)
            ]
        return total

    def _add(self, grown: list[int], scale: int) -> None:
        added = np.array(grown, object)
        self._by_scale[scale] = self._by_scale.get(scale, 0) + added


def _cumulated(days: Sequence[Moments]) -> list[Moments]:
    """Add up what each day adds."""
    found, total = [], _NOTHING
    for one in days:
        total += one
        found.append(total)
    return found


def read_everybody(context: QueryContext, plan: ExperimentPlan, limit: int) -> dict[str, Array]:
    """Return what each day adds to the values of persons who are active, as if all were exposed.

    The first event of a person in the range stands for the exposure.

    Args:
        context: of the range with the history; its starts are those of the experiment's days.
        plan: the metrics and the range; without retention.
        limit: of so many persons, the same ones each time.

    Returns:
        By person and day: ``person``, ``day``, ``is_first``, and for each metric by its number what
        the sums ``y``, ``yy``, ``x``, ``xx`` and ``xy`` grow by.
    """
    context.note_raw_rows()
    who = everybody(plan.query, ANY_SELECTOR, limit)
    exposed, parts = _days_of(context, plan, who, of_everybody=True)
    first_day = day_of(context.starts, exposed.first_at)
    found = [_rows_of(exposed, first_day, days) for days in parts]
    return {name: np.concatenate([one[name] for one in found]) for name in found[0]}


def _rows_of(exposed: Exposed, first_day: Array, days: PersonDays) -> dict[str, Array]:
    found = {
        "person": exposed.person[days.person],
        "day": days.day,
        "is_first": (first_day[days.person] == days.day).astype(np.int64),
    }
    nothing = Values(np.zeros(len(days.day), np.int64), np.zeros(len(days.day), np.int64), 0)
    for number, (y, below) in enumerate(zip(days.y, days.x, strict=True)):
        x = below or nothing
        for name, one in (("y", y), ("x", x)):
            found[f"{name}_{number}"] = _rounded(one.after - one.before, one.scale)
        for name, one, two in (("yy", y, y), ("xx", x, x), ("xy", x, y)):
            grown = products(one.after, two.after) - products(one.before, two.before)
            found[f"{name}_{number}"] = _rounded(grown, one.scale + two.scale)
    return found


def _rounded(whole: Array, scale: int) -> Array:
    """Return doubles, each rounded once: equal values then have no variance at all.

    What is beyond the range of doubles is NaN.
    """
    unit = 10**scale
    if whole.dtype != object:
        return np.asarray(whole.astype(object) / unit, np.float64)
    return np.array([rounded(Fraction(one, unit)) for one in whole.tolist()], np.float64)
