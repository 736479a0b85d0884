"""Stickiness: on how many of the range's days (weeks, months) persons were active."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from services.query.execution.context import open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.events import EventQuery, EventSelector, parse_event_selector
from services.query.parsing.insight_request import MAX_SERIES, IntervalRequest, Selector
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.sources.active_persons import active_persons, persons_by_frequency
from shared.requests import Param
from shared.responses import Doc


class StickinessRequest(IntervalRequest):
    """A stickiness query."""

    series: Annotated[
        list[Selector], Param(default=[{"event": None}], minimum=1, maximum=MAX_SERIES)
    ]


@dataclass(frozen=True, slots=True)
class StickinessPlan:
    """The stickiness of one or more events."""

    query: EventQuery
    series: tuple[EventSelector, ...]
    interval: str


@dataclass(frozen=True, slots=True)
class StickinessSeries:
    """The persons with one event, by the number of intervals they were active in."""

    label: str
    event: Annotated[str | None, Doc("Null: any event.")]
    values: Annotated[list[int], Doc("Persons active in exactly 1, 2, 3 … intervals.")]
    at_least: Annotated[list[int], Doc("Persons active in at least 1, 2, 3 … intervals.")]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StickinessResponse(InsightResponse):
    """Persons by the number of intervals they were active in."""

    interval: IntervalName
    intervals: Annotated[int, Doc("Number of intervals in the range.")]
    series: list[StickinessSeries]


def parse_stickiness(request: QueryRequest[StickinessRequest]) -> StickinessPlan:
    """Parse a request for stickiness.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = request.event_query()
    selectors = tuple(
        parse_event_selector(raw, f"series.{index}")
        for index, raw in enumerate(request.data["series"])
    )
    interval = request.data["interval"] or "day"
    interval_starts(query.time_range, interval)
    return StickinessPlan(query, selectors, interval)


def run_stickiness(plan: StickinessPlan) -> StickinessResponse:
    """Return by series: ``values[n - 1]`` persons were active in exactly n intervals."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    with open_query(plan.query, starts) as context:
        found = active_persons(context, plan.series)
    series = []
    for selector, persons in zip(plan.series, found, strict=True):
        values = np.array([len(group) for group in persons_by_frequency(persons)[1:]])
        series.append(
            StickinessSeries(
                label=selector.label,
                event=selector.event,
                values=values.tolist(),
                at_least=values[::-1].cumsum()[::-1].tolist(),
                total=int(values.sum()),
            )
        )
    return StickinessResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        intervals=len(starts),
        series=series,
    )


INSIGHT = Insight(
    kind="stickiness",
    summary="Count persons by the number of intervals they are active in.",
    request=StickinessRequest,
    parse=parse_stickiness,
    run=run_stickiness,
    response=StickinessResponse,
)
