"""The results of an experiment, computed anew from the rows of its events.

Whose events count, and what of them, is in ``docs/statistics.md``. As only rows are read, a late
event, a merge and a deletion change the results to what they would have been with them before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse, Share
from services.query.parsing.experiments import (
    METRIC_KINDS,
    METRIC_ROLES,
    ExperimentMetric,
    ExperimentPlan,
)
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import interval_starts
from services.query.sources.experiment_moments import ExperimentSums, read_experiment
from shared.experiments.statistics.bayesian import posterior
from shared.experiments.statistics.confidence import (
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
from shared.experiments.statistics.sample_ratio import sample_ratio
from shared.responses import Doc, Timestamp

_Number = Annotated[float | None, Doc("Null: it is not defined, or too few persons were exposed.")]


@dataclass(frozen=True, slots=True)
class ExperimentInterval:
    """Where an effect lies, with a confidence of 95 %."""

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
    variants: list[ExperimentVariantValue]
    comparisons: list[ExperimentComparison]


@dataclass(frozen=True, slots=True)
class ExperimentExposure:
    """Who was exposed to a variant."""

    variant: str
    planned_share: Share
    persons: int
    by_day: Annotated[list[int], Doc("Persons at the end of each day.")]


@dataclass(frozen=True, slots=True)
class ExperimentSampleRatio:
    """Whether variants have the shares of persons that were planned."""

    p_value: Annotated[float, Doc("Valid at any number of looks.")]
    is_mismatch: Annotated[bool, Doc("Below 0.001: the results say nothing about the treatment.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentResultsResponse(QueryResponse):
    """The results of an experiment; the first variant is the control."""

    dates: Annotated[list[Timestamp], Doc("Start of each local day of the experiment.")]
    exposures: list[ExperimentExposure]
    excluded_persons: Annotated[int, Doc("Persons exposed to more than one variant.")]
    sample_ratio: ExperimentSampleRatio
    metrics: list[ExperimentMetricResult]


def run_experiment_results(plan: ExperimentPlan) -> ExperimentResultsResponse:
    """Return the results of an experiment so far."""
    starts = interval_starts(plan.query.time_range, "day")
    with open_query(plan.query, starts) as context:
        sums = read_experiment(context.over(plan.with_history, starts), plan)
    looks = list(zip(*(one.persons for one in sums.variants), strict=True))
    ratio = sample_ratio(looks, [share for _, share in plan.variants])
    return ExperimentResultsResponse(
        **context.meta.fields("day"),
        dates=[start.isoformat() for start in starts],
        exposures=[
            ExperimentExposure(key, share, one.persons[-1], one.persons)
            for (key, share), one in zip(plan.variants, sums.variants, strict=True)
        ],
        excluded_persons=sums.excluded,
        sample_ratio=ExperimentSampleRatio(ratio.p_value, ratio.is_mismatch),
        metrics=_corrected(
            [_result(plan, metric, number, sums) for number, metric in enumerate(plan.metrics)]
        ),
    )


def _parse(request: UntypedRequest) -> ExperimentPlan:
    """Return the plan, which whoever asks has made of a saved experiment."""
    plan: ExperimentPlan = request.data["plan"]
    return plan


EXPERIMENT_RESULTS = CachedQuery(
    "experiment", _parse, run_experiment_results, ExperimentResultsResponse
)


def _result(
    plan: ExperimentPlan, metric: ExperimentMetric, number: int, sums: ExperimentSums
) -> ExperimentMetricResult:
    days = [one.moments[number] for one in sums.variants]
    latest = [one[-1] for one in days]
    return ExperimentMetricResult(
        metric.name,
        metric.kind,
        metric.role,
        [
            ExperimentVariantValue(key, one.n, _known(_estimate(metric, one).mean))
            for key, one in zip(plan.keys, latest, strict=True)
        ],
        [_compare(plan, metric, days, index) for index in range(1, len(plan.variants))],
    )


def _compare(
    plan: ExperimentPlan, metric: ExperimentMetric, days: Sequence[Sequence[Moments]], index: int
) -> ExperimentComparison:
    latest = [one[-1] for one in days]
    control, treatment, saved = _pair(metric, latest, index)
    is_dated = metric.kind != "retention"
    return ExperimentComparison(
        plan.variants[index][0],
        _effect(plan, difference(control, treatment)),
        _effect(plan, relative_lift(control, treatment)),
        saved,
        None,
        [
            _interval(_sequence(plan, difference(*_pair(metric, day, index)[:2])))
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
    return _estimate(metric, variants[0]), _estimate(metric, variants[index]), 0.0


def _estimate(metric: ExperimentMetric, moments: Moments) -> Estimate:
    if metric.is_share:
        return share_estimate(moments.n, float(moments.y))
    make: Callable[[Moments], Estimate] = (
        ratio_estimate if metric.kind == "ratio" else mean_estimate
    )
    return make(moments)


def _sequence(plan: ExperimentPlan, effect: Effect) -> Interval:
    return confidence_sequence(effect, planned_sample=plan.planned_sample)


def _effect(plan: ExperimentPlan, effect: Effect) -> ExperimentEffect:
    believed = posterior(effect)
    return ExperimentEffect(
        _known(effect.size),
        _interval(_sequence(plan, effect)),
        _interval(fixed_horizon(effect)),
        _known(believed.chance_to_win),
        _known(believed.loss_of_treatment),
        _known(believed.loss_of_control),
    )


def _interval(interval: Interval) -> ExperimentInterval:
    return ExperimentInterval(_known(interval.low), _known(interval.high), _known(interval.p_value))


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
