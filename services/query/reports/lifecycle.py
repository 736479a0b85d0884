"""Lifecycle: each interval's persons as new, returning or resurrecting, and those who left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.context import ResultMeta, open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.insight_request import AnyEvent, IntervalRequest
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import TimeRange, add_elapsed, interval_starts
from services.query.sources.active_persons import (
    PersonsByInterval,
    active_before,
    active_persons,
)
from shared.responses import Doc, Timestamp

STATES = ("new", "returning", "resurrecting", "dormant")


class LifecycleRequest(IntervalRequest):
    """A lifecycle query."""

    event: AnyEvent


@dataclass(frozen=True, slots=True)
class LifecyclePlan:
    """The lifecycle of the persons with any event, or with one."""

    query: EventQuery
    selector: EventSelector
    interval: str


@dataclass(frozen=True, slots=True)
class LifecycleSeries:
    """The persons in one state, by interval."""

    label: Annotated[str, Doc("The state.", choices=STATES)]
    dates: Annotated[list[Timestamp], Doc("Start of each interval.")]
    values: Annotated[list[int], Doc("Persons in each interval; dormant ones count below zero.")]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LifecycleResponse(InsightResponse):
    """New, returning, resurrecting and dormant persons over time."""

    interval: IntervalName
    series: list[LifecycleSeries]


def parse_lifecycle(request: QueryRequest[LifecycleRequest]) -> LifecyclePlan:
    """Parse a request for a lifecycle.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = request.event_query()
    return LifecyclePlan(query, request.selector("event"), request.interval(query.time_range))


def run_lifecycle(plan: LifecyclePlan) -> LifecycleResponse:
    """Return persons by interval and state.

    new: never active before. returning: active in the interval before. resurrecting: active
    earlier, but not in the interval before. dormant (negative): active in the interval before,
    not in this one. What a range that begins inside an interval leaves out of it belongs to the
    interval before.
    """
    persons, known, meta = _read_persons(plan)
    lines: dict[str, list[int]] = {state: [] for state in STATES}
    for previous, present in pairwise(persons):
        known |= previous
        # Counted without making a bitmap of each state. Who was active before is known, too.
        returning = present.intersection_cardinality(previous)
        returned = present.intersection_cardinality(known)
        lines["new"].append(len(present) - returned)
        lines["returning"].append(returning)
        lines["resurrecting"].append(returned - returning)
        lines["dormant"].append(returning - len(previous))
    starts = interval_starts(plan.query.time_range, plan.interval)
    dates = [start.isoformat() for start in starts]
    series = [LifecycleSeries(state, dates, lines[state], sum(lines[state])) for state in STATES]
    return LifecycleResponse(**meta.fields(plan.interval), interval=plan.interval, series=series)


def read_states(plan: LifecyclePlan) -> tuple[dict[str, PersonsByInterval], ResultMeta]:
    """Return the persons in each state, by interval, and the metadata of the query."""
    persons, known, meta = _read_persons(plan)
    states: dict[str, PersonsByInterval] = {state: [] for state in STATES}
    for previous, present in pairwise(persons):
        known |= previous
        states["new"].append(present - known)
        states["returning"].append(present & previous)
        states["resurrecting"].append((present & known) - previous)
        states["dormant"].append(previous - present)
    return states, meta


def _read_persons(plan: LifecyclePlan) -> tuple[PersonsByInterval, BitMap, ResultMeta]:
    """Return the persons of the interval before the range and of each in it; those from before."""
    time_range = plan.query.time_range
    starts = interval_starts(time_range, plan.interval)
    # The interval before the first decides who returned, and who became dormant, in the first.
    second_before = add_elapsed(starts[0], timedelta(seconds=-1))
    just_before = TimeRange(second_before, starts[0], time_range.zone)
    before = interval_starts(just_before, plan.interval)[0]
    extended = TimeRange(before, time_range.end, time_range.zone)
    with open_query(plan.query) as query:
        first = max(starts[0], time_range.start, key=datetime.timestamp)
        context = query.over(extended, [before, first, *starts[1:]])
        [persons] = active_persons(context, [plan.selector])
        known = active_before(context, plan.selector)
    return persons, known, context.meta


INSIGHT = Insight(
    kind="lifecycle",
    summary="Count new, returning, resurrecting and dormant persons over time.",
    request=LifecycleRequest,
    parse=parse_lifecycle,
    run=run_lifecycle,
    response=LifecycleResponse,
)
