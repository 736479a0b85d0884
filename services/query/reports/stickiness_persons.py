"""The persons behind a bar of stickiness: those active in so many intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.context import open_query
from services.query.execution.figure import Figure, FoundPersons, PersonsPage, found
from services.query.parsing.errors import invalid_field
from services.query.parsing.insight_request import MAX_SERIES
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.reports.stickiness import (
    StickinessPlan,
    StickinessRequest,
    parse_stickiness,
)
from services.query.sources.active_persons import active_persons, persons_by_frequency
from shared.requests import Param


class StickinessPersonsRequest(StickinessRequest, PersonsPage):
    """A stickiness query and one of its bars."""

    series_index: Annotated[int, Param("From 0.", default=0, minimum=0, maximum=MAX_SERIES - 1)]
    times: Annotated[
        int | None,
        Param("Active in exactly so many intervals. Null: in any.", default=None, minimum=1),
    ]
    at_least: Annotated[bool, Param("Active in so many intervals or more.", default=False)]


@dataclass(frozen=True, slots=True)
class StickinessPersonsPlan:
    """Which bar of which stickiness."""

    stickiness: StickinessPlan
    series_index: int
    times: int
    at_least: bool


def parse_stickiness_persons(
    request: QueryRequest[StickinessPersonsRequest],
) -> StickinessPersonsPlan:
    """Parse a request for the persons behind a bar of stickiness.

    Raises:
        Unprocessable: names the invalid field.
    """
    plan, data = parse_stickiness(request), request.data
    if data["series_index"] >= len(plan.series):
        raise invalid_field(
            "series_index", f"Use a series of the query: 0 to {len(plan.series) - 1}."
        )
    intervals = len(interval_starts(plan.query.time_range, plan.interval))
    if (data["times"] or 1) > intervals:
        raise invalid_field("times", f"The range has {intervals} intervals. Use at most as many.")
    at_least = data["at_least"] or data["times"] is None
    return StickinessPersonsPlan(plan, data["series_index"], data["times"] or 1, at_least)


def run_stickiness_persons(plan: StickinessPersonsPlan) -> FoundPersons:
    """Return the persons who were active in so many intervals."""
    starts = interval_starts(plan.stickiness.query.time_range, plan.stickiness.interval)
    with open_query(plan.stickiness.query, starts) as context:
        [by_interval] = active_persons(context, [plan.stickiness.series[plan.series_index]])
        groups = persons_by_frequency(by_interval)[plan.times :]
        return found(context.meta, BitMap.union(*groups) if plan.at_least else groups[0])


STICKINESS_PERSONS = Figure(
    "stickiness", StickinessPersonsRequest, parse_stickiness_persons, run_stickiness_persons
)
