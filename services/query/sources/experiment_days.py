"""What each person's events of a day add to the metrics of an experiment.

A person's row of a day has what the events of the day add. Running sums over the days of a person
give the value at the end of each day (at most the cap, or 1 for a conversion); what its square
grows by from day to day can be added up over persons, so that the sums of any day are cumulated
without reading an event twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Numeric,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    true,
)

from services.query.execution.context import QueryContext
from services.query.parsing.experiments import (
    COVARIATE_TIME,
    ExperimentMetric,
    ExperimentPlan,
)
from services.query.sources.conditions import in_range, matches_selector
from services.query.sources.event_columns import PERSON, event_number, interval_index
from shared.models import Event

Columns = Any
"""Columns of a subquery, by name."""


def day_of(context: QueryContext, instant: Any) -> ColumnElement[int]:
    """Return the index of the experiment's local day of an instant.

    Cast, as the index of a single day is the number 0, which GROUP BY takes for a column's place.
    """
    return cast(interval_index(context.starts, instant), Integer)


def person_days(
    context: QueryContext, plan: ExperimentPlan, exposures: Columns, *, of_everybody: bool = False
) -> Select[Any]:
    """Return what each person's events of a day add; what came before counts on the first day.

    Args:
        context: of the range with the history; its starts are those of the experiment's days.
        plan: the experiment.
        exposures: who takes part.
        of_everybody: also the first day of persons without an event that counts.
    """
    of = exposures.c
    first_day = day_of(context, of.first_at)
    day = day_of(context, func.greatest(Event.timestamp, of.first_at))
    is_counted: list[ColumnElement[bool]] = []
    if of_everybody:
        is_counted.append(Event.timestamp == of.first_at)
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
            of.segment,
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
        .group_by(PERSON, of.segment, of.variant, of.first_at, first_day, day)
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


def running_sums(plan: ExperimentPlan, days: Columns) -> Select[Any]:
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
    return select(of.person, of.segment, of.variant, of.first_at, of.first_day, of.day, *columns)


def _value(metric: ExperimentMetric, total: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a person's value: 0 or 1, at most the cap, or the total itself; null if it is."""
    if metric.is_share:
        return func.least(total, 1)
    if metric.cap is None:
        return total
    cap = literal(metric.cap, Numeric())
    return case((total > cap, cap), else_=total)


def is_complete(
    plan: ExperimentPlan, metric: ExperimentMetric, first_at: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Return whether a person counts in a metric: in retention, once its time has ended."""
    if metric.kind != "retention":
        return true()
    return and_(first_at <= plan.until - timedelta(days=metric.to_day))


def sums_of_day(
    plan: ExperimentPlan, metric: ExperimentMetric, number: int, columns: Columns
) -> Sequence[ColumnElement[Any]]:
    """Return what the sums of a metric grow by on a day."""
    counts = is_complete(plan, metric, columns.first_at)
    return [
        func.coalesce(func.sum(added).filter(counts), literal(0, Numeric())).label(
            f"{name}_{number}"
        )
        for name, added in growth(number, columns).items()
    ]


def growth(number: int, columns: Columns) -> dict[str, ColumnElement[Any]]:
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
