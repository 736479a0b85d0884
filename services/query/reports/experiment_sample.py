"""How many persons an experiment needs, and for how long: from what the project's persons did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Annotated
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery, EventSelector, parse_event_selector
from services.query.parsing.experiments import ExperimentMetric, ExperimentPlan, parse_metrics
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import interval_starts, parse_day_range
from services.query.sources.active_persons import active_persons
from services.query.sources.experiment_comparison import estimate
from services.query.sources.experiment_moments import read_baseline
from shared.events.local_days import day_of
from shared.experiments.statistics.confidence import DEFAULT_PLANNED_SAMPLE
from shared.experiments.statistics.estimates import Estimate
from shared.experiments.statistics.sample_size import required_sample
from shared.responses import Doc

DAYS, RECENT_DAYS, MAX_PERSONS = 30, 7, 100_000
MAX_DAYS = 3_650
"""More days than that are no plan."""
_MAX_SAMPLE = 1e12
"""Variance by squared effect: a hundred times the persons on Earth are no plan either."""


@dataclass(frozen=True, slots=True)
class MetricSample:
    """What a metric was in the last 30 days, and how many persons it needs."""

    name: str
    persons: Annotated[int, Doc("Of whom the baseline was computed.")]
    baseline: Annotated[float | None, Doc("The metric by person; null: it is not defined.")]
    effect: Annotated[
        float | None,
        Doc(
            "The smallest effect to be found, in the unit of the metric; null: nothing is planned."
        ),
    ]
    required_persons: Annotated[
        int | None,
        Doc(
            "Of all variants together, if results are looked at every day. Null: nothing is "
            "planned, as nobody had a value, all had the same, or the mean is 0 or nearly 0."
        ),
    ]
    required_persons_of_single_look: Annotated[
        int | None,
        Doc("If the results are looked at once, at the end; null: nothing is planned."),
    ]
    days: Annotated[
        int | None,
        Doc("Until so many persons were exposed; null: above 10 years, or nothing is planned."),
    ]


@dataclass(frozen=True, slots=True)
class VariantSample:
    """How many persons a variant needs."""

    key: str
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentSampleResponse(QueryResponse):
    """The sample and the duration that an experiment needs, by the last 30 complete days."""

    metrics: list[MetricSample]
    persons_a_day: Annotated[
        float, Doc("New to the experiment on a day, of the last 7 of its 30 days.")
    ]
    required_persons: Annotated[
        int | None,
        Doc(
            "Of all variants: the most that a metric needs; null: for a metric nothing is planned."
        ),
    ]
    planned_sample: Annotated[
        int | None,
        Doc(
            "Of control and one treatment: what an experiment has as planned_sample; null where "
            "required_persons is."
        ),
    ]
    variants: Annotated[list[VariantSample], Doc("Empty where required_persons is null.")]
    days: Annotated[
        int | None,
        Doc("The longest that a metric needs; null: above 10 years, or required_persons is null."),
    ]


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Metrics over the last days, and what is to be found."""

    experiment: ExperimentPlan
    """Everybody is its only variant."""
    entry: EventSelector
    """The first such event of a person stands for the exposure."""
    variants: tuple[tuple[str, float], ...]
    smallest_effect: float
    """Relative to the baseline."""
    power: float
    traffic: float
    """Share of persons who get any variant."""


def parse_sample(request: UntypedRequest) -> SamplePlan:
    """Parse metrics into a plan over the last complete days.

    Raises:
        Unprocessable: names the invalid field.
    """
    data, zone = request.data, ZoneInfo(request.timezone)
    yesterday = day_of(request.now, zone) - timedelta(days=1)
    span = parse_day_range(request.timezone, request.now, None, yesterday, DAYS)
    keys = [one["key"] for one in data["variants"]]
    if len(set(keys)) < len(keys):
        raise invalid_field("variants", "Each variant needs a key of its own.")
    metrics = parse_metrics(data["metrics"])
    for number, metric in enumerate(metrics):
        if metric.to_day >= DAYS:
            raise invalid_field(
                f"metrics.{number}.to_day",
                f"The baseline has {DAYS} days. Use retention of a shorter time for the plan.",
            )
    everybody = (("everybody", 1.0),)
    query = EventQuery(request.project_id, span)
    return SamplePlan(
        ExperimentPlan(query, "", everybody, metrics, DEFAULT_PLANNED_SAMPLE, span.end),
        parse_event_selector({"event": data["entry_event"]}, "entry_event"),
        tuple((one["key"], one["share"]) for one in data["variants"]),
        data["smallest_effect"],
        data["power"],
        data["traffic"],
    )


