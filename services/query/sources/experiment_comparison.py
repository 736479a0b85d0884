"""Compare the variants of an experiment: what a treatment changed, and how certain that is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np

from services.query.parsing.experiments import (
    METRIC_KINDS,
    METRIC_ROLES,
    WORSE,
    ExperimentMetric,
    ExperimentPlan,
)
from services.query.sources.experiment_moments import ExperimentSums
from shared.experiments.statistics.bayesian import posterior
from shared.experiments.statistics.confidence import (
    DEFAULT_ALPHA,
    Interval,
    confidence_sequence,
    fixed_horizon,
)
from shared.experiments.statistics.corrections import benjamini_hochberg
from shared.experiments.statistics.covariate import adjust
from shared.experiments.statistics.effects import Effect, difference, relative_lift
from shared.experiments.statistics.estimates import (
    Estimate,
    mean_estimate,
    ratio_estimate,
    share_estimate,
)
from shared.experiments.statistics.moments import Moments
from shared.responses import Doc

_Number = Annotated[float | None, Doc("Null: it is not defined, or too few persons were exposed.")]


@dataclass(frozen=True, slots=True)
class ExperimentInterval:
    """Where an effect lies, with a confidence of 95 %; by segment, with the one stated."""

    low: _Number
    high: _Number
    p_value: _Number


@dataclass(frozen=True, slots=True)
class ExperimentEffect:
    """An effect, and how certain it is."""

    size: _Number
    sequence: Annotated[ExperimentInterval, Doc("Valid however often the results are looked at.")]
    fixed_horizon: Annotated[ExperimentInterval, Doc("Valid for a single look.")]
    chance_to_win: Annotated[float | None, Doc("Probability that it is above 0 (flat prior).")]
    loss_of_treatment: Annotated[float | None, Doc("Expected loss of shipping the treatment.")]
    loss_of_control: Annotated[float | None, Doc("Expected loss of staying with the control.")]


@dataclass(frozen=True, slots=True)
class ExperimentComparison:
    """A variant beside the control."""

    variant: str
    difference: ExperimentEffect
    lift: Annotated[ExperimentEffect, Doc("Relative to the control: 0.1 is 10 % more.")]
    variance_saved: Annotated[
        float, Doc("By what persons did in the 14 days before (CUPED), from 0 to 1.")
    ]
    corrected_p_value: Annotated[
        float | None,
        Doc("Of the sequence, by Benjamini and Hochberg; null: the metric is not secondary."),
    ]
    timeline: Annotated[
        list[ExperimentInterval],
        Doc("The sequence of the difference at the end of each day. Empty: of retention."),
    ]


@dataclass(frozen=True, slots=True)
class ExperimentVariantValue:
    """A metric in one variant."""

    variant: str
    persons: Annotated[int, Doc("Of retention, those whose time has ended.")]
    value: _Number


@dataclass(frozen=True, slots=True)
class ExperimentMetricResult:
    """A metric in all variants, as it was measured: not adjusted."""

    name: str
    kind: Annotated[str, Doc(choices=METRIC_KINDS)]
    role: Annotated[str, Doc(choices=METRIC_ROLES)]
    worse: Annotated[str, Doc("Which values are worse.", choices=WORSE)]
    variants: list[ExperimentVariantValue]
    comparisons: list[ExperimentComparison]


def compare_metrics(
    plan: ExperimentPlan,
    sums: ExperimentSums,
    alpha: float = DEFAULT_ALPHA,
    *,
    with_timeline: bool = True,
) -> list[ExperimentMetricResult]:
    """Return each metric in all variants, with the p-values of secondary metrics corrected.

    Args:
        plan: the experiment.
        sums: of its variants.
        alpha: probability that an interval misses the effect.
        with_timeline: whether the sequence of each day is computed, too.
    """
    return _corrected(
        [
            _result(
                plan,
                metric,
                [one.moments[number] for one in sums.variants],
                alpha,
                with_timeline=with_timeline,
            )
            for number, metric in enumerate(plan.metrics)
        ]
    )


def _result(
    plan: ExperimentPlan,
    metric: ExperimentMetric,
    days: Sequence[Sequence[Moments]],
    alpha: float,
    *,
    with_timeline: bool,
) -> ExperimentMetricResult:
    latest = [one[-1] for one in days]
    return ExperimentMetricResult(
        metric.name,
        metric.kind,
        metric.role,
        metric.worse,
        [
            ExperimentVariantValue(key, one.n, _known(estimate(metric, one).mean))
            for key, one in zip(plan.keys, latest, strict=True)
        ],
        [
            _compare(plan, metric, days, index, alpha, with_timeline=with_timeline)
            for index in range(1, len(plan.variants))
        ],
    )


def _compare(
    plan: ExperimentPlan,
    metric: ExperimentMetric,
    days: Sequence[Sequence[Moments]],
    index: int,
    alpha: float,
    *,
    with_timeline: bool,
) -> ExperimentComparison:
    latest = [one[-1] for one in days]
    control, treatment, saved = _pair(metric, latest, index)
    is_dated = with_timeline and metric.kind != "retention"
    return ExperimentComparison(
        plan.variants[index][0],
        _effect(plan, difference(control, treatment), alpha),
        _effect(plan, relative_lift(control, treatment), alpha, _least_lift(metric)),
        saved,
        None,
        [
            _interval(_sequence(plan, difference(*_pair(metric, day, index)[:2]), alpha))
            for day in zip(*days, strict=True)
            if is_dated
        ],
    )


def _pair(
    metric: ExperimentMetric, variants: Sequence[Moments], index: int
) -> tuple[Estimate, Estimate, float]:
    """Return the control and a treatment, adjusted where that helps, and the variance it saves."""
    if metric.is_adjusted:
        adjusted = adjust(variants, 0, index)
        if adjusted.variance_saved > 0:
            return adjusted.control, adjusted.treatment, adjusted.variance_saved
    return estimate(metric, variants[0]), estimate(metric, variants[index]), 0.0


def estimate(metric: ExperimentMetric, moments: Moments) -> Estimate:
    """Return the estimate of a metric from the sums over persons, not adjusted."""
    if metric.is_share:
        return share_estimate(moments.n, float(moments.y))
    make: Callable[[Moments], Estimate] = (
        ratio_estimate if metric.kind == "ratio" else mean_estimate
    )
    return make(moments)


def _sequence(plan: ExperimentPlan, effect: Effect, alpha: float) -> Interval:
    return confidence_sequence(effect, alpha, plan.planned_sample)


def _least_lift(metric: ExperimentMetric) -> float:
    """Return the least lift that a metric can have: of what is never below 0, the loss of all."""
    return -1.0 if metric.is_share or metric.kind == "count" else -math.inf


def _effect(
    plan: ExperimentPlan, effect: Effect, alpha: float, least: float = -math.inf
) -> ExperimentEffect:
    believed = posterior(effect)
    return ExperimentEffect(
        _known(effect.size),
        _interval(_sequence(plan, effect, alpha), least),
        _interval(fixed_horizon(effect, alpha), least),
        _known(believed.chance_to_win),
        _known(believed.loss_of_treatment),
        _known(believed.loss_of_control),
    )


def _interval(interval: Interval, least: float = -math.inf) -> ExperimentInterval:
    """Return an interval without what the effect cannot be, which leaves its confidence."""
    low, high = (np.maximum(one, least) for one in (interval.low, interval.high))
    return ExperimentInterval(_known(low), _known(high), _known(interval.p_value))


def _known(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _corrected(results: list[ExperimentMetricResult]) -> list[ExperimentMetricResult]:
    """Return the results with corrected p-values of all comparisons of secondary metrics."""
    secondary = [
        one for result in results if result.role == "secondary" for one in result.comparisons
    ]
    p_values = [one.difference.sequence.p_value for one in secondary]
    known = [math.nan if one is None else one for one in p_values]
    corrected = {
        id(one): _known(value)
        for one, value in zip(secondary, benjamini_hochberg(known), strict=True)
    }
    return [
        replace(
            result,
            comparisons=[
                replace(one, corrected_p_value=corrected.get(id(one))) for one in result.comparisons
            ],
        )
        for result in results
    ]
