"""Key metrics with everything that is shown of them, counted in one snapshot.

All figures of a screen come from one answer, so that they agree: the values of the range and of the
period before it, both by interval, the last days, the record, and what the interval in progress is
expected to reach.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, TypeVar

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.ratios import change_in_percent
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.events import EventQuery
from services.query.parsing.previous_period import (
    NONE,
    Comparison,
    PairedIntervals,
    pair_intervals,
)
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import (
    TimeRange,
    interval_starts,
    start_of_quarter_hour,
)
from services.query.sources.daily_history import DailyHistory, daily_history
from services.query.sources.expected_value import ExpectedValue, expected_value
from services.query.sources.goal_metrics import GoalLine, GoalMetric, read_goal_metric
from services.query.sources.key_metrics import METRIC_NAMES, MetricLine, MetricName, read_metric
from services.query.sources.weekday_history import earlier_intervals
from shared.responses import Doc, LocalDate, Timestamp

RECENT_DAYS = 30
_EXPECTED_OF = frozenset(METRIC_NAMES) - {"new_users"}
_Line = TypeVar("_Line", MetricLine, GoalLine)


@dataclass(frozen=True, slots=True)
class KeyMetricsPlan:
    """Which metrics of which events, in which interval, compared with what."""

    query: EventQuery
    metrics: tuple[MetricName | GoalMetric, ...]
    interval: str
    compare: Comparison | None
    reached: datetime
    """The current instant, cut to its quarter hour."""


@dataclass(frozen=True, slots=True)
class MetricRecord:
    """The highest value of a complete local day, and the first day that had it."""

    value: int
    date: LocalDate


@dataclass(frozen=True, slots=True)
class PreviousValue:
    """A metric in the period that the range is compared with."""

    value: float
    change: Annotated[float | None, Doc("In percent; null: the previous value was 0.")]
    series: Annotated[list[float | None], Doc("Beside those of the range; null: no counterpart.")]


@dataclass(frozen=True, slots=True)
class KeyMetric:
    """One metric: its value, its course, its record."""

    metric: Annotated[str, Doc("As the request names it.", example="unique_users")]
    value: Annotated[
        float, Doc("Of the whole range; a person is counted once, not once an interval.")
    ]
    series: Annotated[list[float], Doc("One for each interval.")]
    previous: Annotated[PreviousValue | None, Doc("Null: no comparison was requested.")]
    days: Annotated[
        list[int] | None,
        Doc("The last 30 local days, of which today is the last; null: as record."),
    ]
    record: Annotated[
        MetricRecord | None,
        Doc(
            "Null: there was nothing before today, the request has filters, many days are not "
            "sealed yet, or it is of a goal."
        ),
    ]
    expected: Annotated[
        ExpectedValue | None,
        Doc(
            "Of the interval in progress, an hour or a day, by its end. Null: there are fewer than "
            "three earlier weeks, the request has filters, or it is of a goal."
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMetricsResponse(InsightResponse):
    """Key metrics, counted in one snapshot."""

    interval: IntervalName
    dates: Annotated[list[Timestamp], Doc("Start of each interval.")]
    in_progress: Annotated[int | None, Doc("Index of the interval in progress; null: none is.")]
    previous_from: Annotated[Timestamp | None, Doc("Null: no comparison was requested.")]
    previous_to: Annotated[Timestamp | None, Doc("Null: no comparison was requested.")]
    previous_dates: Annotated[
        list[Timestamp] | None, Doc("Start of each interval, beside those of the range.")
    ]
    metrics: list[KeyMetric]


def parse_key_metrics(request: UntypedRequest) -> KeyMetricsPlan:
    """Parse a request for key metrics.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = request.event_query_of_url()
    time_range, now = query.time_range, request.now
    compare = None if request.data["compare"] == NONE else request.comparison(time_range)
    return KeyMetricsPlan(
        query,
        _parse_metrics(request) if request.data["metric"] else METRIC_NAMES,
        request.interval(time_range),
        compare,
        start_of_quarter_hour(now),
    )


