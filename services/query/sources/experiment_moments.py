"""Sums over the persons of each variant of an experiment, by local day, in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Float,
    Integer,
    Numeric,
    RowMapping,
    Select,
    cast,
    func,
    literal,
    select,
    text,
)

from services.query.execution.context import QueryContext
from services.query.parsing.events import ANY_SELECTOR, EventSelector
from services.query.parsing.experiments import ExperimentPlan
from services.query.sources.copy_columns import Array, fetch
from services.query.sources.experiment_days import (
    Columns,
    day_of,
    growth,
    is_complete,
    person_days,
    running_sums,
    sums_of_day,
)
from services.query.sources.experiment_exposures import (
    Exposures,
    everybody,
    exposures,
    frequent_values,
)
from shared.experiments.statistics.moments import Moments

_ALL_AT_ONCE = text("SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'")
"""PostgreSQL expects 0.5 % of the exposed persons, and would look up the events of each one in the
index of each day. Reading the range once more costs as much as finding the exposures did. A million
persons fit into the memory; with the 4 MB of most installations, each step sorts them on disk."""
_AS_USUAL = text("SET LOCAL enable_nestloop = DEFAULT; SET LOCAL work_mem = DEFAULT")
MAX_SEGMENTS = 10
"""Values of a property by which results are divided."""
_NOTHING = Moments(0, 0, 0)
_SUMS = ("n", "y", "yy", "x", "xx", "xy")


@dataclass(frozen=True, slots=True)
class VariantDays:
    """One variant at the end of each local day of the experiment."""

    persons: list[int]
    moments: list[list[Moments]] = field(default_factory=list)
    """By metric and day."""


@dataclass(frozen=True, slots=True)
class ExperimentSums:
    """What one statement read."""

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
    return _read(context, plan, exposures(plan), 1)[0]


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
    context: QueryContext, plan: ExperimentPlan, who: Exposures, segments: int
) -> list[ExperimentSums]:
    context.note_raw_rows()
    found: dict[tuple[int, int, int], list[RowMapping]] = defaultdict(list)
    excluded = [0] * segments
    context.session.execute(_ALL_AT_ONCE)
    for row in context.session.execute(_statement(context, plan, who)).mappings():
        if row["variant"] is None:
            excluded[row["segment"]] += row["persons"]
        else:
            found[row["segment"], row["variant"] - 1, row["day"]].append(row)
    context.session.execute(_AS_USUAL)
    days, metrics = len(context.starts), len(plan.metrics)
    return [
        ExperimentSums(
            [
                _cumulated([found[segment, variant, day] for day in range(days)], metrics)
                for variant in range(len(plan.variants))
            ],
            excluded[segment],
        )
        for segment in range(segments)
    ]


def _cumulated(days: Sequence[Sequence[RowMapping]], metrics: int) -> VariantDays:
    """Add up what the rows of each day add."""
    total, sums = 0, [_NOTHING] * metrics
    found = VariantDays([], [[] for _ in range(metrics)])
    for rows in days:
        for row in rows:
            total += row["persons"]
            sums = [
                before + Moments(**{name: row[f"{name}_{number}"] for name in _SUMS})
                for number, before in enumerate(sums)
            ]
        found.persons.append(total)
        for number, cumulated in enumerate(sums):
            found.moments[number].append(cumulated)
    return found


def _statement(context: QueryContext, plan: ExperimentPlan, who: Exposures) -> CompoundSelect[Any]:
    """Return by segment, variant and day what persons and their events add.

    Who saw several variants is the variant null. Most persons have no event that counts: these are
    counted among the exposures only, which takes less than half of the time.
    """
    exposed = who.cte("exposures")
    running = running_sums(plan, person_days(context, plan, exposed).cte("person_days"))
    persons = _persons_of_day(context, plan, exposed)
    sums = _sums_of_day(plan, running.cte("running"))
    several = (
        select(
            exposed.c.segment,
            literal(None, Integer()),
            literal(0),
            func.count(),
            *_zeros(len(plan.metrics) * len(_SUMS)),
        )
        .where(exposed.c.variant != exposed.c.last_variant)
        .group_by(exposed.c.segment)
    )
    return persons.union_all(sums, several)


def _persons_of_day(context: QueryContext, plan: ExperimentPlan, exposed: Columns) -> Select[Any]:
    """Return how many persons are exposed on a day, and how many of them each metric counts."""
    of = exposed.c
    day = day_of(context, of.first_at).label("day")
    columns: list[ColumnElement[Any]] = []
    for number, metric in enumerate(plan.metrics):
        counted = func.count().filter(is_complete(plan, metric, of.first_at))
        columns += [counted.label(f"n_{number}")]
        columns += [
            zero.label(f"{name}_{number}")
            for name, zero in zip(_SUMS[1:], _zeros(len(_SUMS) - 1), strict=True)
        ]
    return (
        select(of.segment, of.variant, day, func.count().label("persons"), *columns)
        .where(of.variant == of.last_variant)
        .group_by(of.segment, of.variant, day)
    )


def _sums_of_day(plan: ExperimentPlan, running: Columns) -> Select[Any]:
    """Return what the values of persons, their squares and products grow by on a day."""
    of = running.c
    columns: list[ColumnElement[Any]] = []
    for number, metric in enumerate(plan.metrics):
        columns += [*_zeros(1), *sums_of_day(plan, metric, number, of)]
    return select(of.segment, of.variant, of.day, literal(0), *columns).group_by(
        of.segment, of.variant, of.day
    )


def _zeros(count: int) -> list[ColumnElement[Any]]:
    return [literal(0, Numeric()) for _ in range(count)]


def read_everybody(context: QueryContext, plan: ExperimentPlan, limit: int) -> dict[str, Array]:
    """Return what each day adds to the values of persons who are active, as if all were exposed.

    The first event of a person in the range stands for the exposure.

    Args:
        context: as ``read_experiment`` takes it.
        plan: the metrics and the range; without retention.
        limit: of so many persons, the same ones each time.

    Returns:
        By person and day: ``person``, ``day``, ``is_first``, and for each metric by its number what
        the sums ``y``, ``yy``, ``x``, ``xx`` and ``xy`` grow by.
    """
    context.note_raw_rows()
    exposed = everybody(plan.query, ANY_SELECTOR, limit).cte("exposures")
    days = person_days(context, plan, exposed, of_everybody=True).cte("person_days")
    running = running_sums(plan, days).cte("running")
    of = running.c
    columns: list[ColumnElement[Any]] = []
    kinds = {"person": "integer", "day": "integer", "is_first": "integer"}
    for number in range(len(plan.metrics)):
        for name, added in growth(number, of).items():
            columns.append(cast(func.coalesce(added, 0), Float))
            kinds[f"{name}_{number}"] = "float"
    is_first = cast(of.day == of.first_day, Integer)
    return fetch(context.session, select(of.person, of.day, is_first, *columns), kinds)