def run_sample(plan: SamplePlan) -> ExperimentSampleResponse:
    """Return how many persons each metric needs, and how many days until they have come."""
    experiment = plan.experiment
    starts = interval_starts(experiment.query.time_range, "day")
    with open_query(experiment.query, starts) as context:
        [by_day] = active_persons(context, [plan.entry])
        whole = context.over(experiment.with_history)
        sums = read_baseline(whole, experiment, plan.entry, MAX_PERSONS)
    reached = cumulated(by_day, plan.traffic)
    metrics = [
        _sample(plan, metric, estimate(metric, one), reached)
        for metric, one in zip(experiment.metrics, sums, strict=True)
    ]
    needed = [one.required_persons for one in metrics if one.required_persons is not None]
    required = max(needed) if len(needed) == len(metrics) else None
    shares = [share for _, share in plan.variants]
    return ExperimentSampleResponse(
        **context.meta.fields("day"),
        metrics=metrics,
        persons_a_day=_persons_a_day(reached),
        required_persons=required,
        planned_sample=None
        if required is None
        else math.ceil(required * (shares[0] + min(shares[1:])) / sum(shares)),
        variants=[
            VariantSample(key, math.ceil(required * share / sum(shares)))
            for key, share in plan.variants
        ]
        if required is not None
        else [],
        days=None if required is None else days_until(required, reached),
    )


EXPERIMENT_SAMPLE = CachedQuery(
    "experiment sample", parse_sample, run_sample, ExperimentSampleResponse
)


def cumulated(by_day: Sequence[BitMap], traffic: float) -> list[float]:
    """Return how many persons an experiment would have had at the end of each day.

    Days before the first person are left out: a project of yesterday has had one day.
    """
    united = accumulate(by_day, lambda so_far, day: so_far | day)
    return [len(persons) * traffic for persons in united if persons]


def days_until(required: int, reached: Sequence[float]) -> int | None:
    """Return after how many days so many persons have come, at the traffic of the last days.

    Beyond these days as many come as were new on the last seven.

    Args:
        required: persons of all variants.
        reached: persons at the end of each day.

    Returns:
        None where it takes more than ``MAX_DAYS``.
    """
    for number, persons in enumerate(reached):
        if persons >= required:
            return number + 1
    rate = _persons_a_day(reached)
    if rate <= 0:
        return None
    days = len(reached) + math.ceil((required - reached[-1]) / rate)
    return days if days <= MAX_DAYS else None


def _persons_a_day(reached: Sequence[float]) -> float:
    if not reached:
        return 0.0
    recent = min(RECENT_DAYS, len(reached))
    before = reached[-recent - 1] if len(reached) > recent else 0.0
    return (reached[-1] - before) / recent


def _sample(
    plan: SamplePlan, metric: ExperimentMetric, found: Estimate, reached: Sequence[float]
) -> MetricSample:
    baseline, variance = float(found.mean), float(found.variance)
    effect = baseline * plan.smallest_effect
    changed = variance
    if metric.is_share:
        # A share above 1 does not exist; its variance follows from it.
        effect = min(effect, 1 - baseline)
        changed = (baseline + effect) * (1 - baseline - effect)
    is_known = math.isfinite(baseline) and variance > 0 and effect != 0
    # A sample is a number: values that cancel out to a mean of 1e-200 have no smallest effect.
    is_known = is_known and (variance + changed) / effect / effect < _MAX_SAMPLE
    required, single = (
        _of_all_variants(plan, effect, (variance, changed), is_sequential=looks)
        if is_known
        else None
        for looks in (True, False)
    )
    return MetricSample(
        metric.name,
        int(found.n),
        baseline if math.isfinite(baseline) else None,
        effect if is_known else None,
        required,
        single,
        None if required is None else days_until(required, reached),
    )


def _of_all_variants(
    plan: SamplePlan, effect: float, variances: tuple[float, float], *, is_sequential: bool
) -> int:
    """Return how many persons all variants need, so that each treatment has its sample."""
    control, *treatments = (share for _, share in plan.variants)
    total = control + sum(treatments)
    return max(
        math.ceil(
            required_sample(
                effect, variances, (control, share), power=plan.power, is_sequential=is_sequential
            )
            * total
            / (control + share)
        )
        for share in treatments
    )
