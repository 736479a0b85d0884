"""A/A tests on a project's own persons: how often metrics differ where there is no difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse, Share
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery
from services.query.parsing.experiments import ExperimentMetric, ExperimentPlan, parse_metrics
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import interval_starts, parse_day_range
from services.query.sources.experiment_moments import read_everybody
from shared.experiments.statistics.confidence import (
    DEFAULT_ALPHA,
    confidence_sequence,
    fixed_horizon,
)
from shared.experiments.statistics.effects import difference
from shared.experiments.statistics.estimates import (
    Estimate,
    central,
    estimate_of_sums,
    ratio_of_means,
    share_estimate,
)
from shared.responses import Doc

SPLITS, DAYS, MAX_PERSONS = 1_000, 30, 20_000
_AT_ONCE = 50
"""Splits that are computed together: their persons are 8 MB."""
_SUMS = ("y", "yy", "x", "xx", "xy")
Sums = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class AaMetric:
    """How often a metric differed between two halves of the same persons."""

    name: str
    sequence: Annotated[Share, Doc("Of the splits: the sequence excluded 0 on any day.")]
    fixed_horizon: Annotated[Share, Doc("Of the splits: p < 0.05 on the last day.")]
    peeking: Annotated[Share, Doc("Of the splits: p < 0.05 of the fixed horizon on any day.")]
    is_sound: Annotated[
        bool, Doc("Whether chance alone explains as many false positives of the sequence (99 %).")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class AaResponse(QueryResponse):
    """What 1,000 random splits of the persons of the last 30 days show."""

    splits: int
    persons: Annotated[int, Doc(f"At most {MAX_PERSONS:,}, chosen by a hash of their numbers.")]
    metrics: list[AaMetric]


def parse_aa(request: UntypedRequest) -> ExperimentPlan:
    """Parse metrics into a plan over the last days; the first event stands for the exposure.

    Raises:
        Unprocessable: names the invalid field.
    """
    metrics = parse_metrics(request.data["metrics"])
    for number, metric in enumerate(metrics):
        if metric.kind == "retention":
            message = "Retention has no value by day. Use another kind."
            raise invalid_field(f"metrics.{number}.kind", message)
    span = parse_day_range(request.timezone, request.now, None, None, DAYS)
    query = EventQuery(request.project_id, span)
    sample = request.data["planned_sample"]
    return ExperimentPlan(query, "", (("control", 0.5), ("test", 0.5)), metrics, sample, span.end)


def run_aa(plan: ExperimentPlan) -> AaResponse:
    """Split the persons at random many times, and count how often there seems to be an effect."""
    starts = interval_starts(plan.query.time_range, "day")
    with open_query(plan.query, starts) as context:
        rows = read_everybody(context.over(plan.with_history, starts), plan, MAX_PERSONS)
    _check_range(plan, rows)
    persons, rows["person"] = np.unique(rows["person"], return_inverse=True)
    found = np.zeros((len(plan.metrics), 3))
    for halves in _halves(len(persons)):
        n, sums = _by_day(halves, rows, len(starts), len(plan.metrics))
        for number, metric in enumerate(plan.metrics):
            found[number] += _count(plan, metric, n, sums[number])
    return AaResponse(
        **context.meta.fields("day"),
        splits=SPLITS,
        persons=len(persons),
        metrics=[
            _describe(metric, counts) for metric, counts in zip(plan.metrics, found, strict=True)
        ],
    )


def _check_range(plan: ExperimentPlan, rows: dict[str, NDArray[np.float64]]) -> None:
    """Refuse values whose squares no double holds: no split would ever differ by them."""
    for number, metric in enumerate(plan.metrics):
        if not all(np.isfinite(rows[f"{name}_{number}"]).all() for name in _SUMS):
            raise invalid_field(
                f"metrics.{number}.value_property",
                f"Somebody's value of {metric.name} is above 1e154, so its variance is not "
                "defined. Leave such events out by a filter.",
            )


def _describe(metric: ExperimentMetric, counts: NDArray[np.float64]) -> AaMetric:
    sequence, fixed, peeking = (float(one) / SPLITS for one in counts)
    return AaMetric(metric.name, sequence, fixed, peeking, _is_chance(float(counts[0])))


EXPERIMENT_AA = CachedQuery("experiment aa", parse_aa, run_aa, AaResponse)


def _halves(persons: int) -> Iterator[NDArray[np.float64]]:
    """Yield, for some splits and each person, 1 in the treatment and 0 in the control."""
    chance = np.random.default_rng(0)  # the same splits each time, so that answers are the same
    for _ in range(0, SPLITS, _AT_ONCE):
        yield chance.integers(0, 2, (_AT_ONCE, persons)).astype(np.float64)


def _by_day(
    halves: NDArray[np.float64], rows: dict[str, NDArray[np.float64]], days: int, metrics: int
) -> tuple[NDArray[np.float64], list[Sums]]:
    """Return the sums of treatment and control (last axis) by split and at the end of each day."""
    names = ["is_first", *(f"{name}_{number}" for number in range(metrics) for name in _SUMS)]
    grown = np.column_stack([rows[name].astype(np.float64) for name in names])
    added = np.zeros((len(halves), days, 2, len(names)))
    for day in range(days):
        here = np.flatnonzero(rows["day"] == day)
        treated = halves[:, rows["person"][here]] @ grown[here]
        added[:, day, 0] = treated
        added[:, day, 1] = grown[here].sum(axis=0) - treated
    sums = added.cumsum(axis=1)
    by_name = {name: sums[..., index] for index, name in enumerate(names)}
    return by_name["is_first"], [
        {name: by_name[f"{name}_{number}"] for name in _SUMS} for number in range(metrics)
    ]


def _count(
    plan: ExperimentPlan, metric: ExperimentMetric, n: NDArray[np.float64], sums: Sums
) -> NDArray[np.float64]:
    """Return how many splits differ: by the sequence, at the end, and on any day."""
    treatment, control = (_estimate(metric, n[..., half], sums, half) for half in (0, 1))
    effect = difference(control, treatment)
    sequence = confidence_sequence(effect, planned_sample=plan.planned_sample)
    by_day = np.asarray(sequence.p_value) < DEFAULT_ALPHA
    single = np.asarray(fixed_horizon(effect).p_value) < DEFAULT_ALPHA
    ever = (by_day.any(axis=1), single[:, -1], single.any(axis=1))
    return np.array([one.sum() for one in ever], dtype=np.float64)


def _estimate(metric: ExperimentMetric, n: NDArray[np.float64], sums: Sums, half: int) -> Estimate:
    y, yy, x, xx, xy = (sums[name][..., half] for name in _SUMS)
    if metric.is_share:
        return share_estimate(n, y)
    if metric.kind != "ratio":
        return estimate_of_sums(n, y, yy)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = y / n, x / n
    return ratio_of_means(
        n, means, (central(n, yy, y, y), central(n, xx, x, x)), central(n, xy, x, y)
    )


def _is_chance(found: float) -> bool:
    """Return whether so many of the splits, or more, have a probability of at least 1 %."""
    return bool(1 - bdtr(found - 1, SPLITS, DEFAULT_ALPHA) >= 0.01) if found else True
