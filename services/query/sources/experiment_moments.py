"""Sums over the persons of each variant of an experiment, by local day, in one statement.

A person's row of a day has what the events of the day add. Running sums over the days of a person
give the value at the end of each day (at most the cap, or 1 for a conversion); what its square
grows by from day to day can be added up over persons, so that the sums of any day are cumulated
without reading an event twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Float,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    text,
)

from services.query.execution.context import QueryContext
from services.query.parsing.experiments import (
    COVARIATE_TIME,
    ExperimentMetric,
    ExperimentPlan,
)
from services.query.sources.conditions import in_range, matches_selector
from services.query.sources.copy_columns import Array, fetch
from services.query.sources.event_columns import PERSON, event_number, interval_index
from services.query.sources.postgres import array_position, hash_text, plain_json_text
from shared.experiments.statistics.moments import Moments
from shared.models import Event

EXPOSURE = "$feature_flag_called"
_ALL_AT_ONCE = text("SET LOCAL enable_nestloop = off")
"""PostgreSQL expects 0.5 % of the exposed persons, and would look up the events of each one in the
index of each day. Reading the range once more costs as much as finding the exposures did."""
_NOTHING = Moments(0, 0, 0)
_SUMS = ("n", "y", "yy", "x", "xx", "xy")
Columns = Any


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
    context.note_raw_rows()
    days = len(context.starts)
    empty = dict.fromkeys(_SUMS, 0)
    found: dict[tuple[int, int], list[dict[str, Any]]] = {}
    persons: dict[tuple[int, int], int] = {}
    excluded = 0
    context.session.execute(_ALL_AT_ONCE)
    for row in context.session.execute(_statement(context, plan)).mappings():
        if row["variant"] is None:
            excluded += row["persons"]
            continue
        at = (row["variant"] - 1, row["day"])
        persons[at] = row["persons"]
        found[at] = [
            {name: row[f"{name}_{number}"] for name in _SUMS} for number in range(len(plan.metrics))
        ]
    variants = []
    for index in range(len(plan.variants)):
        total, cumulated = 0, [_NOTHING] * len(plan.metrics)
        one = VariantDays([], [[] for _ in plan.metrics])
        for day in range(days):
            total += persons.get((index, day), 0)
            one.persons.append(total)
            sums = found.get((index, day), [empty] * len(plan.metrics))
            for number, added in enumerate(sums):
                cumulated[number] += Moments(**added)
                one.moments[number].append(cumulated[number])
        variants.append(one)
    return ExperimentSums(variants, excluded)


def _statement(context: QueryContext, plan: ExperimentPlan) -> CompoundSelect[Any]:
    """Return sums by variant and day; those who saw several variants are the variant null."""
    exposures = _exposures(plan).cte("exposures")
    days = _person_days(context, plan, exposures).cte("person_days")
    running = _running(plan, days).cte("running")
    columns: list[ColumnElement[Any]] = []
    for number, metric in enumerate(plan.metrics):
        columns += _sums(plan, metric, number, running.c)
    is_first = running.c.day == running.c.first_day
    by_day = select(
        running.c.variant,
        running.c.day,
        func.count().filter(is_first).label("persons"),
        *columns,
    ).group_by(running.c.variant, running.c.day)
    nothing = [literal(0, Numeric()) for _ in columns]
    several = select(literal(None, Integer()), literal(0), func.count(), *nothing).where(
        exposures.c.variant != exposures.c.last_variant
    )
    return by_day.union_all(several)


def _exposures(plan: ExperimentPlan) -> Select[int, datetime, int, int]:
    """Return the first exposure of each person, and whether there was a second variant."""
    variant = array_position(plain_json_text(Event.properties, "$feature_flag_response"), plan.keys)
    return (
        select(
            PERSON.label("person"),
            func.min(Event.timestamp).label("first_at"),
            func.min(variant).label("variant"),
            func.max(variant).label("last_variant"),
        )
        .where(
            *in_range(plan.query.project_id, plan.query.time_range),
            Event.event_name == EXPOSURE,
            plain_json_text(Event.properties, "$feature_flag") == plan.flag_key,
            variant.is_not(None),
        )
        .group_by(PERSON)
    )


def _person_days(context: QueryContext, plan: ExperimentPlan, exposures: Columns) -> Select[Any]:
    """Return what each person's events of a day add; what came before counts on the first day."""
    of = exposures.c
    first_day = interval_index(context.starts, of.first_at)
    day = interval_index(context.starts, func.greatest(Event.timestamp, of.first_at))
    # The first exposure itself, so that everybody has a row of the first day.
    is_counted: list[ColumnElement[bool]] = [Event.timestamp == of.first_at]
    values = []
    for number, metric in enumerate(plan.metrics):
        selected = matches_selector(context.query, metric.selector)
        is_counted.append(selected)
        values.append(_added(metric, selected, _is_in_time(metric, of), f"y_{number}"))
        if metric.denominator is not None:
            below = matches_selector(context.query, metric.denominator)
            is_counted.append(below)
            after = Event.timestamp >= of.first_at
            values.append(_total(metric.denominator_property, and_(below, after), f"x_{number}"))
        elif metric.is_adjusted:
            before = Event.timestamp < of.first_at
            values.append(_added(metric, selected, before, f"x_{number}"))
    return (
        select(
            PERSON.label("person"),
            of.variant,
            of.first_at,
            first_day.label("first_day"),
            day.label("day"),
            *values,
        )
        .select_from(exposures)
        .join(
            Event,
            and_(
                *in_range(plan.query.project_id, plan.with_history),
                of.person == PERSON,
                Event.timestamp >= of.first_at - COVARIATE_TIME,
                or_(*is_counted),
            ),
        )
        .where(of.variant == of.last_variant)
        .group_by(PERSON, of.variant, of.first_at, first_day, day)
    )


