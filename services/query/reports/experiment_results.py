"""The results of an experiment, computed anew from the rows of its events.

Whose events count, and what of them, is in ``docs/statistics.md``. As only rows are read, a late
event, a merge and a deletion change the results to what they would have been with them before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse, Share
from services.query.parsing.experiments import ExperimentPlan
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import interval_starts
from services.query.sources.experiment_comparison import ExperimentMetricResult, compare_metrics
from services.query.sources.experiment_moments import read_experiment
from shared.experiments.statistics.sample_ratio import sample_ratio
from shared.responses import Doc, Timestamp


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
        metrics=compare_metrics(plan, sums),
    )


def _parse(request: UntypedRequest) -> ExperimentPlan:
    """Return the plan, which whoever asks has made of a saved experiment."""
    plan: ExperimentPlan = request.data["plan"]
    return plan


EXPERIMENT_RESULTS = CachedQuery(
    "experiment", _parse, run_experiment_results, ExperimentResultsResponse
)
