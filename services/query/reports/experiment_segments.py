"""The results of an experiment by segment: persons divided by a property of the first exposure.

What persons were like when they met the experiment cannot follow from their variant; what they do
later can, and would compare persons whom the variants have selected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.experiments import ExperimentPlan
from services.query.parsing.request import UntypedRequest
from services.query.sources.experiment_comparison import ExperimentMetricResult, compare_metrics
from services.query.sources.experiment_moments import MAX_SEGMENTS, read_segments
from shared.experiments.statistics.confidence import DEFAULT_ALPHA
from shared.responses import Doc


@dataclass(frozen=True, slots=True)
class SegmentExposure:
    """Who was exposed to a variant in a segment."""

    variant: str
    persons: int


@dataclass(frozen=True, slots=True)
class ExperimentSegment:
    """The results of the persons with one value of the property."""

    value: Annotated[str | None, Doc("In the first exposure; null: without the property.")]
    exposures: list[SegmentExposure]
    excluded_persons: Annotated[int, Doc("Persons exposed to more than one variant.")]
    metrics: Annotated[list[ExperimentMetricResult], Doc("Without timelines.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSegmentsResponse(QueryResponse):
    """The results by the values of a property that most persons had."""

    confidence: Annotated[
        float, Doc("Of each interval: the more segments, the wider. Together they have 95 %.")
    ]
    segments: Annotated[
        list[ExperimentSegment], Doc(f"Most persons first, at most {MAX_SEGMENTS}.")
    ]


@dataclass(frozen=True, slots=True)
class SegmentsPlan:
    """An experiment, and the property of the first exposure that divides its persons."""

    experiment: ExperimentPlan
    property: str


def run_experiment_segments(plan: SegmentsPlan) -> ExperimentSegmentsResponse:
    """Return the results of each segment so far.

    The α of an interval is 5 % divided by the number of segments (Bonferroni), so that of all
    segments together at most 5 % of experiments show a difference that is not there.
    """
    experiment = plan.experiment
    with open_query(experiment.query) as context:
        found = read_segments(context.over(experiment.with_history), experiment, plan.property)
    alpha = DEFAULT_ALPHA / max(len(found), 1)
    return ExperimentSegmentsResponse(
        **context.meta.fields(),
        confidence=1 - alpha,
        segments=[
            ExperimentSegment(
                value,
                [
                    SegmentExposure(key, one.persons[-1])
                    for key, one in zip(experiment.keys, sums.variants, strict=True)
                ],
                sums.excluded,
                compare_metrics(experiment, sums, alpha, with_timeline=False),
            )
            for value, sums in found
        ],
    )


def _parse(request: UntypedRequest) -> SegmentsPlan:
    """Return the plan, which whoever asks has made of a saved experiment."""
    return SegmentsPlan(request.data["plan"], request.data["property"])


EXPERIMENT_SEGMENTS = CachedQuery(
    "experiment segments", _parse, run_experiment_segments, ExperimentSegmentsResponse
)
