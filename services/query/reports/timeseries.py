"""Events over time, every interval present."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import IntervalName, IsOther, QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import interval_starts
from services.query.sources.event_counts import count_by_interval, count_by_name_and_interval
from shared.responses import Doc, Timestamp

MAX_SERIES = 10
ALL = "All events"
Lines = list[tuple[str | None, list[int]]]


@dataclass(frozen=True, slots=True)
class TimeseriesPlan:
    """Which events, in which interval."""

    query: EventQuery
    interval: str
    event_names: tuple[str, ...] = ()
    """Empty: all events."""
    split_by_name: bool = False


def parse_timeseries(request: UntypedRequest) -> TimeseriesPlan:
    """Parse a request for events over time.

    Raises:
        Unprocessable: names the invalid field.
    """
    data, query = request.data, request.event_query_of_url()
    return TimeseriesPlan(
        query,
        request.interval(query.time_range),
        tuple(data["event_name"]),
        data["split"] is not None,
    )


@dataclass(frozen=True, slots=True)
class TimeseriesSeries:
    """The events of one name, of all names, or of all other names, by interval."""

    label: Annotated[str | None, Doc("Null: all other names together.")]
    dates: Annotated[list[Timestamp], Doc("Start of each interval.")]
    values: Annotated[list[int], Doc("Number of events in each interval.")]
    total: int
    is_other: IsOther = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeseriesResponse(QueryResponse):
    """Events over time."""

    interval: IntervalName
    series: list[TimeseriesSeries]


def run_timeseries(plan: TimeseriesPlan) -> TimeseriesResponse:
    """Return one series, or one for each of the most frequent names and one for all others."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    lines: Lines
    with open_query(plan.query, starts) as context:
        if plan.split_by_name:
            lines = _limit(count_by_name_and_interval(context, plan.event_names))
        else:
            lines = [(ALL, count_by_interval(context, plan.event_names))]
    dates = [start.isoformat() for start in starts]
    series = [
        TimeseriesSeries(label, dates, values, sum(values), is_other=label is None)
        for label, values in lines
    ]
    return TimeseriesResponse(
        **context.meta.fields(plan.interval), interval=plan.interval, series=series
    )


TIMESERIES = CachedQuery("timeseries", parse_timeseries, run_timeseries, TimeseriesResponse)


def _limit(lines: dict[str, list[int]]) -> Lines:
    """Return the most frequent names, and the sum of the others: hundreds of lines are no chart."""
    ranked = sorted(lines.items(), key=lambda item: (-sum(item[1]), item[0]))
    if len(ranked) <= MAX_SERIES:
        return [*ranked]
    others = [line for _, line in ranked[MAX_SERIES:]]
    return [*ranked[:MAX_SERIES], (None, [sum(column) for column in zip(*others, strict=True)])]