def _is_in_time(metric: ExperimentMetric, exposures: Columns) -> ColumnElement[bool]:
    if metric.kind != "retention":
        return and_(Event.timestamp >= exposures.first_at)
    return and_(
        Event.timestamp >= exposures.first_at + timedelta(days=metric.from_day),
        Event.timestamp < exposures.first_at + timedelta(days=metric.to_day),
    )


def _added(
    metric: ExperimentMetric,
    selected: ColumnElement[bool],
    in_time: ColumnElement[bool],
    label: str,
) -> ColumnElement[Any]:
    name = metric.value_property if metric.kind in {"sum", "mean", "ratio"} else None
    return _total(name, and_(selected, in_time), label)


def _total(name: str | None, counts: ColumnElement[bool], label: str) -> ColumnElement[Any]:
    """Return how many events count, or the sum of a property of them; null if none has it."""
    if name is None:
        # A day of a person has fewer than 2^31 events. Numbers of four bytes are added up as those
        # of eight, and their squares exactly, both much faster than decimals.
        return cast(func.count().filter(counts), Integer).label(label)
    return func.sum(event_number(name)).filter(counts).label(label)


def _running(plan: ExperimentPlan, days: Columns) -> Select[Any]:
    """Return the running sums of each person, before and at the end of each of the days."""
    columns = []
    for number, metric in enumerate(plan.metrics):
        for name in ("y", "x"):
            if f"{name}_{number}" not in days.c:
                continue
            added = days.c[f"{name}_{number}"]
            total = func.sum(added).over(partition_by=days.c.person, order_by=days.c.day)
            # Null while nothing was added: persons without values then cost no arithmetic.
            before = func.coalesce(total - added, total)
            columns += [
                _value(metric, total).label(f"{name}_{number}"),
                _value(metric, before).label(f"{name}_{number}_before"),
            ]
    of = days.c
    return select(of.person, of.variant, of.first_at, of.first_day, of.day, *columns)


def _value(metric: ExperimentMetric, total: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a person's value: 0 or 1, at most the cap, or the total itself; null if it is."""
    if metric.is_share:
        return func.least(total, 1)
    if metric.cap is None:
        return total
    cap = literal(metric.cap, Numeric())
    return case((total > cap, cap), else_=total)


def _sums(
    plan: ExperimentPlan, metric: ExperimentMetric, number: int, columns: Columns
) -> Sequence[ColumnElement[Any]]:
    """Return what the sums of a metric grow by on a day."""
    zero = literal(0, Numeric())
    counts: ColumnElement[bool] = columns.day == columns.first_day
    is_complete: ColumnElement[bool] | None = None
    if metric.kind == "retention":
        is_complete = columns.first_at <= plan.until - timedelta(days=metric.to_day)
        counts = and_(counts, is_complete)
    sums: list[ColumnElement[Any]] = [func.count().filter(counts).label(f"n_{number}")]
    for name, growth in _growth(number, columns).items():
        grown = growth if is_complete is None else case((is_complete, growth), else_=zero)
        sums.append(func.coalesce(func.sum(grown), zero).label(f"{name}_{number}"))
    return sums


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
    exposures = (
        select(
            PERSON.label("person"),
            func.min(Event.timestamp).label("first_at"),
            literal(1, Integer()).label("variant"),
            literal(1, Integer()).label("last_variant"),
        )
        .where(*in_range(plan.query.project_id, plan.query.time_range))
        .group_by(PERSON)
        .order_by(hash_text(cast(PERSON, Text)))
        .limit(limit)
        .cte("exposures")
    )
    days = _person_days(context, plan, exposures).cte("person_days")
    running = _running(plan, days).cte("running")
    of = running.c
    columns: list[ColumnElement[Any]] = []
    kinds = {"person": "integer", "day": "integer", "is_first": "integer"}
    for number in range(len(plan.metrics)):
        for name, growth in _growth(number, of).items():
            columns.append(cast(func.coalesce(growth, 0), Float))
            kinds[f"{name}_{number}"] = "float"
    is_first = cast(of.day == of.first_day, Integer)
    return fetch(context.session, select(of.person, of.day, is_first, *columns), kinds)


def _growth(number: int, columns: Columns) -> dict[str, ColumnElement[Any]]:
    """Return what a person's value, its square and its product grow by on a day; null is 0."""
    zero = literal(0, Numeric())
    y, y_before = columns[f"y_{number}"], columns[f"y_{number}_before"]
    x, x_before = columns.get(f"x_{number}", zero), columns.get(f"x_{number}_before", zero)
    return {
        "y": y - y_before,
        "yy": y * y - y_before * y_before,
        "x": x - x_before,
        "xx": x * x - x_before * x_before,
        "xy": x * y - x_before * y_before,
    }