def run_key_metrics(plan: KeyMetricsPlan) -> KeyMetricsResponse:
    """Return each metric with its series, its previous period, its last days and its record."""
    time_range = plan.query.time_range
    starts = interval_starts(time_range, plan.interval)
    compare = plan.compare
    paired = None if compare is None else pair_intervals(compare, plan.interval)
    with open_query(plan.query, starts) as context:
        history = daily_history(context, plan.reached)
        metrics = [
            _of_goal(context, metric, compare, paired)
            if isinstance(metric, GoalMetric)
            else _of_project(context, plan, metric, paired, history)
            for metric in plan.metrics
        ]
    return KeyMetricsResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        dates=[start.isoformat() for start in starts],
        in_progress=_in_progress(starts, time_range, plan.reached),
        previous_from=None if compare is None else compare.previous.start.isoformat(),
        previous_to=None if compare is None else compare.previous.end.isoformat(),
        previous_dates=None if paired is None else [one.isoformat() for one in paired.dates],
        metrics=metrics,
    )


KEY_METRICS = CachedQuery("key metrics", parse_key_metrics, run_key_metrics, KeyMetricsResponse)


def _parse_metrics(request: UntypedRequest) -> tuple[MetricName | GoalMetric, ...]:
    """Return the metrics in the order of the request, without those that a goal no longer has."""
    goals = {goal.id: (goal, selector) for goal, selector in request.data["goals"]}
    metrics: list[MetricName | GoalMetric] = []
    for name in dict.fromkeys(request.data["metric"]):
        kind, _, goal_id = name.partition(":")
        if not goal_id:
            metrics.append(name)
        elif int(goal_id) in goals:
            goal, selector = goals[int(goal_id)]
            if kind == "goal":
                metrics.append(GoalMetric(name, selector, None))
            elif goal.value_property is not None:
                metrics.append(GoalMetric(name, selector, goal.value_property))
    return tuple(metrics)


def _of_project(
    context: QueryContext,
    plan: KeyMetricsPlan,
    metric: MetricName,
    paired: PairedIntervals | None,
    history: DailyHistory | None,
) -> KeyMetric:
    line, previous = _compared(context, plan.compare, paired, lambda one: read_metric(one, metric))
    days = None if history is None else history.read(metric)
    return KeyMetric(
        metric,
        line.total,
        [*line.values],
        previous,
        None if days is None else days[-RECENT_DAYS:],
        None if history is None or days is None else _record(history, days),
        _expected(context, plan, metric, line),
    )


def _of_goal(
    context: QueryContext,
    metric: GoalMetric,
    compare: Comparison | None,
    paired: PairedIntervals | None,
) -> KeyMetric:
    line, previous = _compared(context, compare, paired, lambda one: read_goal_metric(one, metric))
    return KeyMetric(metric.name, line.total, [*line.values], previous, None, None, None)


def _compared(
    context: QueryContext,
    compare: Comparison | None,
    paired: PairedIntervals | None,
    read: Callable[[QueryContext], _Line],
) -> tuple[_Line, PreviousValue | None]:
    """Read a metric of the range, and of the period that it is compared with; None: of none."""
    line = read(context)
    if compare is None or paired is None:
        return line, None
    before = read(context.over(compare.previous, paired.starts))
    values: list[float | None] = [
        None if one is None else before.values[one] for one in paired.indexes
    ]
    change = change_in_percent(line.total, before.total)
    return line, PreviousValue(before.total, change, values)


def _in_progress(starts: Sequence[datetime], time_range: TimeRange, now: datetime) -> int | None:
    """Return the index of the interval that contains the instant, or None."""
    return bisect_right(starts, now) - 1 if starts[0] <= now < time_range.end else None


def _record(history: DailyHistory, days: list[int]) -> MetricRecord | None:
    complete = days[:-1]
    value = max(complete, default=0)
    if not value:
        return None
    return MetricRecord(value, history.starts[complete.index(value)].date().isoformat())


def _expected(
    context: QueryContext,
    plan: KeyMetricsPlan,
    metric: MetricName,
    line: MetricLine,
) -> ExpectedValue | None:
    in_progress = _in_progress(context.starts, plan.query.time_range, plan.reached)
    if (
        in_progress is None
        or plan.query.is_filtered
        or metric not in _EXPECTED_OF
        or plan.interval not in {"hour", "day"}
    ):
        return None
    zone, start = plan.query.time_range.zone, context.starts[in_progress]
    span = TimeRange(start, start + timedelta(days=2), zone)
    interval = TimeRange(start, interval_starts(span, plan.interval)[1], zone)
    if interval.end > plan.query.time_range.end or start < plan.query.time_range.start:
        return None
    reached = max(start, plan.reached.astimezone(zone))
    earlier = earlier_intervals(context, metric, interval, reached)
    by_now = 0
    if reached > start:
        by_now = read_metric(context.over(TimeRange(start, reached, zone)), metric).total
    return expected_value(by_now, line.values[in_progress], earlier)
